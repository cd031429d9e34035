//! `make bench`: invoices per second from due to mailed, with the durability Kontor is shipped with, and beside it
//! what a script with `WeasyPrint` reaches from the same data.
//!
//! The program measured is the release build named by `KONTOR_BIN`, run as a process of its own. Afterwards rows and
//! messages are counted; a run that lost one fails the bench. `KONTOR_BENCH_SIZES=1000,10000` and `KONTOR_BENCH_DIR`
//! (default `/var/tmp`, which is a disk where `/tmp` may be memory) change what is measured and where.

mod conditions;
mod render;
mod report;
mod smtp;
mod weasyprint;
mod whole;

use std::path::PathBuf;

use kontor_tests::postgres::Cluster;

use crate::report::{Measure, Report};
use crate::whole::{Bench, Until};

/// January's backlog, as if all of it had failed.
const BACKLOG: usize = 8_532;
/// Invoices the `WeasyPrint` script draws; its rate does not depend on the number.
const SAMPLE: usize = 300;

fn main() {
    // `cargo test --benches` runs this too, without the flag.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let program = std::env::var_os("KONTOR_BIN").expect("KONTOR_BIN names the release build: use `make bench`");
    let base = std::env::var_os("KONTOR_BENCH_DIR").map_or_else(default_base, PathBuf::from);
    let cluster = Cluster::start_in(&base);
    let folder = tempfile::Builder::new().prefix("kontor-bench-").tempdir_in(&base).expect("the folder is writable");
    let bench = Bench { program: PathBuf::from(program), folder: folder.path(), cluster: &cluster };
    let mut report = Report::new(conditions::read(folder.path(), &cluster));
    println!("{}", report.head());
    for invoices in sizes() {
        for measure in measures(&bench, invoices) {
            println!("{}", measure.line());
            report.measures.push(measure);
        }
    }
    for measure in [bench.rerun_on_sqlite(BACKLOG), bench.rerun_on_postgres(BACKLOG)] {
        println!("{}", measure.line());
        report.measures.push(measure);
    }
    if let Some(measure) = weasyprint::run(&bench, SAMPLE) {
        println!("{}", measure.line());
        report.measures.push(measure);
    }
    println!("{}", report.foot());
    report.write();
}

fn measures<'a>(bench: &'a Bench<'_>, invoices: usize) -> impl Iterator<Item = Measure> + 'a {
    let steps: [Box<dyn Fn() -> Measure + 'a>; 4] = [
        Box::new(move || render::run(invoices)),
        Box::new(move || bench.sqlite(invoices, Until::Archived)),
        Box::new(move || bench.sqlite(invoices, Until::Delivered)),
        Box::new(move || bench.postgres(invoices)),
    ];
    steps.into_iter().map(|step| step())
}

fn sizes() -> Vec<usize> {
    let given = std::env::var("KONTOR_BENCH_SIZES").unwrap_or_else(|_| "1000,10000".to_owned());
    given.split(',').map(|size| size.trim().parse().expect("KONTOR_BENCH_SIZES holds whole numbers")).collect()
}

fn default_base() -> PathBuf {
    let disk = PathBuf::from("/var/tmp");
    if disk.is_dir() { disk } else { std::env::temp_dir() }
}
