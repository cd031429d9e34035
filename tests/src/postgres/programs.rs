//! Where the server's programs are, and as whom they run: the server refuses to run as root.

use std::path::{Path, PathBuf};
use std::process::Command;

const OLDEST: u32 = 15;
const MISSING: &str = "The tests need PostgreSQL 15 or newer and found none. `scripts/setup.sh test` installs it on Debian and \
     Ubuntu and names the package elsewhere; KONTOR_POSTGRES_BIN can name the folder of its programs.";

/// The folder with the newest `postgres`, `initdb` and `psql`.
pub(super) fn find() -> Result<PathBuf, String> {
    if let Some(named) = std::env::var_os("KONTOR_POSTGRES_BIN") {
        return Ok(PathBuf::from(named));
    }
    let candidates = installed().into_iter().chain(on_path());
    candidates
        .filter(|folder| ["initdb", "pg_isready", "psql"].iter().all(|name| folder.join(name).is_file()))
        .filter_map(|folder| Some((version(&folder)?, folder)))
        .filter(|(version, _)| *version >= OLDEST)
        .max_by_key(|(version, _)| *version)
        .map(|(_, folder)| folder)
        .ok_or_else(|| MISSING.to_owned())
}

/// A command that runs as this user or, where that is root, as the user `postgres`.
pub(super) fn as_server_user(program: &str) -> Result<Command, String> {
    let id = Command::new("id").arg("-u").output().map_err(|error| format!("`id` does not run: {error}"))?;
    if id.stdout.trim_ascii() != b"0" {
        return Ok(Command::new(program));
    }
    if !Command::new("id").args(["-u", "postgres"]).output().is_ok_and(|known| known.status.success()) {
        return Err("PostgreSQL does not run as root, and there is no user `postgres` to run it as.".to_owned());
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", program]);
    Ok(command)
}

/// `bin` below the folders into which distributions install one version each.
fn installed() -> Vec<PathBuf> {
    let roots = ["/usr/lib/postgresql", "/usr", "/opt/homebrew/opt", "/usr/local/opt"];
    let below = |root| std::fs::read_dir(root).into_iter().flatten().flatten();
    roots
        .into_iter()
        .flat_map(below)
        .filter(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            name.parse::<u32>().is_ok() || name.starts_with("pgsql-") || name.starts_with("postgresql")
        })
        .map(|entry| entry.path().join("bin"))
        .collect()
}

fn on_path() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

/// Major version, from `postgres (PostgreSQL) 15.18 (Debian …)`.
fn version(folder: &Path) -> Option<u32> {
    let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().nth(2)?.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}
