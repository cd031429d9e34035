//! Requests that have no answer yet. Nothing may be left here.

use super::{Answered, Handle};
use crate::failure::Failure;
use crate::office::Office;
use crate::request::Ask;

macro_rules! pending {
    ($($ask:path,)*) => {
        $(impl Handle for $ask {
            async fn handle(self, _: &Office) -> Answered<<Self as Ask>::Answer> {
                Err(Failure::unexpected("no answer yet").into())
            }
        })*
    };
}

pending! {
    crate::find::Find,
    crate::registration::ShowRegistration,
    crate::timeline::ShowTimeline,
    crate::contact::CheckContact,
    crate::saved::ShowSavedFilters,
    crate::contact::SaveContact,
    crate::registration::AddNote,
    crate::registration::EditNote,
    crate::registration::DeleteNote,
    crate::saved::SaveFilter,
    crate::saved::DeleteFilter,
}
