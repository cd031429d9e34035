//! Whole numbers as large as a flipped bit makes them: a check that meets one goes on to its end.

use kontor::check::{self, Options};
use kontor_tests::both_databases;
use kontor_tests::databases::TestDb;
use sea_orm::ConnectionTrait;

use super::super::fixtures::month;
use super::opened;
use super::rounds::unguarded;

/// Columns of whole numbers that rules reckon with.
const WHOLES: [(&str, &str); 18] = [
    ("registrations", "customer_serial"),
    ("mailboxes", "quota_bytes"),
    ("mailboxes", "used_bytes"),
    ("tariffs", "gross_cents"),
    ("invoices", "net_cents"),
    ("invoices", "tax_cents"),
    ("invoices", "gross_cents"),
    ("invoices", "line_count"),
    ("invoice_lines", "position"),
    ("invoice_lines", "quantity"),
    ("invoice_lines", "unit_gross_cents"),
    ("invoice_lines", "tax_basis_points"),
    ("invoice_lines", "net_cents"),
    ("invoice_lines", "gross_cents"),
    ("number_ranges", "last_serial"),
    ("number_allocations", "serial"),
    ("payments", "amount_cents"),
    ("delivery_evidence", "reply_code"),
];

both_databases! {
    async fn a_number_beyond_all_measure_does_not_end_the_check(db: TestDb) {
        month(&db).await;
        let store = opened(&db).await;
        let connection = unguarded(&db).await;
        let (mut done, mut refused) = (0, 0);
        for (table, column) in WHOLES {
            let first = format!("id = (SELECT x.id FROM {table} x WHERE x.{column} IS NOT NULL ORDER BY x.id LIMIT 1)");
            let right = db.number(&format!("SELECT {column} FROM {table} WHERE {first}")).await;
            for bit in [62, 63] {
                let set = |value: i64| format!("UPDATE {table} SET {column} = {value} WHERE {first}");
                if let Err(error) = connection.execute_unprepared(&set(right ^ (1 << bit))).await {
                    // The server's own checks keep it out.
                    assert!(error.to_string().contains("check constraint"), "{table}.{column}: {error}");
                    refused += 1;
                    continue;
                }
                let report = check::check(&store, &Options::default(), &mut |_| (), &false.into()).await;
                report.unwrap_or_else(|error| panic!("bit {bit} of {table}.{column}: {error}"));
                connection.execute_unprepared(&set(right)).await.expect("it goes back");
                done += 1;
            }
        }
        println!("{done} numbers met, {refused} kept out by the database");
        assert!(done >= WHOLES.len(), "{done}");
    }
}
