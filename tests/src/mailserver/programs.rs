//! Where Postfix's programs are, and as whom they can run.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const MISSING: &str = "The tests need Postfix 3.4 or newer and found none. `scripts/setup.sh test` unpacks Debian's or Ubuntu's package into \
     the cache folder without installing it, and names the package elsewhere; KONTOR_POSTFIX_ROOT can name a folder with an unpacked one.";
const NOT_ROOT: &str = "The tests against a real Postfix need root: its programs change their users. Run the tests as root, or as somebody \
     for whom `sudo -n true` works.";
/// Below a root folder: Debian, Fedora, Arch and openSUSE.
const DAEMONS: [&str; 3] = ["usr/lib/postfix/sbin", "usr/libexec/postfix", "usr/lib/postfix/bin"];

/// A Postfix that is there, whether installed or only unpacked.
#[derive(Debug)]
pub(super) struct Programs {
    /// `master` and the others.
    pub(super) daemons: PathBuf,
    /// Folders of shared libraries, separated by colons; empty for an installed one, which finds its own.
    pub(super) libraries: String,
}

/// Users and groups of this system that stand in for those of an installed Postfix.
#[derive(Debug)]
pub(super) struct Owners {
    pub(super) mail_owner: String,
    pub(super) drop_group: String,
}

/// The unpacked one before the installed one.
pub(super) fn find() -> Result<Programs, String> {
    let unpacked = std::env::var_os("KONTOR_POSTFIX_ROOT").map(PathBuf::from).into_iter().chain(cache());
    for root in unpacked.chain([PathBuf::from("/")]) {
        let daemons = DAEMONS.iter().map(|folder| root.join(folder));
        // `postlogd` came with 3.4; without it the log goes to the system's own.
        let mut whole = daemons.filter(|folder| folder.join("master").is_file() && folder.join("postlogd").is_file());
        if let Some(daemons) = whole.next() {
            let libraries = if root == Path::new("/") { String::new() } else { libraries(&root) };
            return Ok(Programs { daemons, libraries });
        }
    }
    Err(MISSING.to_owned())
}

/// A shell with the rights that Postfix needs.
pub(super) fn shell_as_root(user: u32) -> Result<Command, String> {
    if user == 0 {
        return Ok(Command::new("sh"));
    }
    let mut trial = Command::new("sudo");
    trial.args(["-n", "true"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if !trial.status().is_ok_and(|status| status.success()) {
        return Err(NOT_ROOT.to_owned());
    }
    let mut command = Command::new("sudo");
    command.args(["-n", "sh"]);
    Ok(command)
}

impl Owners {
    /// Any users and groups but root's will do, as long as they differ from each other; nothing outside the test's
    /// folder is theirs.
    pub(super) fn find() -> Result<Self, String> {
        let (users, groups) = (named("/etc/passwd"), named("/etc/group"));
        let first = |known: &[String], wanted: &[&str]| {
            let found = wanted.iter().find(|name| known.iter().any(|known| known == *name));
            found.map(|name| (*name).to_owned()).ok_or_else(|| format!("None of these is known here: {wanted:?}"))
        };
        Ok(Self {
            mail_owner: first(&users, &["postfix", "mail", "daemon"])?,
            drop_group: first(&groups, &["postdrop", "uucp", "lp", "games"])?,
        })
    }
}

/// The first field of each line.
fn named(file: &str) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines().filter_map(|line| line.split(':').next()).map(str::to_owned).collect()
}

/// Where `scripts/setup.sh` unpacks it.
fn cache() -> Option<PathBuf> {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let cache = std::env::var_os("XDG_CACHE_HOME").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    Some(cache.or_else(home)?.join("kontor/postfix"))
}

/// Every folder of an unpacked package, and of what it depends on, that holds shared libraries.
fn libraries(root: &Path) -> String {
    let below = |folder: &PathBuf| std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let tops: Vec<PathBuf> = ["usr/lib", "lib"].iter().map(|folder| root.join(folder)).collect();
    let folders = tops.iter().flat_map(below).filter(|path| path.is_dir());
    let with_libraries = folders.filter(|folder| {
        below(folder).any(|path| path.file_name().is_some_and(|name| name.to_string_lossy().contains(".so")))
    });
    with_libraries.map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(":")
}
