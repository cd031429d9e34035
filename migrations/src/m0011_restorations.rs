//! The one way back for frozen columns: a restoration, written before the change and kept for good.
//!
//! A restoration can only be written for an invoice as it stands (its version, its hash), and versions only rise, so it
//! opens the guards for the very next change of that invoice and for no other.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::columns::{at, bytes, id, refers, text, unique, uuid, whole};
use crate::guard::{Guard, dropped, statements, written};

/// Creates `restorations` and lets the guards of invoices and lines heed it.
#[derive(DeriveMigrationName)]
pub struct Step;

const GUARDS: [Guard; 4] = [
    Guard {
        name: "invoices_frozen",
        table: "invoices",
        event: "UPDATE",
        message: "kontor.frozen: these columns of an invoice never change",
        condition: "({differs:id,origin,created_at}) OR NEW.version < OLD.version OR \
                    (({differs:kind,number,registration_id,subscription_id,period,cancels_id}) AND NOT EXISTS (\
                    SELECT 1 FROM restorations p WHERE p.invoice_id = OLD.id AND p.invoice_version = OLD.version AND \
                    NEW.version = OLD.version + 1 AND p.snapshot_sha256 = OLD.snapshot_sha256 AND \
                    p.snapshot_sha256 = NEW.snapshot_sha256))",
    },
    Guard {
        name: "invoices_content",
        table: "invoices",
        event: "UPDATE",
        message: "kontor.frozen: the content of an issued invoice never changes",
        condition: "({differs:issued_on,due_on,recipient_name,net_cents,tax_cents,gross_cents,currency,line_count,\
                    snapshot,snapshot_sha256}) AND (OLD.snapshot IS NOT NULL OR NEW.snapshot IS NULL OR EXISTS (\
                    SELECT 1 FROM deliveries d WHERE d.invoice_id = OLD.id AND d.state IN \
                    ('sending', 'accepted', 'unknown', 'bounced'))) AND NOT EXISTS (\
                    SELECT 1 FROM restorations p WHERE p.invoice_id = OLD.id AND p.invoice_version = OLD.version AND \
                    NEW.version = OLD.version + 1 AND p.snapshot_sha256 = OLD.snapshot_sha256 AND \
                    p.snapshot_sha256 = NEW.snapshot_sha256)",
    },
    Guard {
        name: "invoice_lines_frozen",
        table: "invoice_lines",
        event: "UPDATE",
        message: "kontor.frozen: a line never changes",
        condition: "({differs:id,invoice_id}) OR NOT EXISTS (SELECT 1 FROM restorations p JOIN invoices i ON \
                    i.id = p.invoice_id WHERE p.invoice_id = OLD.invoice_id AND p.invoice_version = i.version AND \
                    p.snapshot_sha256 = i.snapshot_sha256)",
    },
    Guard {
        name: "restorations_fit",
        table: "restorations",
        event: "INSERT",
        message: "kontor.restore: a restoration is for an invoice as it stands, with the hash it was frozen with",
        condition: "NOT EXISTS (SELECT 1 FROM invoices i WHERE i.id = NEW.invoice_id AND \
                    i.version = NEW.invoice_version AND i.snapshot_sha256 = NEW.snapshot_sha256)",
    },
];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("restorations")
                    .col(id())
                    .col(uuid("invoice_id"))
                    .col(whole("invoice_version"))
                    .col(bytes("snapshot_sha256"))
                    .col(text("person"))
                    .col(text("reason"))
                    .col(uuid("request_id"))
                    .col(at("restored_at"))
                    .foreign_key(&mut refers("restorations", "invoice_id", "invoices"))
                    .take(),
            )
            .await?;
        unique(manager, "restorations", &["invoice_id", "invoice_version"]).await?;
        unique(manager, "restorations", &["request_id"]).await?;
        let backend = manager.get_database_backend();
        let mut all = Vec::new();
        for guard in &GUARDS {
            if guard.table != "restorations" {
                all.extend(dropped(guard.name, guard.table, backend));
            }
            all.extend(statements(guard, backend));
        }
        for (event, suffix) in [("UPDATE", "fixed"), ("DELETE", "kept")] {
            let message = "kontor.kept: a restoration is kept as it is";
            all.extend(written(&format!("restorations_{suffix}"), "restorations", event, message, "TRUE", backend));
        }
        for statement in all {
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}
