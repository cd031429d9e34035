//! Cancelled once, and silent from then on: one cancellation invoice per invoice, and no first mail of a cancelled one.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::columns::partial;
use crate::guard::{Guard, statements};

/// Adds an index to `invoices` and a guard to `deliveries`.
#[derive(DeriveMigrationName)]
pub struct Step;

/// A worker may hold a case that it read just before somebody cancelled the invoice. A copy that a person asks for
/// afterwards (`resend`) still goes out.
const DELIVERIES_CANCELLED: Guard = Guard {
    name: "deliveries_cancelled",
    table: "deliveries",
    event: "UPDATE",
    message: "kontor.cancelled: the mail of a cancelled invoice does not go out any more",
    condition: "NEW.state = 'sending' AND NEW.purpose = 'invoice' AND EXISTS (SELECT 1 FROM invoices i \
                WHERE i.id = NEW.invoice_id AND i.state = 'cancelled')",
};

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let cancellation = Expr::col("kind").eq("cancellation");
        partial(manager, "invoices", &["cancels_id"], "one_cancellation", cancellation, true).await?;
        for statement in statements(&DELIVERIES_CANCELLED, manager.get_database_backend()) {
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}
