//! Profiles: the databases that this desk knows.

use crate::answer::{Answered, Handle};
use crate::connection::{ForgetProfile, Profile, SaveProfile};
use crate::failure::{Failure, Fault, Obstacle};
use crate::mail::MailSettings;
use crate::office::{KeptProfile, Office};

impl Handle for SaveProfile {
    async fn handle(self, office: &Office) -> Answered<Profile> {
        let name = self.name.trim();
        if name.is_empty() {
            return Err(Failure::invalid("name", Fault::Required).into());
        }
        let mut kept = office.desk().profile(self.profile)?;
        if kept.place != self.place {
            // A password belongs to where it was given: it is not sent anywhere else.
            office.passwords().forget(&kept.password_name()).await?;
            kept.is_password_kept = false;
        }
        kept = KeptProfile { name: name.to_owned(), place: self.place, ..kept };
        office.desk().keep_profile(kept.clone())?;
        Ok(told(office, &kept))
    }
}

impl Handle for ForgetProfile {
    async fn handle(self, office: &Office) -> Answered<()> {
        let kept = office.desk().profile(self.profile)?;
        if office.open().is_ok_and(|open| open.profile == kept.id) {
            return Err(Failure::refused(Obstacle::ProfileOpen).into());
        }
        office.passwords().forget(&kept.password_name()).await?;
        office.passwords().forget(&kept.mail_password_name()).await?;
        office.desk().forget_profile(kept.id)
    }
}

/// A profile as the window sees it.
pub(super) fn told(office: &Office, kept: &KeptProfile) -> Profile {
    let passwords = office.passwords();
    Profile {
        id: kept.id,
        name: kept.name.clone(),
        place: kept.place.clone(),
        purpose: kept.purpose,
        opened_at: kept.opened_at,
        password: passwords.place(&kept.password_name(), kept.is_password_kept),
        mail: MailSettings {
            target: kept.mail.clone(),
            password: passwords.place(&kept.mail_password_name(), kept.is_mail_password_kept),
        },
    }
}
