//! Progress: a bar on a terminal, plain lines elsewhere.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kontor::run::{self, Progress};
use kontor::store::Store;
use uuid::Uuid;

use crate::output::{Output, count};

/// A plain line is written this often.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Shows one number rising.
#[derive(Debug)]
pub struct Meter {
    bar: ProgressBar,
    label: &'static str,
    last_line: Instant,
}

impl Meter {
    /// A meter up to `total`; zero when the total is not known.
    pub fn new(label: &'static str, total: u64) -> Self {
        let bar = if Output::is_watched() { ProgressBar::new(total) } else { ProgressBar::hidden() };
        bar.set_draw_target(if Output::is_watched() {
            ProgressDrawTarget::stderr_with_hz(4)
        } else {
            ProgressDrawTarget::hidden()
        });
        let template = "{prefix} {bar:30} {human_pos} of {human_len}  {msg}";
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_prefix(label);
        Self { bar, label, last_line: Instant::now() }
    }

    /// Shows where it stands.
    pub fn show(&mut self, done: u64, total: u64, message: &str) {
        self.bar.set_length(total);
        self.bar.set_position(done);
        self.bar.set_message(message.to_owned());
        if !Output::is_watched() && self.last_line.elapsed() >= LINE_EVERY {
            self.last_line = Instant::now();
            Output::remark(&format!("{}: {} of {}  {message}", self.label, count(done), count(total)));
        }
    }

    /// Takes the bar away.
    pub fn close(&self) {
        self.bar.finish_and_clear();
    }
}

/// Follows a run until the future ends; the rows tell, so it works whoever does the work.
pub async fn follow<T>(store: &Store, id: Uuid, work: impl Future<Output = T>) -> T {
    let mut meter = Meter::new("Invoices", 0);
    let at_least = if Output::is_watched() { Duration::from_millis(250) } else { LINE_EVERY };
    let mut pause = at_least;
    tokio::pin!(work);
    let outcome = loop {
        tokio::select! {
            outcome = &mut work => break outcome,
            () = tokio::time::sleep(pause) => {
                let asked = Instant::now();
                if let Ok(progress) = run::progress(store, id).await {
                    let total = u64::try_from(progress.total).unwrap_or(0);
                    meter.show(u64::try_from(progress.ended()).unwrap_or(0), total, &remark(&progress));
                }
                // Looking must not slow the work down: a long count is asked for less often.
                pause = at_least.max(asked.elapsed() * 20);
            }
        }
    };
    meter.close();
    outcome
}

fn remark(progress: &Progress) -> String {
    let mut parts = Vec::new();
    if progress.failed > 0 {
        parts.push(format!("{} failed", count(progress.failed)));
    }
    if progress.put_off > 0 {
        parts.push(format!("{} put off, tried again", count(progress.put_off)));
    }
    if let Some(rate) = progress.per_minute {
        parts.push(format!("{rate:.0}/min"));
    }
    if let Some(left) = progress.seconds_left {
        parts.push(if left < 90.0 {
            format!("about {left:.0} s left")
        } else {
            format!("about {:.0} min left", left / 60.0)
        });
    }
    parts.join(", ")
}
