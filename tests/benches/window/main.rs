//! `make bench-window`: how long a person waits at the real window, with long lists, on both databases, and how much memory
//! the window holds.
//!
//! The program measured is the one that `KONTOR_DESKTOP` names, the demo is made by `KONTOR_BIN`. Times are taken in the
//! page, from the press of a key to the picture after the answer, so that the driver does not count.
//! `KONTOR_BENCH_SIZES=10000,1000000` and `KONTOR_BENCH_DIR` (default `/var/tmp`) change what is measured and where; a demo
//! that is there already under its name is used as it is.

mod actions;
mod demo;
mod memory;

#[expect(dead_code, unused_imports, reason = "a bench needs less of it than the flows do")]
#[path = "../../window/harness/mod.rs"]
mod harness;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use kontor_tests::databases::block_on;
use kontor_tests::postgres::Cluster;
use serde_json::Value;

use crate::actions::{ACTIONS, Action};
use crate::harness::{Opening, Window};

/// How often each action is done, an even number, since some are there and back; what is told is the middle and the slowest.
const TIMES: usize = 6;
/// Documents that are looked at before memory is measured.
const PREVIEWS: usize = 100;

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let base = std::env::var_os("KONTOR_BENCH_DIR").map_or_else(|| PathBuf::from("/var/tmp"), PathBuf::from);
    let cluster = Cluster::start_in(&base);
    println!("{:<34}{:>10}{:>12}{:>12}", "what", "rows", "middle", "slowest");
    for size in sizes() {
        let makers: [&dyn Fn() -> demo::Demo; 2] = [&|| demo::sqlite(&base, size), &|| demo::postgres(&cluster, size)];
        for make in makers {
            let database = make();
            println!("-- {} of {size} registrations", database.name);
            block_on(measure(&database, size));
        }
    }
}

async fn measure(database: &demo::Demo, size: usize) {
    let begun = Instant::now();
    // The renderer that people get; the driver's pictures, which need another one, are not taken here.
    let environment = vec![("WEBKIT_DISABLE_DMABUF_RENDERER".to_owned(), "1".to_owned())];
    let window = Window::at(&database.place, &Value::Null, Opening { environment, ..Opening::default() }).await;
    window.see("nav").await;
    window.keys("Ctrl+2").await;
    window.see("[role=row][data-index]").await;
    line("cold start to first rows", size, &[begun.elapsed()]);
    let at_start = memory::pss(&window);
    for action in ACTIONS {
        let (shown, counted) = repeat(&window, action).await;
        line(action.name, size, &shown);
        line("  until they are counted", size, &counted);
    }
    let previewed = previews(&window, size).await;
    println!(
        "{:<34}{size:>10}  start {at_start} MB, after {PREVIEWS} previews {} MB, after {} {} MB",
        "memory (PSS)",
        previewed.0,
        PREVIEWS * 2,
        previewed.1
    );
    drop(window.close().await);
}

async fn repeat(window: &Window, action: &Action) -> (Vec<Duration>, Vec<Duration>) {
    let (mut shown, mut counted) = (Vec::with_capacity(TIMES), Vec::with_capacity(TIMES));
    for turn in 0..TIMES {
        let [rows, number] = action.time(window, turn).await;
        shown.push(rows);
        counted.push(number);
    }
    (shown, counted)
}

/// Looks at documents one after the other, and measures memory half way and at the end.
async fn previews(window: &Window, size: usize) -> (u64, u64) {
    let first = actions::open_first_invoice(window).await;
    line("first preview", size, &[first]);
    let mut times = Vec::new();
    let mut memory = Vec::new();
    for _ in 0..2 {
        for _ in 0..PREVIEWS {
            times.push(actions::next_invoice(window).await);
        }
        memory.push(memory::pss(window));
    }
    line("next preview (key to picture)", size, &times);
    (memory[0], memory[1])
}

fn line(what: &str, size: usize, times: &[Duration]) {
    let mut sorted = times.to_vec();
    sorted.sort();
    let (middle, slowest) = (sorted[sorted.len() / 2], sorted[sorted.len() - 1]);
    println!("{what:<34}{size:>10}{:>9} ms{:>9} ms", middle.as_millis(), slowest.as_millis());
}

fn sizes() -> Vec<usize> {
    let given = std::env::var("KONTOR_BENCH_SIZES").unwrap_or_else(|_| "10000,1000000".to_owned());
    given.split(',').map(|size| size.trim().parse().expect("KONTOR_BENCH_SIZES holds whole numbers")).collect()
}
