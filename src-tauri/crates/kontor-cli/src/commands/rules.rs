//! `kontor rules`: needs no database, except to tell a question as SQL.

use kontor::check::{self, Rule, rules};

use super::Context;
use crate::Ended;
use crate::args::Rules;
use crate::output::{Output, table};

pub fn run(output: Output, command: &Rules) -> anyhow::Result<Ended> {
    let chosen = chosen(command)?;
    let is_one = command.id.is_some();
    output
        .result(&chosen, |rules| if is_one { rules.iter().map(|rule| whole(rule)).collect() } else { lines(rules) })?;
    Ok(Ended::Done)
}

/// The questions as SQL for the database at hand.
pub async fn sql(context: &Context, command: &Rules) -> anyhow::Result<Ended> {
    let store = context.store().await?;
    let mut questions = Vec::new();
    for rule in chosen(command)? {
        for sql in check::bare_sql(&store, rule.id).await? {
            questions.push(serde_json::json!({ "rule": rule.id, "sql": sql }));
        }
    }
    context.output.result(&questions, |questions| {
        questions.iter().filter_map(|one| Some(format!("{};\n", one["sql"].as_str()?))).collect()
    })?;
    Ok(Ended::Done)
}

fn chosen(command: &Rules) -> kontor::Result<Vec<&'static Rule>> {
    match &command.id {
        Some(id) => Ok(vec![rules::by_id(id)?]),
        None => Ok(rules::ALL.to_vec()),
    }
}

fn lines(rules: &[&'static Rule]) -> String {
    let cells =
        rules.iter().map(|rule| [rule.id, rule.severity.word(), rule.en.title, rule.en.what].map(str::to_owned));
    let cells: Vec<Vec<String>> = cells.map(Vec::from).collect();
    table(&["Rule", "Severity", "Name", "What is wrong"], &[], &cells)
}

fn whole(rule: &Rule) -> String {
    let mut text = format!("{} ({})\n", rule.id, rule.severity.word());
    for (words, heads) in [
        (rule.en, ["What is wrong", "Why it matters", "How it is repaired", "When it is not"]),
        (rule.de, ["Was falsch ist", "Warum es zählt", "Wie es korrigiert wird", "Wann nicht"]),
    ] {
        text.push_str(&format!("\n{}\n", words.title));
        for (head, said) in heads.iter().zip([words.what, words.why, words.how, words.when_not]) {
            text.push_str(&format!("  {head}: {said}\n"));
        }
    }
    text
}
