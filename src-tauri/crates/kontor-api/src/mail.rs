//! Where the mails of a database go. This belongs to the profile: a demo and the central database never share a target.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::connection::{NewPassword, PasswordPlace};

/// Where mails go, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct MailSettings {
    /// Where; none when it is not set. A demo has a folder from the start.
    pub target: Option<MailTarget>,
    /// Where the login's password is.
    pub password: PasswordPlace,
}

/// Where mails go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum MailTarget {
    /// Each message becomes a file in a folder.
    Folder {
        /// Its path.
        path: String,
    },
    /// A mail server.
    Server {
        /// Host name or address.
        host: String,
        /// Port.
        port: u16,
        /// How the connection is secured.
        security: MailSecurity,
        /// Login, where the server asks for one.
        user: Option<String>,
        /// PEM file of a certificate authority beyond those of the system.
        ca_file: Option<String>,
        /// Connections at once, 1 to 64.
        senders: i64,
        /// Most mails a minute; none does not limit.
        per_minute: Option<i64>,
    },
}

/// How the connection to a mail server is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MailSecurity {
    /// TLS from the first byte.
    Implicit,
    /// STARTTLS, and nothing less.
    StartTls,
    /// None; only to this machine.
    Plain,
}

/// Sets where the mails of a profile go.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct SaveMailSettings {
    /// The profile.
    pub profile: Uuid,
    /// Where.
    pub target: MailTarget,
    /// A new password; none keeps the one there is.
    #[ts(optional)]
    pub password: Option<NewPassword>,
}
