//! What a figure depends on: machine, disk, versions, durability.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use kontor_tests::databases::{block_on, connect};
use kontor_tests::postgres::Cluster;
use sea_orm::{ConnectionTrait, Statement};

/// Names and values, in the order they are printed.
pub fn read(folder: &Path, cluster: &Cluster) -> Vec<(&'static str, String)> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let durability = ["fsync", "synchronous_commit", "full_page_writes", "wal_sync_method"]
        .map(|name| format!("{name}={}", cluster.setting(name)));
    vec![
        ("machine", format!("{cores} cores, {}", processor())),
        ("system", said("uname", &["-srm"])),
        ("load before", fs::read_to_string("/proc/loadavg").unwrap_or_default().trim().to_owned()),
        ("disk", format!("{}, one fsync takes {:.2} ms", file_system(folder), fsync_ms(folder))),
        ("compiler", said("rustc", &["--version"])),
        ("PostgreSQL", format!("{}, {}", cluster.setting("server_version"), durability.join(", "))),
        ("SQLite", format!("{}, journal and synchronous as Kontor sets them", sqlite_version(folder))),
    ]
}

fn processor() -> String {
    let listed = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = listed.lines().find_map(|line| line.strip_prefix("model name"));
    name.map_or_else(
        || said("sysctl", &["-n", "machdep.cpu.brand_string"]),
        |name| name.replace(['\t', ':'], "").trim().to_owned(),
    )
}

fn file_system(folder: &Path) -> String {
    said("findmnt", &["-n", "-o", "FSTYPE", "-T", &folder.to_string_lossy()])
}

fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or_else(|_| "unknown".to_owned(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The mean of a hundred small writes, each made durable: on a disk that lies it is far below a millisecond.
fn fsync_ms(folder: &Path) -> f64 {
    let path = folder.join("fsync");
    let mut file = fs::File::create(&path).expect("the folder is writable");
    let started = Instant::now();
    for _ in 0..100 {
        file.write_all(&[0; 4096]).expect("the folder takes 400 kB");
        file.sync_data().expect("the folder is on a disk");
    }
    let mean = started.elapsed().as_secs_f64() * 1000.0 / 100.0;
    let _ = fs::remove_file(path);
    mean
}

fn sqlite_version(folder: &Path) -> String {
    block_on(async {
        let database = connect(&format!("sqlite:{}?mode=rwc", folder.join("version.db").display())).await;
        let statement = Statement::from_string(database.get_database_backend(), "SELECT sqlite_version()");
        let row = database.query_one_raw(statement).await.ok().flatten();
        row.and_then(|row| row.try_get_by_index(0).ok()).unwrap_or_default()
    })
}
