//! One table for people, and the same as JSON in `bench.json` of the target folder.

use std::path::Path;

use serde_json::{Value, json};

/// Invoices per second that the whole run is to reach on two cores.
const AIM_RATE: f64 = 280.0;
/// How many times faster than the `WeasyPrint` script.
const AIM_RATIO: f64 = 10.0;
/// Most time for ten times the invoices.
const AIM_SCALE: f64 = 10.5;
/// Most time for the rerun of January's whole backlog by SMTP, in seconds.
const AIM_RERUN: f64 = 30.0;
/// Most memory, in bytes.
const AIM_PEAK: f64 = 300e6;

/// One line of the table.
#[derive(Debug)]
pub struct Measure {
    /// What was done.
    pub what: &'static str,
    /// How often.
    pub invoices: usize,
    /// From the start of the process to its end.
    pub seconds: f64,
    /// Largest resident memory of the process.
    pub peak_bytes: Option<u64>,
    /// Rows and messages found afterwards.
    pub counted: Vec<(&'static str, i64)>,
}

impl Measure {
    fn rate(&self) -> f64 {
        as_f64(self.invoices) / self.seconds
    }

    /// As a line of the table.
    pub fn line(&self) -> String {
        let peak = self.peak_bytes.map_or_else(|| "-".to_owned(), |bytes| format!("{:.0} MB", megabytes(bytes)));
        let counted: Vec<_> = self.counted.iter().map(|(name, count)| format!("{count} {name}")).collect();
        let line = format!(
            "{:<26}{:>9}{:>11.2}{:>12.1}{:>10}  {}",
            self.what,
            self.invoices,
            self.seconds,
            self.rate(),
            peak,
            counted.join(", ")
        );
        line.trim_end().to_owned()
    }

    fn json(&self) -> Value {
        let counted: serde_json::Map<_, _> =
            self.counted.iter().map(|(name, count)| ((*name).to_owned(), json!(count))).collect();
        json!({
            "what": self.what, "invoices": self.invoices, "seconds": self.seconds, "per_second": self.rate(),
            "peak_bytes": self.peak_bytes, "counted": counted,
        })
    }
}

/// Everything that was measured.
#[derive(Debug)]
pub struct Report {
    conditions: Vec<(&'static str, String)>,
    /// The lines so far.
    pub measures: Vec<Measure>,
}

impl Report {
    /// An empty report.
    pub const fn new(conditions: Vec<(&'static str, String)>) -> Self {
        Self { conditions, measures: Vec::new() }
    }

    /// Conditions and the head of the table.
    pub fn head(&self) -> String {
        let conditions: Vec<_> = self.conditions.iter().map(|(name, value)| format!("{name:<14}{value}")).collect();
        let columns = ["invoices", "seconds", "invoices/s", "peak"];
        let [invoices, seconds, rate, peak] = columns;
        format!(
            "{}\n\n{:<26}{invoices:>9}{seconds:>11}{rate:>12}{peak:>10}  counted afterwards",
            conditions.join("\n"),
            ""
        )
    }

    /// The aims, and whether they are met.
    pub fn foot(&self) -> String {
        let lines = self
            .aims()
            .into_iter()
            .map(|(aim, value, met)| format!("{:<7}{aim}: {value:.1}", if met { "met" } else { "MISSED" }));
        let note = "Peak is that of the program; PostgreSQL's own processes are not in it. Times include start and end of the process.";
        format!("{note}\n\n{}", lines.collect::<Vec<_>>().join("\n"))
    }

    /// Writes `bench.json` beside the build results.
    pub fn write(&self) {
        let conditions: serde_json::Map<_, _> =
            self.conditions.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let measures: Vec<_> = self.measures.iter().map(Measure::json).collect();
        let aims: Vec<_> = self
            .aims()
            .into_iter()
            .map(|(aim, value, met)| json!({ "aim": aim, "value": value, "met": met }))
            .collect();
        let report = json!({ "conditions": conditions, "measures": measures, "aims": aims });
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target folder");
        let path = target.join("bench.json");
        std::fs::write(&path, format!("{report:#}\n")).expect("the target folder is writable");
        println!("\nwritten to {}", path.display());
    }

    fn aims(&self) -> Vec<(String, f64, bool)> {
        let mut aims = Vec::new();
        let script = self.measures.iter().find(|measure| measure.what.starts_with("WeasyPrint")).map(Measure::rate);
        for what in ["whole run, SQLite", "whole run, PostgreSQL"] {
            let runs: Vec<_> = self.measures.iter().filter(|measure| measure.what == what).collect();
            let (Some(first), Some(last)) = (runs.first(), runs.last()) else { continue };
            aims.push((format!("{what}, at least {AIM_RATE} a second"), last.rate(), last.rate() >= AIM_RATE));
            if let Some(script) = script {
                let ratio = last.rate() / script;
                aims.push((format!("{what}, at least {AIM_RATIO} times the script"), ratio, ratio >= AIM_RATIO));
            }
            if last.invoices == first.invoices * 10 {
                let scale = last.seconds / first.seconds;
                aims.push((
                    format!("{what}, ten times the invoices in at most {AIM_SCALE} times the time"),
                    scale,
                    scale <= AIM_SCALE,
                ));
            }
            if let Some(peak) = runs.iter().filter_map(|measure| measure.peak_bytes).max().map(megabytes) {
                let limit = AIM_PEAK / 1e6;
                aims.push((format!("{what}, peak memory under {limit} MB"), peak, peak < limit));
            }
        }
        for measure in self.measures.iter().filter(|measure| measure.what.starts_with("rerun by SMTP")) {
            let aim = format!("{}, {} invoices in under {AIM_RERUN} s", measure.what, measure.invoices);
            aims.push((aim, measure.seconds, measure.seconds < AIM_RERUN));
        }
        aims
    }
}

fn as_f64(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

fn megabytes(bytes: u64) -> f64 {
    u32::try_from(bytes / 1000).map_or(f64::INFINITY, f64::from) / 1000.0
}
