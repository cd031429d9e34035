//! Memory of the window: the program and the webview's processes, each page of memory counted once (PSS).

use std::path::PathBuf;

use crate::harness::Window;

/// Megabytes held by the program that this window belongs to and by all processes below it.
pub fn pss(window: &Window) -> u64 {
    let parents: Vec<(u32, u32)> = processes().filter_map(|id| Some((id, parent(id)?))).collect();
    let mut family = vec![window.driver_id()];
    let mut at = 0;
    while at < family.len() {
        let children = parents.iter().filter(|(_, parent)| *parent == family[at]).map(|(id, _)| *id);
        family.extend(children.collect::<Vec<_>>());
        at += 1;
    }
    // The driver itself is the tester's.
    let kilobytes: u64 = family[1..].iter().filter_map(|id| of_process(*id)).sum();
    kilobytes / 1_000
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir("/proc").expect("Linux tells its processes");
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

fn parent(id: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(PathBuf::from(format!("/proc/{id}/stat"))).ok()?;
    // The name stands in brackets and may hold anything.
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn of_process(id: u32) -> Option<u64> {
    let rollup = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
    let line = rollup.lines().find(|line| line.starts_with("Pss:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
