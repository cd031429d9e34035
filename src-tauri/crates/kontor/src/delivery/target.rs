//! Where mails go: a folder of files, or a mail server.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::{Error, Result};

/// Where mails go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Each message becomes one `.eml` file in this folder.
    File(PathBuf),
    /// A mail server on this machine, without TLS.
    Smtp {
        /// Host name or address.
        host: String,
        /// Port.
        port: u16,
    },
}

impl FromStr for Target {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Some(path) = text.strip_prefix("file:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() {
                return Err(Error::Usage("file: names no folder. Write file:FOLDER, such as file:outbox.".to_owned()));
            }
            return Ok(Self::File(PathBuf::from(path)));
        }
        let unreadable =
            || Error::Usage(format!("“{text}” is no mail target. Write file:FOLDER or smtp://127.0.0.1:2525."));
        let server = text.strip_prefix("smtp://").ok_or_else(unreadable)?;
        let (host, port) = server.rsplit_once(':').unwrap_or((server, "25"));
        let port = port.parse().map_err(|_| unreadable())?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() || host.contains(['@', '/', '?']) {
            return Err(unreadable());
        }
        let target = Self::Smtp { host, port };
        if target.is_local() {
            Ok(target)
        } else {
            Err(Error::Usage(format!(
                "{text}: without TLS mail goes only to this machine, such as smtp://127.0.0.1:25."
            )))
        }
    }
}

impl Target {
    /// Whether nothing leaves this machine.
    pub fn is_local(&self) -> bool {
        match self {
            Self::File(_) => true,
            Self::Smtp { host, .. } => {
                host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
            }
        }
    }

    /// Makes sure the folder is there and can be written, and fixes its path, so that another worker finds it again.
    pub fn ready(self) -> Result<Self> {
        let Self::File(folder) = self else { return Ok(self) };
        std::fs::create_dir_all(&folder).map_err(|error| Error::file(&folder, error))?;
        let folder = folder.canonicalize().map_err(|error| Error::file(&folder, error))?;
        probe(&folder)?;
        Ok(Self::File(folder))
    }
}

fn probe(folder: &Path) -> Result<()> {
    let path = folder.join(format!(".kontor-probe-{}", uuid::Uuid::now_v7()));
    std::fs::write(&path, b"").map_err(|error| Error::file(folder, error))?;
    std::fs::remove_file(&path).map_err(|error| Error::file(&path, error))
}

impl Target {
    /// The target as it stands with a mail that is being sent: a folder is this host's, whatever its name.
    pub fn noted(&self, host: &str) -> String {
        match self {
            Self::File(folder) => format!("file://{host}{}", folder.display()),
            Self::Smtp { .. } => self.to_string(),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(folder) => write!(formatter, "file:{}", folder.display()),
            Self::Smtp { host, port } if host.contains(':') => write!(formatter, "smtp://[{host}]:{port}"),
            Self::Smtp { host, port } => write!(formatter, "smtp://{host}:{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read_and_nothing_leaves_the_machine_in_the_open() {
        assert_eq!("file:outbox".parse::<Target>().expect("a target"), Target::File(PathBuf::from("outbox")));
        for good in ["smtp://127.0.0.1:2525", "smtp://localhost:25", "smtp://[::1]:2525"] {
            assert_eq!(good.parse::<Target>().expect(good).to_string(), good);
        }
        for bad in
            ["smtp://mail.example.com:25", "smtp://", "outbox", "file:", "smtp://127.0.0.1:x", "smtp://u@localhost"]
        {
            assert!(bad.parse::<Target>().is_err(), "{bad}");
        }
    }
}
