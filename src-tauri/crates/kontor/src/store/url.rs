//! The address of a database: `sqlite:FILE` or `postgres://…`.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::{Error, Result};

/// Where the database is. Its `Display` never shows a password.
#[derive(Clone, PartialEq, Eq)]
pub enum DbUrl {
    /// An embedded database in a local file.
    Sqlite(PathBuf),
    /// A `PostgreSQL` server.
    Postgres(String),
}

impl FromStr for DbUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.starts_with(':') || path.contains('?') {
                return Err(Error::Usage(format!(
                    "“{text}” names no file. Write sqlite:FILE, such as sqlite:demo.db."
                )));
            }
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err(Error::Usage(format!(
            "“{}” is no database address. Write sqlite:FILE or postgres://USER@HOST/DATABASE.",
            without_password(text)
        )))
    }
}

impl DbUrl {
    /// The file of an embedded database.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(path) => Some(path),
            Self::Postgres(_) => None,
        }
    }
}

impl fmt::Display for DbUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(formatter, "sqlite:{}", path.display()),
            Self::Postgres(url) => write!(formatter, "{}", without_password(url)),
        }
    }
}

impl fmt::Debug for DbUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

/// Replaces passwords in an address by `…`, wherever they stand.
fn without_password(url: &str) -> String {
    let Some((address, query)) = url.split_once('?') else { return without_login(url) };
    let shown = |part: &str| match part.split_once('=') {
        Some((name, _)) if name.eq_ignore_ascii_case("password") => format!("{name}=…"),
        _ => part.to_owned(),
    };
    let query: Vec<String> = query.split('&').map(shown).collect();
    format!("{}?{}", without_login(address), query.join("&"))
}

fn without_login(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let Some((login, host)) = rest.rsplit_once('@') else { return url.to_owned() };
    match login.split_once(':') {
        Some((user, _)) => format!("{scheme}://{user}:…@{host}"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_passwords_hidden() {
        assert_eq!("sqlite:demo.db".parse::<DbUrl>().expect("an address").to_string(), "sqlite:demo.db");
        let url: DbUrl = "postgres://eva:secret@db.example.com/kontor".parse().expect("an address");
        assert_eq!(format!("{url} {url:?}").matches("secret").count(), 0);
        let url: DbUrl = "postgres://127.0.0.1/d?user=a&password=secret".parse().expect("an address");
        assert_eq!(format!("{url} {url:?}").matches("secret").count(), 0);
        for text in ["demo.db", "sqlite:", "sqlite::memory:", "mysql://u:pw@h/d", ""] {
            let error = text.parse::<DbUrl>().expect_err(text).to_string();
            assert!(!error.contains("pw@"), "{error}");
        }
    }
}
