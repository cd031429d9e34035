//! How runs are worked on, and how fast.

use clap::Args as ClapArgs;

/// How a run is worked on.
#[derive(Clone, Debug, ClapArgs)]
pub struct How {
    /// Stop before mailing
    #[arg(long, value_parser = ["archive", "deliver"], default_value = "deliver", value_name = "STEP")]
    pub until: String,
    /// Only put the run up; workers (`kontor work`) do it
    #[arg(long)]
    pub queue: bool,
    #[command(flatten)]
    pub pace: Pace,
}

/// How fast a worker goes.
#[derive(Clone, Debug, ClapArgs)]
pub struct Pace {
    /// Seconds that a claim holds without being renewed
    #[arg(long, default_value_t = 60.0, value_parser = positive)]
    pub lease: f64,
    /// Items claimed at once
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u64).range(1..=500))]
    pub batch: u64,
    /// Batches in hand at once
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=32))]
    pub lanes: u64,
    /// How often a mail that the server put off is tried again within the run
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=20))]
    pub retries: u32,
    /// Seconds until the first of these tries; each further one waits twice as long
    #[arg(long, default_value_t = 30.0, value_parser = positive)]
    pub backoff: f64,
    /// Seconds between two looks at stored documents of other hosts, drawn again to see whether they come out the same
    #[arg(long, default_value_t = 60.0, value_parser = positive)]
    pub canary: f64,
}

fn positive(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    if (0.1..=3_600.0).contains(&seconds) { Ok(seconds) } else { Err("between 0.1 and 3600 seconds".to_owned()) }
}
