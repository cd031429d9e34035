//! One way to write a guard for both databases: a trigger that refuses an event on a table when a condition holds.

use sea_orm_migration::sea_orm::DbBackend;

/// One trigger: refuses the event on the table when the condition holds.
pub struct Guard {
    pub name: &'static str,
    pub table: &'static str,
    pub event: &'static str,
    pub message: &'static str,
    /// SQL over OLD and NEW; `{differs:a,b}` compares columns NULL-safely, `{now}` is the database's clock.
    pub condition: &'static str,
}

/// The statements that make a guard.
pub fn statements(guard: &Guard, backend: DbBackend) -> Vec<String> {
    let condition = spelled(guard.condition, backend);
    written(guard.name, guard.table, guard.event, guard.message, &condition, backend)
}

/// The statements that make a guard whose condition is spelled for the database already.
pub fn written(
    name: &str,
    table: &str,
    event: &str,
    message: &str,
    condition: &str,
    backend: DbBackend,
) -> Vec<String> {
    match backend {
        DbBackend::Postgres => {
            let row = if event == "DELETE" { "OLD" } else { "NEW" };
            vec![
                format!(
                    "CREATE FUNCTION kontor_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {condition} THEN \
                     RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation'; END IF; RETURN {row}; END $$"
                ),
                format!(
                    "CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION kontor_{name}()"
                ),
            ]
        }
        _ => vec![format!(
            "CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN {condition} \
             BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )],
    }
}

/// Replaces `{differs:…}` and `{now}` by what the database calls them.
fn spelled(condition: &str, backend: DbBackend) -> String {
    let (operator, now) = match backend {
        DbBackend::Postgres => ("IS DISTINCT FROM", "clock_timestamp()"),
        _ => ("IS NOT", "strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')"),
    };
    let mut text = condition.replace("{now}", now);
    while let Some(start) = text.find("{differs:") {
        let Some(length) = text[start..].find('}') else { break };
        let columns = &text[start + "{differs:".len()..start + length];
        let compared: Vec<String> =
            columns.split(',').map(|column| format!("OLD.{0} {operator} NEW.{0}", column.trim())).collect();
        text = format!("{}{}{}", &text[..start], compared.join(" OR "), &text[start + length + 1..]);
    }
    text
}

/// The statements that take a guard away, so that another can stand in its place.
pub fn dropped(name: &str, table: &str, backend: DbBackend) -> Vec<String> {
    match backend {
        DbBackend::Postgres => {
            vec![format!("DROP TRIGGER {name} ON {table}"), format!("DROP FUNCTION kontor_{name}()")]
        }
        _ => vec![format!("DROP TRIGGER {name}")],
    }
}
