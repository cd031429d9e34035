//! Where a database is, as an address; and why it could not be opened, as a code.

use std::path::Path;

use kontor::error::Unopened;
use kontor::store::DbUrl;
use url::Url;

use crate::answer::Answered;
use crate::connection::DatabasePlace;
use crate::failure::{Failure, Fault, OpenProblem};
use crate::problem::Problem;
use crate::secret::Secret;

/// Port of a `PostgreSQL` server.
const USUAL_PORT: u16 = 5432;

/// The address of a database, with its password where it needs one. It is never shown or kept.
pub(crate) fn url_of(place: &DatabasePlace, password: Option<&Secret>) -> Answered<DbUrl> {
    match place {
        DatabasePlace::File { path } => Ok(DbUrl::Sqlite(path.into())),
        DatabasePlace::Server { host, port, database, user, ca_file } => {
            let mut url = Url::parse("postgres://localhost").map_err(|error| Failure::unexpected(&error))?;
            let malformed = |field: &str| Failure::invalid(field, Fault::Malformed);
            let is_socket = host.starts_with('/');
            if !is_socket {
                let bracketed = if host.contains(':') { format!("[{host}]") } else { host.clone() };
                url.set_host(Some(&bracketed)).map_err(|_| malformed("host"))?;
            }
            url.set_port(Some(port.unwrap_or(USUAL_PORT))).map_err(|()| malformed("port"))?;
            url.set_username(user).map_err(|()| malformed("user"))?;
            if let Some(password) = password {
                url.set_password(Some(&password.0)).map_err(|()| malformed("password"))?;
            }
            url.path_segments_mut().map_err(|()| malformed("database"))?.clear().push(database);
            if is_socket {
                url.query_pairs_mut().append_pair("host", host);
            }
            if let Some(file) = ca_file {
                std::fs::File::open(file).map_err(|_| Failure::CannotOpen {
                    reason: OpenProblem::CaFileUnreadable { path: file.clone() },
                })?;
                url.query_pairs_mut().append_pair("sslrootcert", file);
            }
            Ok(DbUrl::Postgres(url.into()))
        }
    }
}

/// The address as people read it, without a login.
pub(crate) fn address_of(place: &DatabasePlace) -> String {
    match place {
        DatabasePlace::File { path } => path.clone(),
        DatabasePlace::Server { host, port, database, .. } => match port {
            Some(port) if *port != USUAL_PORT => format!("{host}:{port}/{database}"),
            _ => format!("{host}/{database}"),
        },
    }
}

/// Why a database could not be opened, as the window tells it.
pub(crate) fn open_problem(place: &DatabasePlace, error: kontor::Error) -> Problem {
    let kontor::Error::Open { reason, sentence } = error else { return error.into() };
    let path = || match place {
        DatabasePlace::File { path } => path.clone(),
        DatabasePlace::Server { .. } => address_of(place),
    };
    let (server, login, name) = match place {
        DatabasePlace::File { .. } => (String::new(), String::new(), String::new()),
        DatabasePlace::Server { host, user, database, .. } => (host.clone(), user.clone(), database.clone()),
    };
    let reason = match reason {
        Unopened::FileMissing => OpenProblem::FileMissing { path: path() },
        Unopened::FileRefused => OpenProblem::FileRefused { path: path() },
        Unopened::NotADatabase => OpenProblem::NotADatabase { path: path() },
        Unopened::NotKontor => OpenProblem::NotKontor,
        Unopened::Empty => OpenProblem::Empty,
        Unopened::Older(pending) => OpenProblem::Older { pending: i64::try_from(pending).unwrap_or(i64::MAX) },
        Unopened::Newer(applied) => OpenProblem::Newer { applied },
        Unopened::ServerUnreachable => OpenProblem::ServerUnreachable { host: server },
        Unopened::DatabaseUnknown => OpenProblem::DatabaseUnknown { database: name },
        Unopened::PasswordNeeded => OpenProblem::PasswordNeeded,
        Unopened::LoginRefused => OpenProblem::LoginRefused { user: login },
        Unopened::CertificateRefused => OpenProblem::CertificateRefused { host: server },
        Unopened::Busy => return Failure::DatabaseBusy.into(),
        Unopened::Other => return Failure::unexpected(&sentence).into(),
    };
    Failure::CannotOpen { reason }.into()
}

/// Name of the file at a path, without its ending.
pub(crate) fn file_name(path: &str) -> String {
    Path::new(path).file_stem().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(host: &str, database: &str, user: &str) -> DatabasePlace {
        DatabasePlace::Server {
            host: host.into(),
            port: None,
            database: database.into(),
            user: user.into(),
            ca_file: None,
        }
    }

    #[test]
    fn what_people_type_becomes_an_address_and_nothing_else() {
        let secret = Secret("p@ss/wörd?&=:".to_owned());
        let DbUrl::Postgres(url) =
            url_of(&server("db.example.com", "kon/tor", "eva@amt"), Some(&secret)).expect("an address")
        else {
            panic!("a server")
        };
        let url: Url = url.parse().expect("a URL");
        assert_eq!((url.host_str(), url.port(), url.path()), (Some("db.example.com"), Some(5432), "/kon%2Ftor"));
        assert_eq!(url.username(), "eva%40amt");
        assert!(url.query().is_none(), "nothing of a name or password becomes an option");
        for (host, wanted) in [("::1", "[::1]"), ("127.0.0.1", "127.0.0.1")] {
            let DbUrl::Postgres(url) = url_of(&server(host, "d", "u"), None).expect("an address") else { panic!() };
            assert_eq!(Url::parse(&url).expect("a URL").host_str(), Some(wanted));
        }
        let DbUrl::Postgres(url) = url_of(&server("/run/postgresql", "d", "u"), None).expect("an address") else {
            panic!()
        };
        assert!(url.ends_with("?host=%2Frun%2Fpostgresql"), "{url}");
        assert!(url_of(&server("a b", "d", "u"), None).is_err());
    }

    #[test]
    fn an_address_shows_no_login() {
        assert_eq!(address_of(&server("db.example.com", "kontor", "eva")), "db.example.com/kontor");
        assert_eq!(file_name("/home/eva/Januar 2013.db"), "Januar 2013");
    }
}
