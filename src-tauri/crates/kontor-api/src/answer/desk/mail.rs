//! Where the mails of a database go.

use std::path::PathBuf;

use kontor::delivery::target::{self, Patience, Security, Server, Target};

use super::profiles;
use crate::answer::{Answered, Handle};
use crate::connection::{Profile, Purpose};
use crate::failure::{Failure, Fault, FieldFault};
use crate::mail::{MailSecurity, MailTarget, SaveMailSettings};
use crate::office::{KeptProfile, Mail, Office};
use crate::secret::Secret;

/// Most connections that one desk opens to a mail server.
const MOST_SENDERS: i64 = 64;
/// Most mails a minute that can be asked for.
const MOST_PER_MINUTE: i64 = 1_000_000;

impl Handle for SaveMailSettings {
    async fn handle(self, office: &Office) -> Answered<Profile> {
        let mut kept = office.desk().profile(self.profile)?;
        check(&self.target)?;
        let is_for_show = matches!(kept.purpose, Some(Purpose::Demo | Purpose::Test));
        if is_for_show && !target(&self.target, None).is_local() {
            return Err(Failure::MailTargetNotLocal.into());
        }
        if login(kept.mail.as_ref()) != login(Some(&self.target)) {
            // A password belongs to the login it was given for.
            office.passwords().forget(&kept.mail_password_name()).await?;
            kept.is_mail_password_kept = false;
        }
        if let Some(new) = &self.password {
            kept.is_mail_password_kept = office.passwords().keep(&kept.mail_password_name(), new).await?;
        }
        kept.mail = Some(self.target);
        office.desk().keep_profile(kept.clone())?;
        if let Ok(open) = office.open()
            && open.profile == kept.id
        {
            open.crew.mail_to(of(office, &kept).await?);
        }
        Ok(profiles::told(office, &kept))
    }
}

fn login(mail: Option<&MailTarget>) -> Option<(&str, u16, Option<&str>)> {
    match mail {
        Some(MailTarget::Server { host, port, user, .. }) => Some((host, *port, user.as_deref())),
        _ => None,
    }
}

fn check(mail: &MailTarget) -> Answered<()> {
    let mut faults = Vec::new();
    let mut fault = |field: &str, fault: Fault| faults.push(FieldFault { field: field.to_owned(), fault });
    match mail {
        MailTarget::Folder { path } if path.trim().is_empty() => fault("path", Fault::Required),
        MailTarget::Folder { .. } => {}
        MailTarget::Server { host, port, security, senders, per_minute, .. } => {
            if host.trim().is_empty() {
                fault("host", Fault::Required);
            }
            if *port == 0 {
                fault("port", Fault::OutOfRange { least: 1, most: 65_535 });
            }
            if !(1..=MOST_SENDERS).contains(senders) {
                fault("senders", Fault::OutOfRange { least: 1, most: MOST_SENDERS });
            }
            if per_minute.is_some_and(|rate| !(1..=MOST_PER_MINUTE).contains(&rate)) {
                fault("per_minute", Fault::OutOfRange { least: 1, most: MOST_PER_MINUTE });
            }
            // Mail in the open stays on this machine.
            if *security == MailSecurity::Plain && !target(mail, None).is_local() {
                fault("security", Fault::Malformed);
            }
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Failure::Invalid { faults }.into()) }
}

/// Where mails of this profile go, with the password where it is known.
pub(super) async fn of(office: &Office, kept: &KeptProfile) -> Answered<Mail> {
    let Some(mail) = &kept.mail else { return Ok(Mail::Unset) };
    let password = office.passwords().get(&kept.mail_password_name(), kept.is_mail_password_kept).await?;
    let asks = matches!(mail, MailTarget::Server { user: Some(_), .. });
    if asks && password.is_none() { Ok(Mail::PasswordNeeded) } else { Ok(Mail::Target(target(mail, password))) }
}

fn target(mail: &MailTarget, password: Option<Secret>) -> Target {
    match mail {
        MailTarget::Folder { path } => Target::File(PathBuf::from(path)),
        MailTarget::Server { host, port, security, user, ca_file, senders, per_minute } => Target::Smtp(Server {
            host: host.clone(),
            port: *port,
            security: match security {
                MailSecurity::Implicit => Security::Implicit,
                MailSecurity::StartTls => Security::StartTls,
                MailSecurity::Plain => Security::Plain,
            },
            user: user.clone(),
            password: password.map(|secret| target::Secret(secret.0)),
            ca: ca_file.clone().map(PathBuf::from),
            senders: usize::try_from(*senders).unwrap_or(1),
            per_minute: per_minute.and_then(|rate| u32::try_from(rate).ok()),
            patience: Patience::default(),
        }),
    }
}
