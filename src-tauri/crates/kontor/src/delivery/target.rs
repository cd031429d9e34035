//! Where mails go: a folder of files, or a mail server with the way it is to be talked to.
//!
//! `smtps://user@host` is TLS from the first byte (RFC 8314); `smtp://host:587` is STARTTLS and nothing less; in the open mail
//! goes only to this machine. A password never stands in the address.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use url::{Host, Url};

use crate::{Error, Result};

/// Most connections that one worker opens to a mail server.
const MOST_SENDERS: u64 = 64;

/// Where mails go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Each message becomes one `.eml` file in this folder.
    File(PathBuf),
    /// A mail server.
    Smtp(Server),
}

/// A mail server, and how it is talked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is secured.
    pub security: Security,
    /// Login name, where the server asks for one.
    pub user: Option<String>,
    /// Password of that login.
    pub password: Option<Secret>,
    /// PEM file with a certificate authority beyond those of the system.
    pub ca: Option<PathBuf>,
    /// Connections at once.
    pub senders: usize,
    /// Most messages a minute, over all connections of this worker.
    pub per_minute: Option<u32>,
    /// How long each phase may take.
    pub patience: Patience,
}

/// How the connection is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Implicit,
    /// STARTTLS; a server that does not offer it gets no mail.
    StartTls,
    /// In the open; only to this machine.
    Plain,
}

/// How long a mail server may take (RFC 5321, 4.5.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Until the connection stands.
    pub connect: Duration,
    /// Until a command is answered.
    pub command: Duration,
    /// Until a block of the message is taken.
    pub block: Duration,
    /// From the final dot to its reply.
    pub reply: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            command: Duration::from_mins(5),
            block: Duration::from_mins(3),
            reply: Duration::from_mins(10),
        }
    }
}

/// A password; it never shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("…")
    }
}

impl FromStr for Target {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let Some(path) = text.strip_prefix("file:") else { return text.parse().map(Self::Smtp) };
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() {
            return Err(Error::Usage("file: names no folder. Write file:FOLDER, such as file:outbox.".to_owned()));
        }
        Ok(Self::File(PathBuf::from(path)))
    }
}

impl FromStr for Server {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let unreadable = || {
            Error::Usage(
                "This is no mail target. Write file:FOLDER, smtps://USER@HOST, smtp://USER@HOST:587 or \
                 smtp://127.0.0.1:2525."
                    .to_owned(),
            )
        };
        let url: Url = text.parse().map_err(|_| unreadable())?;
        if !["smtp", "smtps"].contains(&url.scheme()) || !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(unreadable());
        }
        if url.password().is_some() {
            return Err(Error::Usage(
                "A password has no place in an address, where others can read it. Put it into KONTOR_SMTP_PASSWORD."
                    .to_owned(),
            ));
        }
        let host = match url.host().ok_or_else(unreadable)? {
            Host::Domain(name) => name.to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        let security = match (url.scheme(), is_this_machine(&host)) {
            ("smtps", _) => Security::Implicit,
            (_, true) => Security::Plain,
            (_, false) => Security::StartTls,
        };
        let usual = match security {
            Security::Implicit => 465,
            Security::StartTls => 587,
            Security::Plain => 25,
        };
        let user = Some(url.username()).filter(|name| !name.is_empty()).map(decoded).transpose()?;
        let mut server = Self {
            host,
            port: url.port().unwrap_or(usual),
            security,
            user,
            password: None,
            ca: None,
            senders: 16,
            per_minute: None,
            patience: Patience::default(),
        };
        for (name, value) in url.query_pairs() {
            server.set(&name, &value)?;
        }
        Ok(server)
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// A login name may hold an `@`, written `%40`.
fn decoded(name: &str) -> Result<String> {
    // The crate `url` decodes pairs of a query, and a name is written the same way but for the plus sign.
    let pair = name.replace('+', "%2B");
    let mut pairs = url::form_urlencoded::parse(pair.as_bytes());
    let name = pairs.next().map(|(name, _)| name.into_owned());
    name.ok_or_else(|| Error::Usage("The login name of the mail target cannot be read.".to_owned()))
}

impl Server {
    /// Sets one of the options that stand after the question mark.
    fn set(&mut self, name: &str, value: &str) -> Result<()> {
        match name {
            "tls" if value == "required" => {
                if self.security == Security::Plain {
                    self.security = Security::StartTls;
                }
            }
            "ca" if !value.is_empty() => self.ca = Some(PathBuf::from(value)),
            "senders" => {
                let senders = whole(name, value, MOST_SENDERS)?;
                self.senders = usize::try_from(senders).unwrap_or(1);
            }
            "rate" => self.per_minute = u32::try_from(whole(name, value, 1_000_000)?).ok(),
            "connect" => self.patience.connect = seconds(name, value)?,
            "command" => self.patience.command = seconds(name, value)?,
            "block" => self.patience.block = seconds(name, value)?,
            "reply" => self.patience.reply = seconds(name, value)?,
            _ => {
                return Err(Error::Usage(format!(
                    "The mail target has no option “{name}={value}”. Known are tls=required, ca=FILE, senders=N, rate=N (a \
                     minute), and connect, command, block, reply in seconds."
                )));
            }
        }
        Ok(())
    }
}

fn whole(name: &str, value: &str, most: u64) -> Result<u64> {
    let number = value.parse().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| {
        Error::Usage(format!("“{name}={value}” of the mail target is no whole number from 1 to {most}."))
    })
}

fn seconds(name: &str, value: &str) -> Result<Duration> {
    let seconds = value.parse::<f64>().ok().filter(|seconds| (0.05..=3_600.0).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| {
        Error::Usage(format!("“{name}={value}” of the mail target is no number of seconds from 0.05 to 3600."))
    })
}

impl Target {
    /// Adds the password of the login; it is asked for where it is needed and kept nowhere.
    pub fn with_password(self, password: Option<String>) -> Result<Self> {
        match self {
            Self::Smtp(server) if server.user.is_some() && password.is_none() => {
                Err(Error::Usage(format!("{server} asks for a login. Put its password into KONTOR_SMTP_PASSWORD.")))
            }
            Self::Smtp(server) => Ok(Self::Smtp(Server { password: password.map(Secret), ..server })),
            other @ Self::File(_) => Ok(other),
        }
    }

    /// Whether nothing leaves this machine.
    pub fn is_local(&self) -> bool {
        match self {
            Self::File(_) => true,
            Self::Smtp(server) => is_this_machine(&server.host),
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

    /// The target as it stands with a mail that is being sent: a folder is this host's, whatever its name.
    pub fn noted(&self, host: &str) -> String {
        match self {
            Self::File(folder) => format!("file://{host}{}", folder.display()),
            Self::Smtp(server) => server.to_string(),
        }
    }
}

fn probe(folder: &Path) -> Result<()> {
    let path = folder.join(format!(".kontor-probe-{}", uuid::Uuid::now_v7()));
    std::fs::write(&path, b"").map_err(|error| Error::file(folder, error))?;
    std::fs::remove_file(&path).map_err(|error| Error::file(&path, error))
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(folder) => write!(formatter, "file:{}", folder.display()),
            Self::Smtp(server) => server.fmt(formatter),
        }
    }
}

/// The address alone: neither login nor options.
impl fmt::Display for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.security == Security::Implicit { "smtps" } else { "smtp" };
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(formatter, "{scheme}://{open}{}{close}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(text: &str) -> Server {
        match text.parse::<Target>().unwrap_or_else(|error| panic!("{text}: {error}")) {
            Target::Smtp(server) => server,
            Target::File(_) => panic!("{text} is a mail server"),
        }
    }

    #[test]
    fn targets_are_read() {
        assert_eq!("file:outbox".parse::<Target>().expect("a target"), Target::File(PathBuf::from("outbox")));
        for (text, address, security) in [
            ("smtp://127.0.0.1:2525", "smtp://127.0.0.1:2525", Security::Plain),
            ("smtp://localhost", "smtp://localhost:25", Security::Plain),
            ("smtp://[::1]:2525", "smtp://[::1]:2525", Security::Plain),
            ("smtp://127.0.0.1:2525?tls=required", "smtp://127.0.0.1:2525", Security::StartTls),
            ("smtp://mail.example.com", "smtp://mail.example.com:587", Security::StartTls),
            ("smtp://mail.example.com:25", "smtp://mail.example.com:25", Security::StartTls),
            ("smtps://mail.example.com", "smtps://mail.example.com:465", Security::Implicit),
            ("smtps://127.0.0.1:4650", "smtps://127.0.0.1:4650", Security::Implicit),
        ] {
            let server = server(text);
            assert_eq!((server.to_string().as_str(), server.security), (address, security), "{text}");
        }
    }

    #[test]
    fn options_and_logins_are_read() {
        let server = server("smtps://eva%40example.com@mail.example.com?senders=8&rate=600&ca=/tmp/ca.pem&reply=2.5");
        assert_eq!(server.user.as_deref(), Some("eva@example.com"));
        assert_eq!((server.senders, server.per_minute), (8, Some(600)));
        assert_eq!(server.ca.as_deref(), Some(Path::new("/tmp/ca.pem")));
        assert_eq!(server.patience.reply, Duration::from_millis(2_500));
        assert_eq!(server.patience.command, Patience::default().command);
    }

    #[test]
    fn what_is_no_target_is_refused_without_its_password() {
        for bad in [
            "smtp://",
            "outbox",
            "file:",
            "smtp://127.0.0.1:x",
            "http://127.0.0.1",
            "smtp://h/path",
            "smtp://h?senders=0",
            "smtp://h?senders=65",
            "smtp://h?tls=no",
            "smtp://h?reply=-1",
            "smtp://h?x=y",
            "smtps://eva:secret@h",
        ] {
            let error = bad.parse::<Target>().expect_err(bad).to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_login_needs_a_password_and_never_shows_it() {
        let target = || "smtps://eva@mail.example.com".parse::<Target>().expect("a target");
        assert!(target().with_password(None).is_err());
        let target = target().with_password(Some("secret".to_owned())).expect("a target");
        assert!(!format!("{target:?} {target}").contains("secret"));
    }
}
