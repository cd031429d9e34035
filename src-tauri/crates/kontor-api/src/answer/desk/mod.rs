//! What is about this desk: what the window begins with, databases and their mail targets, demos, dialogs.

mod connect;
mod demo;
mod mail;
mod profiles;

use super::{Answered, Handle};
use crate::job::CancelJob;
use crate::office::Office;
use crate::page::By;
use crate::settings::{SaveSettings, Settings};
use crate::start::{ChoosePath, Notify, Start, StartState};

impl Handle for Start {
    async fn handle(self, office: &Office) -> Answered<StartState> {
        let host = office.host();
        let actor = office.actor(uuid::Uuid::nil());
        Ok(StartState {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            by: By { person: actor.person, desk: actor.desk },
            now: host.now(),
            settings: office.desk().settings(),
            appearance: host.appearance(),
            has_keyring: office.passwords().has_keyring(),
            profiles: office.desk().profiles().iter().map(|kept| profiles::told(office, kept)).collect(),
            connection: office.open().ok().map(|open| open.connection()),
            jobs: office.jobs().going_on(),
            demo_folder: demo::folder(office).display().to_string(),
            log_folder: host.log_folder().display().to_string(),
        })
    }
}

impl Handle for SaveSettings {
    async fn handle(self, office: &Office) -> Answered<Settings> {
        office.desk().keep_settings(self.settings.clone())?;
        Ok(self.settings)
    }
}

impl Handle for ChoosePath {
    async fn handle(self, office: &Office) -> Answered<Option<String>> {
        let chosen = office.host().choose(self.choice, &self.title).await;
        Ok(chosen.map(|path| path.display().to_string()))
    }
}

impl Handle for CancelJob {
    async fn handle(self, office: &Office) -> Answered<()> {
        office.jobs().cancel(self.job)
    }
}

impl Handle for Notify {
    async fn handle(self, office: &Office) -> Answered<()> {
        if office.desk().settings().notifies {
            office.host().notify(&self.title, &self.text);
        }
        Ok(())
    }
}
