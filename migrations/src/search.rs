//! Searching for parts of words, by groups of three letters: `pg_trgm` on `PostgreSQL`, FTS5 on `SQLite`.
//!
//! The texts that are searched (`search_text`) are folded by the program: small letters, no accents, ß as ss. Rows that
//! were there before the column was are folded here as far as SQL can; the next writing of a row does it in full.

use sea_orm_migration::sea_orm::DbBackend;

/// The statements that make the indexes.
pub fn statements(backend: DbBackend) -> Vec<String> {
    match backend {
        DbBackend::Postgres => vec![trigrams()],
        _ => [of_registrations(), of_invoices()].concat(),
    }
}

/// The extension is a trusted one, so the database's owner may make it. Where it is not installed or may not be made,
/// searching reads every row: slower, and no less right.
fn trigrams() -> String {
    "DO $$ BEGIN CREATE EXTENSION IF NOT EXISTS pg_trgm; \
     CREATE INDEX registrations_search ON registrations USING gin (search_text gin_trgm_ops); \
     CREATE INDEX invoices_search ON invoices USING gin (search_text gin_trgm_ops); \
     EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported OR undefined_object THEN \
     RAISE NOTICE 'pg_trgm cannot be used here; searching is slower without it'; END $$"
        .to_owned()
}

/// The index holds no text of its own: it reads the customer's row, by the customer's number, which is a whole number.
fn of_registrations() -> Vec<String> {
    let add = "INSERT INTO registrations_search (rowid, search_text) VALUES (NEW.customer_serial, NEW.search_text)";
    let take = "INSERT INTO registrations_search (registrations_search, rowid, search_text) VALUES ('delete', \
                OLD.customer_serial, OLD.search_text)";
    let mut made = vec![
        "CREATE VIRTUAL TABLE registrations_search USING fts5(search_text, content='registrations', \
         content_rowid='customer_serial', tokenize='trigram', columnsize=0)"
            .to_owned(),
        "INSERT INTO registrations_search (registrations_search) VALUES ('rebuild')".to_owned(),
    ];
    let differs = "OLD.search_text IS NOT NEW.search_text OR OLD.customer_serial IS NOT NEW.customer_serial";
    let acts = |acts: &[&str]| acts.iter().map(|act| (*act).to_owned()).collect::<Vec<_>>();
    for (name, event, condition, acts) in [
        ("added", "INSERT", "TRUE", acts(&[add])),
        ("changed", "UPDATE OF search_text, customer_serial", differs, acts(&[take, add])),
        ("removed", "DELETE", "TRUE", acts(&[take])),
    ] {
        let name = format!("registrations_search_{name}");
        made.extend(after(&name, event, "registrations", condition, &acts, DbBackend::Sqlite));
    }
    made
}

/// An invoice has no whole number of its own, so the index holds the id beside the text. Invoices are never deleted, and
/// their texts change only when one is restored.
fn of_invoices() -> Vec<String> {
    let add = "INSERT INTO invoices_search (id, search_text) VALUES (NEW.id, NEW.search_text)".to_owned();
    let change = "UPDATE invoices_search SET search_text = NEW.search_text WHERE id = NEW.id".to_owned();
    let mut made = vec![
        "CREATE VIRTUAL TABLE invoices_search USING fts5(id UNINDEXED, search_text, tokenize='trigram', columnsize=0)"
            .to_owned(),
        "INSERT INTO invoices_search (id, search_text) SELECT id, search_text FROM invoices".to_owned(),
    ];
    let differs = "OLD.search_text IS NOT NEW.search_text";
    made.extend(after("invoices_search_added", "INSERT", "invoices", "TRUE", &[add], DbBackend::Sqlite));
    let event = "UPDATE OF search_text";
    made.extend(after("invoices_search_changed", event, "invoices", differs, &[change], DbBackend::Sqlite));
    made
}

/// The statements that make a trigger which does something after an event.
pub fn after(
    name: &str,
    event: &str,
    table: &str,
    condition: &str,
    acts: &[String],
    backend: DbBackend,
) -> Vec<String> {
    let acts = acts.join("; ");
    match backend {
        DbBackend::Postgres => vec![
            format!(
                "CREATE FUNCTION kontor_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {acts}; RETURN NULL; END $$"
            ),
            format!(
                "CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION \
                 kontor_{name}()"
            ),
        ],
        _ => vec![format!(
            "CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW WHEN {condition} BEGIN {acts}; END"
        )],
    }
}

/// SQL that folds a text as far as both databases can.
pub fn folded(text: &str) -> String {
    let letters = [
        ("Ä", "a"),
        ("ä", "a"),
        ("Ö", "o"),
        ("ö", "o"),
        ("Ü", "u"),
        ("ü", "u"),
        ("ß", "ss"),
        ("É", "e"),
        ("é", "e"),
        ("È", "e"),
        ("è", "e"),
        ("Ç", "c"),
        ("ç", "c"),
        ("á", "a"),
        ("à", "a"),
        ("ó", "o"),
        ("ı", "i"),
        ("ş", "s"),
        ("ğ", "g"),
        ("ñ", "n"),
    ];
    letters
        .iter()
        .fold(format!("lower({text})"), |sql, (letter, plain)| format!("replace({sql}, '{letter}', '{plain}')"))
}
