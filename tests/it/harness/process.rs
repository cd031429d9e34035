//! Child processes: their output, their end, and kills. A shell stands in for the program.

use std::time::{Duration, Instant};

use kontor_tests::process::Kontor;

fn shell(script: &str) -> Kontor {
    Kontor::new("sh").args(["-c", script])
}

#[test]
fn output_and_exit_code_are_taken_apart() {
    let output = shell("echo '{\"done\": 3}'; echo careful >&2; exit 3").run().expect(3);
    assert_eq!(output.json()["done"], 3);
    assert_eq!(output.stderr, "careful\n");
    assert_eq!(output.signal, None);
}

#[test]
fn more_than_a_pipe_holds_does_not_block() {
    let output = shell("head -c 3000000 /dev/zero | tr '\\0' x").run().expect(0);
    assert_eq!(output.stdout.len(), 3_000_000);
}

#[test]
fn a_kill_hits_the_process_at_once() {
    let started = Instant::now();
    let output = shell("exec sleep 60").spawn().kill();
    assert_eq!((output.code, output.signal), (None, Some(9)));
    let output = shell("exec sleep 60").spawn().kill_after(Duration::from_millis(50));
    assert_eq!((output.code, output.signal), (None, Some(9)));
    assert!(started.elapsed() < Duration::from_secs(10));
    let output = shell("exit 0").spawn().kill_after(Duration::from_secs(10));
    assert_eq!((output.code, output.signal), (Some(0), None), "it ended before the kill");
}

#[test]
fn the_environment_of_the_tests_stays_outside() {
    let output = shell("echo \"${KONTOR_DB-}${FAILPOINTS-}\"").env("KONTOR_DB", "sqlite:x.db").run().expect(0);
    assert_eq!(output.stdout, "sqlite:x.db\n");
    let output = shell("echo \"$FAILPOINTS\"").failpoints("claim.before_commit=panic").run().expect(0);
    assert_eq!(output.stdout, "claim.before_commit=panic\n");
}

#[test]
#[should_panic(expected = "took longer than")]
fn a_child_that_hangs_fails_the_test() {
    shell("exec sleep 60").limit(Duration::from_millis(100)).run();
}

#[test]
#[cfg(target_os = "linux")]
fn peak_memory_is_that_of_the_child() {
    let output = shell("x=$(head -c 40000000 /dev/zero | tr '\\0' x); sleep 0.1; echo ${#x}").run().expect(0);
    assert_eq!(output.stdout, "40000000\n");
    let peak = output.peak_bytes.expect("Linux tells");
    assert!((40_000_000..400_000_000).contains(&peak), "{peak}");
}
