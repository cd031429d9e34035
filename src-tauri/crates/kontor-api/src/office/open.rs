//! The open database: its rows, whether it can be reached, and who of this desk works on its runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kontor::store::Store;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Crew;
use super::link::Link;
use crate::answer::{Anchors, Choices, Days, Depends, Failures, Kept, Totals};
use crate::connection::{Connection, Purpose};

/// The open database.
pub(crate) struct Open {
    /// The profile it was opened by.
    pub profile: Uuid,
    /// Its rows.
    pub store: Store,
    /// Whether it can be reached.
    pub link: Link,
    /// Who of this desk works on its runs.
    pub crew: Crew,
    /// Rows on the way through long lists.
    pub anchors: Arc<Anchors>,
    /// What is open, as it was read last.
    pub failures: Kept<Failures>,
    /// How the month stands, by the days that were asked for last.
    pub totals: Kept<Totals, Days>,
    /// What its journal can be filtered by, as far as it was read.
    pub choices: Choices,
    /// Its file, or its server and name.
    pub address: String,
    is_file: bool,
    closing: CancellationToken,
    tells_runs_again: AtomicBool,
}

impl Open {
    /// Takes an opened database.
    pub fn new(profile: Uuid, store: Store, crew: Crew, link: Link, address: String, is_file: bool) -> Self {
        Self {
            profile,
            store,
            link,
            crew,
            anchors: Arc::default(),
            failures: Kept::new(Depends::OnAll),
            totals: Kept::new(Depends::OnRows),
            choices: Choices::default(),
            address,
            is_file,
            closing: CancellationToken::new(),
            tells_runs_again: AtomicBool::new(false),
        }
    }

    /// What it is.
    pub fn purpose(&self) -> Purpose {
        match self.store.installation().purpose.as_str() {
            "production" => Purpose::Production,
            "demo" => Purpose::Demo,
            _ => Purpose::Test,
        }
    }

    /// How it stands, for the window.
    pub fn connection(&self) -> Connection {
        let installation = self.store.installation();
        Connection {
            profile: self.profile,
            name: installation.name.clone(),
            purpose: self.purpose(),
            is_file: self.is_file,
            address: self.address.clone(),
            business_date: installation.business_date,
            state: self.link.state(),
        }
    }

    /// Ends what follows this database.
    pub fn closing(&self) -> CancellationToken {
        self.closing.clone()
    }

    /// A window that has just begun to watch hears of every open run, whatever was told before.
    pub fn tell_runs_again(&self) {
        self.tells_runs_again.store(true, Ordering::Relaxed);
    }

    /// Whether every open run is to be told, once.
    pub fn takes_telling_runs_again(&self) -> bool {
        self.tells_runs_again.swap(false, Ordering::Relaxed)
    }

    /// Finishes what this desk has in hand, and closes the connections.
    pub async fn close(&self) {
        self.closing.cancel();
        self.crew.finish().await;
        if let Err(error) = self.store.clone().close().await {
            tracing::info!(%error, "the database could not be closed");
        }
    }
}
