//! Invoices: what is due, what stands on the paper, the number, issuing, archiving, cancelling, and looking at them.
//!
//! An issued invoice is never changed or deleted; `cancel` takes it back, `restore` brings its rows back to what was
//! frozen. What this module leaves out: mailing (`delivery`) and the order in which the steps are taken (`run`).

pub mod archive;
pub mod audit;
pub mod cancel;
pub mod content;
mod counterpart;
pub mod deviation;
pub mod due;
pub mod freeze;
pub mod issue;
pub mod list;
mod original;
pub mod restore;
pub mod review;
pub mod settings;
mod withdraw;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::number::{self, Number, Wrong};
use crate::registration::folded;
use crate::store::{Store, entities::invoices};
use crate::{Error, Result};

/// Text that searches look into: number and name on the paper, folded as a registration's is.
pub fn search_text(number: &str, recipient: &str) -> String {
    folded(&format!("{number} {recipient}"))
}

/// Finds an invoice by the number a person typed, and says which one was probably meant when there is none.
pub async fn by_number(store: &Store, text: &str) -> Result<invoices::Model> {
    let typed = text.trim().to_uppercase();
    let parsed = Number::parse(&typed);
    if parsed.is_ok() {
        let found = invoices::Entity::find().filter(invoices::Column::Number.eq(&typed)).one(store.read()).await?;
        return found.ok_or_else(|| {
            Error::NotFound(format!("There is no invoice {typed}. `kontor invoices list` shows those there are."))
        });
    }
    if parsed == Err(Wrong::Shape) {
        return Err(Error::Usage(format!(
            "“{}” is no invoice number. An invoice number looks like RE-2013-000123-5.",
            text.trim()
        )));
    }
    let near = invoices::Column::Number.is_in(number::neighbours(&typed));
    let found = invoices::Entity::find().filter(near).all(store.read()).await?;
    let hint = number::meant(found.into_iter().map(|row| row.number).collect(), "invoice");
    Err(Error::NotFound(format!("The check digit of {typed} is wrong. {hint}")))
}
