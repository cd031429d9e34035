//! Repairs: what a row looked like before and after, byte for byte, so that a repair can be undone exactly; and the one
//! other way past the guards of frozen columns.
//!
//! A repair that is open (`repairs.is_open`) lets exactly the row it names be written. It is opened and closed within the
//! transaction that writes, so nobody else ever sees one that is open. What stays shut for everybody: keys, deletions but
//! for a line that the same repair had added, the way back of a mail that is settled, and everything that only grows.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::columns::{add, flag, maybe_bytes, maybe_text, maybe_uuid, partial};
use crate::guard::{Guard, dropped, statements};

/// Adds columns to `repairs` and `repair_changes`, and lets guards heed an open repair.
#[derive(DeriveMigrationName)]
pub struct Step;

const GUARDS: [Guard; 8] = [
    Guard {
        name: "invoices_frozen",
        table: "invoices",
        event: "UPDATE",
        message: "kontor.frozen: these columns of an invoice never change",
        condition: "({differs:id,created_at}) OR NEW.version < OLD.version OR \
                    (({differs:origin,kind,number,registration_id,subscription_id,period,cancels_id}) AND NOT EXISTS (\
                    SELECT 1 FROM repairs q WHERE q.is_open AND q.row_id = OLD.id) AND (OLD.origin <> NEW.origin OR NOT \
                    EXISTS (SELECT 1 FROM restorations p WHERE p.invoice_id = OLD.id AND p.invoice_version = OLD.version \
                    AND NEW.version = OLD.version + 1 AND p.snapshot_sha256 = OLD.snapshot_sha256 AND \
                    p.snapshot_sha256 = NEW.snapshot_sha256)))",
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
                    p.snapshot_sha256 = NEW.snapshot_sha256) AND NOT EXISTS (\
                    SELECT 1 FROM repairs q WHERE q.is_open AND q.row_id = OLD.id)",
    },
    Guard {
        name: "invoices_cancelled",
        table: "invoices",
        event: "UPDATE",
        message: "kontor.frozen: a cancelled invoice stays cancelled",
        condition: "OLD.state = 'cancelled' AND ({differs:state,cancelled_by}) AND NOT EXISTS (\
                    SELECT 1 FROM repairs q WHERE q.is_open AND q.row_id = OLD.id)",
    },
    Guard {
        name: "invoice_lines_frozen",
        table: "invoice_lines",
        event: "UPDATE",
        message: "kontor.frozen: a line never changes",
        condition: "(({differs:id}) OR ({differs:invoice_id}) OR NOT EXISTS (SELECT 1 FROM restorations p JOIN invoices \
                    i ON i.id = p.invoice_id WHERE p.invoice_id = OLD.invoice_id AND p.invoice_version = i.version AND \
                    p.snapshot_sha256 = i.snapshot_sha256)) AND (({differs:id}) OR NOT EXISTS (\
                    SELECT 1 FROM repairs q WHERE q.is_open AND q.row_id IN (OLD.id, OLD.invoice_id)))",
    },
    Guard {
        name: "invoice_lines_kept",
        table: "invoice_lines",
        event: "DELETE",
        message: "kontor.kept: a line is never deleted",
        condition: "NOT EXISTS (SELECT 1 FROM repairs q JOIN repair_changes c ON c.repair_id = q.id WHERE q.is_open AND \
                    c.row_id = OLD.id AND c.field = '(row)' AND c.old_stored IS NULL)",
    },
    Guard {
        name: "number_allocations_fixed",
        table: "number_allocations",
        event: "UPDATE",
        message: "kontor.numbers: only the invoice and the explanation of a number may be added",
        condition: "({differs:id}) OR ((({differs:range_id,serial,number,subscription_id,period,host,allocated_at}) OR \
                    (OLD.invoice_id IS NOT NULL AND ({differs:invoice_id}))) AND NOT EXISTS (\
                    SELECT 1 FROM repairs q WHERE q.is_open AND q.row_id = OLD.id))",
    },
    Guard {
        name: "documents_fixed",
        table: "documents",
        event: "UPDATE",
        message: "kontor.frozen: a stored document never changes",
        condition: "({differs:id,created_at}) OR ((({differs:invoice_id,origin,renderer,bytes,sha256}) OR \
                    (OLD.role <> NEW.role AND OLD.origin <> 'legacy')) AND NOT EXISTS (\
                    SELECT 1 FROM repairs q WHERE q.is_open AND q.row_id = OLD.id))",
    },
    Guard {
        name: "deliveries_fixed",
        table: "deliveries",
        event: "UPDATE",
        message: "kontor.frozen: a stored mail never changes",
        condition: "({differs:id}) OR ((({differs:invoice_id,purpose,origin,message_id,queued_at}) OR \
                    (OLD.message_head IS NOT NULL AND \
                    ({differs:message_head,message_tail,message_sha256,document_id,recipient,return_path}))) AND NOT \
                    EXISTS (SELECT 1 FROM repairs q WHERE q.is_open AND q.row_id = OLD.id))",
    },
];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // What a person chose; which row is written; what it looked like; and why it was not written.
        add(manager, "repairs", maybe_text("value")).await?;
        add(manager, "repairs", maybe_uuid("row_id")).await?;
        add(manager, "repairs", maybe_bytes("before_sha256")).await?;
        add(manager, "repairs", maybe_bytes("after_sha256")).await?;
        add(manager, "repairs", maybe_text("refusal")).await?;
        add(manager, "repairs", flag("is_open").default(false).take()).await?;
        // One repair may write several rows.
        add(manager, "repair_changes", maybe_text("table_name")).await?;
        add(manager, "repair_changes", maybe_uuid("row_id")).await?;
        add(manager, "repair_changes", maybe_text("old_stored")).await?;
        partial(manager, "repairs", &["row_id"], "open", Expr::col("is_open"), false).await?;
        let backend = manager.get_database_backend();
        for guard in &GUARDS {
            for statement in dropped(guard.name, guard.table, backend).into_iter().chain(statements(guard, backend)) {
                manager.get_connection().execute_unprepared(&statement).await?;
            }
        }
        Ok(())
    }
}
