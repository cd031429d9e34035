//! Guards: what no program, and no hand in psql, changes by accident.
//!
//! The same list of guards is written out for both databases. A message starts with `kontor.` and a word, by which
//! the program recognises it (`kontor.fence`: a stale lease or token).

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::guard::{Guard, statements, written};

/// Creates the triggers.
#[derive(DeriveMigrationName)]
pub struct Step;

const GUARDS: [Guard; 20] = [
    Guard {
        name: "invoices_frozen",
        table: "invoices",
        event: "UPDATE",
        message: "kontor.frozen: these columns of an invoice never change",
        condition: "{differs:id,kind,origin,number,registration_id,subscription_id,period,cancels_id,created_at}",
    },
    Guard {
        name: "invoices_content",
        table: "invoices",
        event: "UPDATE",
        message: "kontor.frozen: the content of an issued invoice never changes",
        condition: "({differs:issued_on,due_on,recipient_name,net_cents,tax_cents,gross_cents,currency,line_count,\
                    snapshot,snapshot_sha256}) AND (OLD.snapshot IS NOT NULL OR NEW.snapshot IS NULL OR EXISTS (\
                    SELECT 1 FROM deliveries d WHERE d.invoice_id = OLD.id AND d.state IN \
                    ('sending', 'accepted', 'unknown', 'bounced')))",
    },
    Guard {
        name: "invoices_cancelled",
        table: "invoices",
        event: "UPDATE",
        message: "kontor.frozen: a cancelled invoice stays cancelled",
        condition: "OLD.state = 'cancelled' AND ({differs:state,cancelled_by})",
    },
    Guard {
        name: "invoices_kept",
        table: "invoices",
        event: "DELETE",
        message: "kontor.kept: an invoice is never deleted",
        condition: "TRUE",
    },
    Guard {
        name: "invoice_lines_frozen",
        table: "invoice_lines",
        event: "UPDATE",
        message: "kontor.frozen: a line never changes",
        condition: "TRUE",
    },
    Guard {
        name: "invoice_lines_kept",
        table: "invoice_lines",
        event: "DELETE",
        message: "kontor.kept: a line is never deleted",
        condition: "TRUE",
    },
    Guard {
        name: "invoice_lines_counted",
        table: "invoice_lines",
        event: "INSERT",
        message: "kontor.frozen: an invoice takes no line beyond those it was issued with",
        condition: "EXISTS (SELECT 1 FROM invoices i WHERE i.id = NEW.invoice_id AND NEW.position > i.line_count)",
    },
    Guard {
        name: "number_ranges_rise",
        table: "number_ranges",
        event: "UPDATE",
        message: "kontor.numbers: a number range only rises",
        condition: "NEW.last_serial < OLD.last_serial OR ({differs:id,kind,year,prefix})",
    },
    Guard {
        name: "number_ranges_kept",
        table: "number_ranges",
        event: "DELETE",
        message: "kontor.kept: a number range is never deleted",
        condition: "TRUE",
    },
    Guard {
        name: "number_allocations_kept",
        table: "number_allocations",
        event: "DELETE",
        message: "kontor.kept: the log of numbers is never shortened",
        condition: "TRUE",
    },
    Guard {
        name: "number_allocations_fixed",
        table: "number_allocations",
        event: "UPDATE",
        message: "kontor.numbers: only the invoice and the explanation of a number may be added",
        condition: "({differs:id,range_id,serial,number,subscription_id,period,host,allocated_at}) OR \
                    (OLD.invoice_id IS NOT NULL AND ({differs:invoice_id}))",
    },
    Guard {
        name: "documents_fixed",
        table: "documents",
        event: "UPDATE",
        message: "kontor.frozen: a stored document never changes",
        condition: "({differs:id,invoice_id,origin,renderer,bytes,sha256,created_at}) OR \
                    (OLD.role <> NEW.role AND OLD.origin <> 'legacy')",
    },
    Guard {
        name: "documents_kept",
        table: "documents",
        event: "DELETE",
        message: "kontor.kept: a stored document is never deleted",
        condition: "TRUE",
    },
    Guard {
        name: "deliveries_fixed",
        table: "deliveries",
        event: "UPDATE",
        message: "kontor.frozen: a stored mail never changes",
        condition: "({differs:id,invoice_id,purpose,origin,message_id,queued_at}) OR (OLD.message_head IS NOT NULL AND \
                    ({differs:message_head,message_tail,message_sha256,document_id,recipient}))",
    },
    Guard {
        name: "deliveries_once",
        table: "deliveries",
        event: "UPDATE",
        message: "kontor.once: a mail whose outcome is settled or unknown is not sent again",
        condition: "OLD.state IN ('accepted', 'refused', 'unknown', 'bounced') AND \
                    NEW.state IN ('queued', 'sending', 'deferred')",
    },
    Guard {
        name: "deliveries_kept",
        table: "deliveries",
        event: "DELETE",
        message: "kontor.kept: a delivery is never deleted",
        condition: "TRUE",
    },
    Guard {
        name: "run_items_fence",
        table: "run_items",
        event: "UPDATE",
        message: "kontor.fence: the lease is over or the token is stale",
        condition: "NEW.token < OLD.token OR \
                    (NEW.token = OLD.token AND OLD.state = 'claimed' AND OLD.lease_expires_at < {now})",
    },
    Guard {
        name: "attempts_closed",
        table: "attempts",
        event: "UPDATE",
        message: "kontor.frozen: a finished attempt never changes",
        condition: "OLD.outcome <> 'running' OR ({differs:id,item_id,subscription_id,period,token,host,boot_id,pid,\
                    program_version,worker_id,started_at})",
    },
    Guard {
        name: "journal_fixed",
        table: "journal",
        event: "UPDATE",
        message: "kontor.kept: a journal entry never changes",
        condition: "TRUE",
    },
    Guard {
        name: "journal_kept",
        table: "journal",
        event: "DELETE",
        message: "kontor.kept: a journal entry is never deleted",
        condition: "TRUE",
    },
];

/// Tables whose rows are only ever added.
const APPEND_ONLY: [&str; 1] = ["delivery_evidence"];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        let connection = manager.get_connection();
        for guard in &GUARDS {
            for statement in statements(guard, backend) {
                connection.execute_unprepared(&statement).await?;
            }
        }
        for table in APPEND_ONLY {
            for (event, suffix) in [("UPDATE", "fixed"), ("DELETE", "kept")] {
                let text = "kontor.kept: evidence is only ever added";
                for statement in written(&format!("{table}_{suffix}"), table, event, text, "TRUE", backend) {
                    connection.execute_unprepared(&statement).await?;
                }
            }
        }
        if backend == DbBackend::Postgres {
            // A PDF is compressed already; trying again costs time and saves nothing.
            connection.execute_unprepared("ALTER TABLE documents ALTER COLUMN bytes SET STORAGE EXTERNAL").await?;
        }
        Ok(())
    }
}
