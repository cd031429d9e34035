//! The tables that a repair may write, their columns and kinds.

use sea_orm::sea_query::ColumnType;
use sea_orm::{ColumnTrait, EntityTrait, IdenStatic, Iterable};

use crate::store::entities as rows;

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it should hold.
    pub kind: ColumnType,
}

impl Column {
    fn of<E: EntityTrait>() -> Vec<Self> {
        E::Column::iter()
            .map(|column| Self { name: column.as_str(), kind: column.def().get_column_type().clone() })
            .collect()
    }

    /// What the server calls its kind.
    pub fn server_type(&self) -> &'static str {
        match self.kind {
            ColumnType::Uuid => "uuid",
            ColumnType::BigInteger | ColumnType::Integer => "bigint",
            ColumnType::Boolean => "boolean",
            ColumnType::Date => "date",
            ColumnType::TimestampWithTimeZone => "timestamptz",
            ColumnType::Blob | ColumnType::VarBinary(_) => "bytea",
            _ => "text",
        }
    }
}

macro_rules! tables {
    ($($variant:ident $name:ident)*) => {
        /// A table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "each is named after its table")]
        pub enum Table {
            $($variant,)*
        }

        impl Table {
            /// The table with this name; none where a repair never writes.
            pub(super) fn named(name: &str) -> Option<Self> {
                match name {
                    $(stringify!($name) => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// Its name.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($name),)*
                }
            }

            /// Its columns.
            pub(super) fn columns(self) -> Vec<Column> {
                match self {
                    $(Self::$variant => Column::of::<rows::$name::Entity>(),)*
                }
            }
        }
    };
}

tables!(
    Registrations registrations
    Mailboxes mailboxes
    Subscriptions subscriptions
    Notes notes
    SavedFilters saved_filters
    Payments payments
    Invoices invoices
    InvoiceLines invoice_lines
    Documents documents
    Deliveries deliveries
    NumberAllocations number_allocations
    Runs runs
    RunItems run_items
);

impl Table {
    /// The column with this name.
    pub(super) fn column(self, name: &str) -> Option<Column> {
        self.columns().into_iter().find(|column| column.name == name)
    }

    /// Rules that speak about rows of this table: those that a repair must not newly violate.
    pub(super) fn rules(self) -> &'static [&'static str] {
        match self {
            Self::Registrations => &[
                "value_undecodable",
                "state_unknown",
                "date_impossible",
                "registration_without_mailbox",
                "email_invalid",
                "vat_id_invalid",
                "text_unprintable",
                "check_digit_wrong",
                "words_deviate",
                "seal_broken",
                "subscription_count",
                "state_contradicts",
            ],
            Self::Mailboxes => &[
                "value_undecodable",
                "reference_orphaned",
                "mailbox_without_registration",
                "state_unknown",
                "address_duplicate",
                "seal_broken",
                "quota_deviates",
                "usage_impossible",
                "state_contradicts",
            ],
            Self::Subscriptions => &[
                "value_undecodable",
                "reference_orphaned",
                "state_unknown",
                "date_impossible",
                "seal_broken",
                "period_overlap",
                "state_contradicts",
            ],
            Self::Notes | Self::SavedFilters => &["value_undecodable", "seal_broken"],
            Self::Payments => &[
                "value_undecodable",
                "reference_orphaned",
                "state_unknown",
                "date_impossible",
                "seal_broken",
                "payment_misassigned",
                "payment_reference",
                "iban_invalid",
            ],
            Self::Invoices => &[
                "value_undecodable",
                "reference_orphaned",
                "state_unknown",
                "date_impossible",
                "seal_broken",
                "check_digit_wrong",
                "price_deviates",
                "lines_do_not_add_up",
                "tax_wrong",
                "number_duplicate",
                "number_log_deviates",
                "date_deviates",
                "snapshot_broken",
                "invoice_deviates",
                "document_text_deviates",
                "words_deviate",
            ],
            Self::InvoiceLines => &["value_undecodable", "price_deviates", "lines_do_not_add_up", "tax_wrong"],
            Self::Documents => &[
                "value_undecodable",
                "reference_orphaned",
                "document_damaged",
                "document_drawn_wrong",
                "document_of_another",
            ],
            Self::Deliveries => &[
                "value_undecodable",
                "reference_orphaned",
                "state_unknown",
                "outcome_contradicts",
                "message_id_deviates",
                "message_damaged",
            ],
            Self::NumberAllocations => {
                &["value_undecodable", "reference_orphaned", "check_digit_wrong", "number_log_deviates"]
            }
            Self::Runs | Self::RunItems => &["value_undecodable", "reference_orphaned", "state_unknown"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::rules;

    #[test]
    fn tables_are_found_by_name_and_their_rules_exist() {
        for name in ["registrations", "payments", "documents", "run_items"] {
            let table = Table::named(name).expect("a table");
            assert_eq!(table.name(), name);
            assert!(table.column("id").is_some());
            for rule in table.rules() {
                assert!(rules::by_id(rule).is_ok(), "{rule}");
            }
        }
        assert_eq!(Table::named("journal"), None);
    }
}
