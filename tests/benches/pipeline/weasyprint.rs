//! The comparison: `weasyprint/invoice_run.py` on the same data, in the virtual environment that `make bench` made.

use std::path::{Path, PathBuf};

use kontor_tests::process::Kontor;

use crate::report::Measure;
use crate::whole::{Bench, PERIOD};

/// Runs the script over this many due invoices; `None` where there is no Python for it.
pub fn run(bench: &Bench<'_>, invoices: usize) -> Option<Measure> {
    let Some(python) = std::env::var_os("KONTOR_BENCH_PYTHON").map(PathBuf::from).filter(|path| path.exists()) else {
        println!("WeasyPrint is not measured: KONTOR_BENCH_PYTHON names no Python. `make bench` sets it.");
        return None;
    };
    let folder = bench.fresh("weasyprint");
    let (database, outbox) = (folder.join("kontor.db"), folder.join("outbox"));
    bench.create(&format!("sqlite:{}", database.display()), invoices);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/weasyprint/invoice_run.py");
    let call = Kontor::new(python).args([&script, &database]).args([PERIOD]).args([&outbox]);
    let output = call.env("PYTHONDONTWRITEBYTECODE", "1").run().expect(0);
    let said = output.json();
    if said["fast_subsetter"] != true {
        println!("WeasyPrint found no libharfbuzz-subset and subsets fonts in Python, which is several times slower.");
    }
    let mails = std::fs::read_dir(&outbox).into_iter().flatten().count();
    assert_eq!(mails, invoices, "the script wrote a mail for each invoice");
    let counted = vec![("messages", i64::try_from(mails).unwrap_or(i64::MAX))];
    let _ = std::fs::remove_dir_all(folder);
    // Memory is that of the first of several processes only, so it is not shown.
    Some(Measure {
        what: "WeasyPrint script",
        invoices,
        seconds: output.elapsed.as_secs_f64(),
        peak_bytes: None,
        counted,
    })
}
