//! Finding the mails that evidence is about, by what logs and bounces name.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use crate::Result;
use crate::store::{self, places};

/// Keys looked up together.
const PAGE: usize = 400;

/// A mail as evidence is matched with it.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Mail {
    /// Its id.
    pub id: Uuid,
    /// Its Message-ID.
    pub message_id: String,
    /// Its envelope sender, if it has one of its own.
    pub return_path: Option<String>,
    /// Address it goes to.
    pub recipient: String,
    /// When it was queued.
    pub queued_at: DateTime<Utc>,
    /// When it last left.
    pub sending_at: Option<DateTime<Utc>>,
}

/// What to look up.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// Ids of mails, from their return paths.
    pub ids: HashSet<Uuid>,
    /// Message-IDs.
    pub names: HashSet<String>,
    /// Queue ids.
    pub queue_ids: HashSet<String>,
}

/// Mails that were found.
#[derive(Clone, Debug, Default)]
pub struct Mails {
    /// By id.
    pub own: HashMap<Uuid, Mail>,
    /// By Message-ID.
    pub named: HashMap<String, Mail>,
    /// By a queue id that earlier evidence named. A mail server uses its ids again, so there may be several.
    pub queued: HashMap<String, Vec<Mail>>,
}

impl Mails {
    /// Looks mails up, in a few questions.
    pub async fn find(connection: &impl ConnectionTrait, keys: Keys) -> Result<Self> {
        Ok(Self {
            own: by_id(connection, keys.ids).await?,
            named: by_message_id(connection, keys.names).await?,
            queued: by_queue_id(connection, keys.queue_ids).await?,
        })
    }
}

impl Mail {
    /// Whether something can have happened to this mail at that time: not before it was queued, not long after it left,
    /// not in the future. Clocks of other hosts may be a day off; a queue keeps a mail for days, not for months.
    pub fn fits(&self, at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        let left = self.sending_at.unwrap_or(self.queued_at);
        let day = TimeDelta::days(1);
        at >= self.queued_at - day && at <= left + TimeDelta::days(60) && at <= now.max(left) + day
    }

    /// Whether this envelope sender is the mail's own. One without a return path of its own takes any; a server may have
    /// cut the extension off.
    pub fn came_from(&self, sender: &str) -> bool {
        let Some(own) = &self.return_path else { return true };
        let plain = own.split_once('+').zip(own.rsplit_once('@')).map(|((local, _), (_, domain))| (local, domain));
        own.eq_ignore_ascii_case(sender)
            || sender.rsplit_once('@').zip(plain).is_some_and(|(sender, plain)| {
                sender.0.eq_ignore_ascii_case(plain.0) && sender.1.eq_ignore_ascii_case(plain.1)
            })
    }
}

const MAIL: &str = "d.id, d.message_id, d.return_path, d.recipient, d.queued_at, d.sending_at";

async fn by_message_id(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = String>,
) -> Result<HashMap<String, Mail>> {
    let text = format!("SELECT {MAIL} FROM deliveries d WHERE d.message_id IN ");
    let found = find::<Mail>(connection, &text, ids.into_iter().map(Into::into)).await?;
    Ok(found.into_iter().map(|mail| (mail.message_id.clone(), mail)).collect())
}

async fn by_id(connection: &impl ConnectionTrait, ids: impl IntoIterator<Item = Uuid>) -> Result<HashMap<Uuid, Mail>> {
    let text = format!("SELECT {MAIL} FROM deliveries d WHERE d.id IN ");
    let found = find::<Mail>(connection, &text, ids.into_iter().map(Into::into)).await?;
    Ok(found.into_iter().map(|mail| (mail.id, mail)).collect())
}

#[derive(FromQueryResult)]
struct Queued {
    queue_id: String,
    #[sea_orm(nested)]
    mail: Mail,
}

async fn by_queue_id(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = String>,
) -> Result<HashMap<String, Vec<Mail>>> {
    let text = format!(
        "SELECT DISTINCT e.queue_id, {MAIL} FROM delivery_evidence e JOIN deliveries d ON d.id = e.delivery_id \
         WHERE e.queue_id IN "
    );
    let mut found: HashMap<String, Vec<Mail>> = HashMap::new();
    for one in find::<Queued>(connection, &text, ids.into_iter().map(Into::into)).await? {
        found.entry(one.queue_id).or_default().push(one.mail);
    }
    Ok(found)
}

async fn find<T: FromQueryResult>(
    connection: &impl ConnectionTrait,
    text: &str,
    keys: impl Iterator<Item = Value>,
) -> Result<Vec<T>> {
    let keys: Vec<Value> = keys.collect();
    let backend = connection.get_database_backend();
    let mut found = Vec::new();
    for page in keys.chunks(PAGE) {
        let statement = store::sql(backend, &format!("{text}({})", places(page.len())), page.to_vec());
        for row in connection.query_all_raw(statement).await? {
            found.push(T::from_query_result(&row, "")?);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_fits_a_mail_or_not() {
        let day = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        let mail = Mail {
            id: Uuid::nil(),
            message_id: String::new(),
            return_path: Some("rechnung+a@example.com".to_owned()),
            recipient: String::new(),
            queued_at: day("2013-01-10T10:00:00Z"),
            sending_at: Some(day("2013-01-12T10:00:00Z")),
        };
        let now = day("2013-02-01T00:00:00Z");
        assert!(mail.fits(day("2013-01-10T09:00:00Z"), now) && mail.fits(day("2013-01-31T00:00:00Z"), now));
        assert!(!mail.fits(day("2012-12-24T00:00:00Z"), now) && !mail.fits(day("2013-02-03T00:00:00Z"), now));
        assert!(mail.came_from("Rechnung+A@example.com") && mail.came_from("rechnung@example.com"));
        assert!(!mail.came_from("rechnung+b@example.com") && !mail.came_from("rechnung@example.org"));
        assert!(!mail.came_from("somebody@example.com") && !mail.came_from(""));
    }
}
