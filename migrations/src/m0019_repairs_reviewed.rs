//! Repairs that people review: what whoever staged one saw, who applied it and who took it back, and why.

use sea_orm_migration::prelude::*;

use crate::columns::{add, maybe_at, maybe_text};

/// Adds columns to `repairs`.
#[derive(DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // As JSON: the record as it stood when this was staged, or as the repair left it, and the fields it is to set.
        add(manager, "repairs", maybe_text("known")).await?;
        // Who applied it or wanted to, and when anything was last made of it.
        add(manager, "repairs", maybe_text("applied_by")).await?;
        add(manager, "repairs", maybe_at("acted_at")).await?;
        add(manager, "repairs", maybe_text("undone_by")).await?;
        add(manager, "repairs", maybe_text("undone_reason")).await
    }
}
