//! What people at the desks keep beside the business: notes about customers, and lists under a name.

use sea_orm_migration::prelude::*;

use crate::columns::{edited, flag, id, index, maybe_text, refers, text, unique, uuid, word};

/// Creates `notes` and `saved_filters`.
#[derive(DeriveMigrationName)]
pub struct Step;

/// The lists that there are.
const LISTS: [&str; 8] =
    ["registrations", "invoices", "deliveries", "payments", "failures", "runs", "run_items", "journal"];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut notes = Table::create()
            .table("notes")
            .col(id())
            .col(uuid("registration_id"))
            .col(text("text").check(Expr::col("text").ne("")).take())
            .col(text("person"))
            .col(text("desk"))
            .foreign_key(&mut refers("notes", "registration_id", "registrations"))
            .take();
        edited(&mut notes);
        manager.create_table(notes).await?;
        index(manager, "notes", &["registration_id", "created_at", "id"]).await?;
        // Filter and order, and the columns, are JSON in the words of the window.
        let mut filters = Table::create()
            .table("saved_filters")
            .col(id())
            .col(text("person"))
            .col(word("list", &LISTS))
            .col(text("name").check(Expr::col("name").ne("")).take())
            .col(text("query"))
            .col(maybe_text("columns"))
            .col(flag("is_shared"))
            .take();
        edited(&mut filters);
        manager.create_table(filters).await?;
        unique(manager, "saved_filters", &["person", "list", "name"]).await?;
        index(manager, "saved_filters", &["is_shared", "name"]).await
    }
}
