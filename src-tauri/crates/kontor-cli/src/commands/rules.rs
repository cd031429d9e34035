//! `kontor rules`: needs no database.

use kontor::check::{Rule, rules};

use crate::Ended;
use crate::args::Rules;
use crate::output::{Output, table};

pub fn run(output: Output, command: &Rules) -> anyhow::Result<Ended> {
    let chosen: Vec<&'static Rule> = match &command.id {
        Some(id) => vec![rules::by_id(id)?],
        None => rules::ALL.to_vec(),
    };
    let is_one = command.id.is_some();
    output
        .result(&chosen, |rules| if is_one { rules.iter().map(|rule| whole(rule)).collect() } else { lines(rules) })?;
    Ok(Ended::Done)
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
