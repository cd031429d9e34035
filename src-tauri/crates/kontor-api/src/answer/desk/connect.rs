//! Opening and closing a database.

use std::path::Path;
use std::time::Duration;

use kontor::store::Store;
use uuid::Uuid;

use super::mail;
use crate::answer::{Answered, Handle};
use crate::connection::{CloseDatabase, Connection, DatabasePlace, NewPassword, OpenDatabase, OpenProfile, Purpose};
use crate::failure::{Failure, Fault, OpenProblem};
use crate::mail::MailTarget;
use crate::office::{Crew, KeptProfile, Link, Mail, Office, Open, address_of, file_name, open_problem, url_of};
use crate::problem::Problem;

/// How long a person waits for a connection before they are told that there is none.
const PATIENCE: Duration = Duration::from_secs(8);

impl Handle for OpenDatabase {
    async fn handle(self, office: &Office) -> Answered<Connection> {
        check(&self.place)?;
        let known = office.desk().profiles().into_iter().find(|kept| kept.place == self.place);
        let kept = known.unwrap_or_else(|| KeptProfile {
            id: Uuid::now_v7(),
            name: String::new(),
            place: self.place,
            purpose: None,
            opened_at: None,
            mail: None,
            is_password_kept: false,
            is_mail_password_kept: false,
        });
        enter(office, kept, self.name, self.password).await
    }
}

impl Handle for OpenProfile {
    async fn handle(self, office: &Office) -> Answered<Connection> {
        let kept = office.desk().profile(self.profile)?;
        enter(office, kept, None, self.password).await
    }
}

impl Handle for CloseDatabase {
    async fn handle(self, office: &Office) -> Answered<()> {
        office.leave().await;
        Ok(())
    }
}

fn check(place: &DatabasePlace) -> Answered<()> {
    let required = |field: &str, value: &str| -> Answered<()> {
        if value.trim().is_empty() { Err(Failure::invalid(field, Fault::Required).into()) } else { Ok(()) }
    };
    match place {
        DatabasePlace::File { path } => required("path", path)?,
        DatabasePlace::Server { host, database, user, .. } => {
            required("host", host)?;
            required("database", database)?;
            required("user", user)?;
        }
    }
    Ok(())
}

/// Opens a database and, when that works, keeps what was learned: its profile and the password that opened it.
async fn enter(
    office: &Office,
    mut kept: KeptProfile,
    name: Option<String>,
    new: Option<NewPassword>,
) -> Answered<Connection> {
    let store = connect(office, &kept, new.as_ref()).await?;
    if let Some(new) = &new {
        kept.is_password_kept = office.passwords().keep(&kept.password_name(), new).await?;
    }
    let installation = store.installation();
    let given = name.filter(|name| !name.trim().is_empty());
    kept.name = match given {
        Some(name) => name,
        None if kept.name.is_empty() => installation.name.clone(),
        None => kept.name,
    };
    kept.opened_at = Some(office.host().now());
    let link = Link::new(office.host().now());
    let crew = Crew::new(store.clone(), Mail::Unset, office.host().pace());
    let is_file = matches!(kept.place, DatabasePlace::File { .. });
    let open = Open::new(kept.id, store, crew, link, address_of(&kept.place), is_file);
    kept.purpose = Some(open.purpose());
    if kept.mail.is_none() && kept.purpose != Some(Purpose::Production) {
        kept.mail = Some(usual_outbox(office, &kept));
    }
    open.crew.mail_to(mail::of(office, &kept).await?);
    office.desk().keep_profile(kept)?;
    let connection = open.connection();
    office.enter(open).await;
    Ok(connection)
}

async fn connect(office: &Office, kept: &KeptProfile, new: Option<&NewPassword>) -> Answered<Store> {
    let known = match new {
        Some(new) => Some(new.password.clone()),
        None => office.passwords().get(&kept.password_name(), kept.is_password_kept).await?,
    };
    let url = url_of(&kept.place, known.as_ref())?;
    match Store::open_within(&url, PATIENCE).await {
        Ok(store) => Ok(store),
        Err(error) => {
            let problem = open_problem(&kept.place, error);
            let is_refused =
                |failure: &Failure| matches!(failure, Failure::CannotOpen { reason: OpenProblem::LoginRefused { .. } });
            // A server that refuses a login without a password asks for one.
            Err(match problem {
                Problem::Failure(failure) if known.is_none() && is_refused(&failure) => {
                    Failure::CannotOpen { reason: OpenProblem::PasswordNeeded }.into()
                }
                problem => problem,
            })
        }
    }
}

/// Where the mails of a demo or test database go until somebody says otherwise: beside its file, or in the desk's folder.
fn usual_outbox(office: &Office, kept: &KeptProfile) -> MailTarget {
    let folder = match &kept.place {
        DatabasePlace::File { path } => {
            let beside = Path::new(path).parent().unwrap_or(Path::new("."));
            beside.join(format!("{}-outbox", file_name(path)))
        }
        DatabasePlace::Server { .. } => office.host().folder().join("outbox").join(kept.id.to_string()),
    };
    MailTarget::Folder { path: folder.display().to_string() }
}
