//! What speaks for and against causes, as sentences in both languages.

use chrono::NaiveDate;

use super::cube::Attribute;
use super::signs::Sign;
use super::verdict::Level;
use crate::check::Reason;

/// Code, German, English. Parameters stand in braces.
const SENTENCES: [(&str, &str, &str); 36] = [
    (
        "rate",
        "{failures} von {attempts} Versuchen schlugen hier fehl oder hinterließen Schäden ({percent} %), sonst \
         {rest_failures} von {rest_attempts} ({rest_percent} %).",
        "{failures} of {attempts} attempts here failed or left damage ({percent} %), elsewhere {rest_failures} of \
         {rest_attempts} ({rest_percent} %).",
    ),
    (
        "share",
        "{failures_percent} % aller Fehlschläge liegen hier (n = {failures}), aber nur {well_percent} % dessen, was gut \
         ging (n = {well}).",
        "{failures_percent} % of all failures lie here (n = {failures}), but only {well_percent} % of what went well \
         (n = {well}).",
    ),
    (
        "window",
        "Vom {from} bis {to} waren es {failures} von {attempts} ({percent} %).",
        "From {from} to {to} it was {failures} of {attempts} ({percent} %).",
    ),
    (
        "holds_within_days",
        "Auch Tag für Tag verglichen bleibt es: {observed} statt {expected} (n = {attempts}).",
        "Compared day by day it is still there: {observed} instead of {expected} (n = {attempts}).",
    ),
    (
        "holds_within",
        "Auch bei gleichem Merkmal „{attribute}“ und gleichem Tag bleibt es: {observed} statt {expected} \
         (n = {attempts}).",
        "With the same {attribute} and day it is still there: {observed} instead of {expected} (n = {attempts}).",
    ),
    ("steps", "Schritte der Fehlschläge: {steps}.", "Steps in which it failed: {steps}."),
    (
        "symptoms",
        "Auffällige Symptome, die nichts miteinander zu tun haben: {count} ({symptoms}).",
        "Striking symptoms that have nothing to do with each other: {count} ({symptoms}).",
    ),
    (
        "machine_signals",
        "Durch SIGSEGV, SIGBUS oder SIGILL starben hier {here} Prozesse, sonst {elsewhere}.",
        "{here} processes died by SIGSEGV, SIGBUS or SIGILL here, {elsewhere} elsewhere.",
    ),
    (
        "single_bits",
        "{bits} von {values} beschädigten Werten sind hier in genau einem Bit anders, sonst {other_bits} von \
         {other_values}.",
        "{bits} of {values} damaged values differ in exactly one bit here, {other_bits} of {other_values} elsewhere.",
    ),
    (
        "same_bit",
        "Von {total} gekippten Bits war es {times}-mal Bit {bit} des Bytes.",
        "Of {total} flipped bits it was bit {bit} of its byte {times} times.",
    ),
    (
        "memory_errors",
        "Der Rechner selbst zählte {errors} Speicherfehler.",
        "The host itself counted {errors} memory errors.",
    ),
    (
        "wrong_drawings",
        "Nachgezeichnet: {all}, davon anders herausgekommen: {wrong}.",
        "Drawn again: {all}, of these otherwise: {wrong}.",
    ),
    (
        "elsewhere_too",
        "Auch sonst schlugen {failures} von {attempts} fehl ({percent} %).",
        "Elsewhere {failures} of {attempts} failed as well ({percent} %).",
    ),
    (
        "died_together",
        "{together} der {failures} Fehlschläge endeten mit ihrem Prozess zugleich mit einem anderen; als Ereignis zählt jeder \
         Prozess einmal, das sind {apart}.",
        "{together} of the {failures} failures ended with their process at the same moment as another one; as an event each \
         process counts once, which makes {apart}.",
    ),
    (
        "outside_window",
        "Vor dem {from} und nach dem {to} waren es {failures} von {attempts} ({percent} %).",
        "Before {from} and after {to} it was {failures} of {attempts} ({percent} %).",
    ),
    (
        "explained",
        "Erklärt durch {attribute} = {value}: Gleiches mit Gleichem verglichen sind es {observed} statt {expected} \
         (n = {attempts}).",
        "Explained by {attribute} = {value}: like compared with like, it is {observed} instead of {expected} \
         (n = {attempts}).",
    ),
    (
        "part_of",
        "Erklärt durch {attribute} = {value}: anderes gab es dazu nicht.",
        "Explained by {attribute} = {value}: it came with nothing else.",
    ),
    (
        "of_its_days",
        "Tag für Tag verglichen ist nichts davon übrig: {observed} statt {expected} (n = {attempts}).",
        "Compared day by day nothing is left of it: {observed} instead of {expected} (n = {attempts}).",
    ),
    (
        "inseparable",
        "Von {attribute} = {value} nicht zu unterscheiden: fast immer gemeinsam (n = {attempts}).",
        "Cannot be told apart from {attribute} = {value}: they nearly always came together (n = {attempts}).",
    ),
    (
        "gone_within",
        "Bei gleichem Merkmal „{attribute}“ und gleichem Tag bleibt nichts: {observed} statt {expected} \
         (n = {attempts}).",
        "With the same {attribute} and day nothing is left: {observed} instead of {expected} (n = {attempts}).",
    ),
    (
        "untold_within",
        "Bei gleichem Merkmal „{attribute}“ und gleichem Tag ist es nicht zu sagen: {observed} statt {expected} \
         (n = {attempts}).",
        "With the same {attribute} and day it cannot be told: {observed} instead of {expected} (n = {attempts}).",
    ),
    (
        "no_counters",
        "Zähler für Speicherfehler sind nicht aufgezeichnet.",
        "No counters of memory errors were recorded.",
    ),
    (
        "small_effect",
        "Der Unterschied ist klein ({points} Punkte, n = {attempts}): Woran es liegt, ist nicht zu sagen.",
        "The difference is small ({points} points, n = {attempts}): what it comes from cannot be told.",
    ),
    (
        "too_few",
        "Nur {failures} Fehlschläge (n = {attempts}): zu wenig, um etwas zu sagen.",
        "Only {failures} failures (n = {attempts}): too few to tell.",
    ),
    (
        "replay_reproduced",
        "Gegenprobe vom {day}: Hier waren {first_wrong} von {first} Zeichnungen derselben Rechnungen falsch und danach erneut \
         {again_wrong} von {again}, auf {other} dazwischen {between_wrong} von {between}.",
        "Replay of {day}: of the same invoices, {first_wrong} of {first} drawings were wrong here and later again \
         {again_wrong} of {again}, on {other} in between {between_wrong} of {between}.",
    ),
    (
        "replay_not_reproduced",
        "Gegenprobe vom {day}: Hier kam alles richtig heraus ({first} und {again} Zeichnungen), ebenso auf {other} \
         ({between}).",
        "Replay of {day}: everything came out right here ({first} and {again} drawings), and so it did on {other} \
         ({between}).",
    ),
    (
        "replay_mixed",
        "Gegenprobe vom {day}: Nur in einem der beiden Durchgänge ging hier etwas schief ({first_wrong} von {first} und \
         {again_wrong} von {again} Zeichnungen falsch, auf {other} {between_wrong} von {between}).",
        "Replay of {day}: in only one of both legs something went wrong here ({first_wrong} of {first} and {again_wrong} of \
         {again} drawings wrong, on {other} {between_wrong} of {between}).",
    ),
    (
        "replay_unsteady",
        "Die Gegenprobe vom {day} sagt nichts: {other} zeichnete selbst nicht zuverlässig ({between_wrong} von {between} \
         falsch) und sollte zuerst geprüft werden.",
        "The replay of {day} says nothing: {other} itself did not draw reliably ({between_wrong} of {between} wrong) and should \
         be looked at first.",
    ),
    (
        "replay_died",
        "Im {leg}. Durchgang brach der Prozess nach {drawings} Zeichnungen ab.",
        "In leg {leg} the process died after {drawings} drawings.",
    ),
    (
        "replay_confirmed",
        "Am {day} von {person} als Ursache bestätigt.",
        "Confirmed as the cause by {person} on {day}.",
    ),
    ("too_few.level", "zu wenige Daten", "too few data"),
    ("uneven.level", "ungleich verteilt", "uneven"),
    ("points_to.level", "deutet darauf hin", "points to it"),
    ("hardware_suspected.level", "Hardware verdächtig", "hardware suspected"),
    ("confirmed.level", "bestätigt", "confirmed"),
    ("nothing", "Nichts fällt auf.", "Nothing stands out."),
];

/// Word in JSON, German, English.
const ATTRIBUTES: [(Attribute, &str, &str); 9] = [
    (Attribute::Host, "Rechner", "host"),
    (Attribute::Boot, "Systemstart", "boot"),
    (Attribute::Worker, "Prozess", "worker"),
    (Attribute::Version, "Programmversion", "version"),
    (Attribute::Template, "Vorlage", "template"),
    (Attribute::Kind, "Kundenart", "kind of customer"),
    (Attribute::Domain, "Maildomain", "mail domain"),
    (Attribute::Day, "Tag", "day"),
    (Attribute::Hour, "Stunde", "hour"),
];

/// Steps and symptoms as German knows them; English has the words of the program.
const COUNTED: [(&str, &str); 17] = [
    ("issue", "Ausstellen"),
    ("render", "Zeichnen"),
    ("archive", "Ablegen"),
    ("deliver", "Senden"),
    ("killed", "Abbrüche"),
    ("drawing", "Zeichnen"),
    ("documents", "PDFs"),
    ("disk", "Datenträger"),
    ("records", "Datensätze"),
    ("program", "Programmfehler"),
    ("mail", "Mails"),
    ("amounts", "Beträge"),
    ("dates", "Tage"),
    ("numbers", "Nummern"),
    ("texts", "Texte"),
    ("sizes", "Größen"),
    ("states", "Zustände"),
];

/// Sign, German, English.
const SIGNS: [(Sign, &str, &str); 7] = [
    (Sign::HostAlone, "unabhängig von Version und Eingabe", "whatever version and input"),
    (Sign::UnrelatedSymptoms, "verschiedenartige Symptome", "unrelated symptoms"),
    (Sign::MachineSignals, "Abstürze durch Speicherzugriffe", "deaths by memory access"),
    (Sign::SingleBits, "einzelne gekippte Bits", "single flipped bits"),
    (Sign::SameBit, "immer dasselbe Bit", "the same bit again"),
    (Sign::MemoryErrors, "gezählte Speicherfehler", "counted memory errors"),
    (Sign::WrongDrawings, "zweimal gezeichnet, verschieden", "drawn twice, differently"),
];

/// A reason's sentence with its parameters; the code itself where there is none.
pub fn reason(reason: &Reason, german: bool) -> String {
    told(reason, german, german)
}

/// The same in English with figures and days as the office writes them: so they stand in a window of either language.
pub fn noted(reason: &Reason) -> String {
    told(reason, false, true)
}

/// A sentence in a language, with figures and days in the notation of one.
fn told(reason: &Reason, german: bool, notation: bool) -> String {
    reason.filled(sentence(&reason.code, german), |name, value| parameter(name, value, german, notation))
}

/// A parameter as people read it.
fn parameter(name: &str, value: &str, german: bool, notation: bool) -> String {
    if let Some(known) = Attribute::ALL.into_iter().find(|one| name == "attribute" && one.word() == value) {
        return attribute(known, german).to_owned();
    }
    match name {
        "value" | "other" | "person" => value.to_owned(),
        "steps" | "symptoms" => {
            value.split(", ").map(|part| counted(part, german, notation)).collect::<Vec<_>>().join(", ")
        }
        "from" | "to" | "day" if notation => {
            value.parse::<NaiveDate>().map_or_else(|_| value.to_owned(), |day| day.format("%d.%m.%Y").to_string())
        }
        _ => figure(value, notation),
    }
}

/// `archive 11` as `Ablegen 11`.
fn counted(part: &str, german: bool, notation: bool) -> String {
    let (word, count) = part.rsplit_once(' ').unwrap_or((part, ""));
    let known = if german { COUNTED.iter().find(|(known, _)| *known == word).map(|(_, de)| *de) } else { None };
    format!("{} {}", known.unwrap_or(word), figure(count, notation)).trim_end().to_owned()
}

/// A figure with its thousands apart: 3907.5 is 3.907,5 in German and 3,907.5 in English.
fn figure(value: &str, german: bool) -> String {
    let (whole, rest) = value.split_once('.').map_or((value, None), |(whole, rest)| (whole, Some(rest)));
    let is_figure = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_figure(whole) || !rest.is_none_or(is_figure) {
        return value.to_owned();
    }
    let (apart, point) = if german { ('.', ',') } else { (',', '.') };
    let mut said = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            said.push(apart);
        }
        said.push(digit);
    }
    rest.map_or(said.clone(), |rest| format!("{said}{point}{rest}"))
}

/// The sentence of a code.
pub fn sentence(code: &str, german: bool) -> String {
    let known = SENTENCES.iter().find(|(known, ..)| *known == code);
    known.map_or(code, |(_, de, en)| if german { de } else { en }).to_owned()
}

/// What a level is called.
pub fn level(level: Level, german: bool) -> String {
    let word = match level {
        Level::TooFew => "too_few.level",
        Level::Uneven => "uneven.level",
        Level::PointsTo => "points_to.level",
        Level::HardwareSuspected => "hardware_suspected.level",
        Level::Confirmed => "confirmed.level",
    };
    sentence(word, german)
}

/// What an attribute is called.
pub fn attribute(attribute: Attribute, german: bool) -> &'static str {
    let known = ATTRIBUTES.iter().find(|(known, ..)| *known == attribute);
    known.map_or("", |(_, de, en)| if german { de } else { en })
}

/// What a sign is called.
pub fn sign(sign: Sign, german: bool) -> &'static str {
    SIGNS.iter().find(|(known, ..)| *known == sign).map_or("", |(_, de, en)| if german { de } else { en })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_days_and_words_are_those_of_the_language() {
        let told = Reason::new("window").with("from", "2013-01-21").with("to", "2013-01-25").with("failures", 1_071);
        let told = told.with("attempts", 3_907).with("percent", "47.0");
        assert_eq!(reason(&told, true), "Vom 21.01.2013 bis 25.01.2013 waren es 1.071 von 3.907 (47,0 %).");
        assert_eq!(reason(&told, false), "From 2013-01-21 to 2013-01-25 it was 1,071 of 3,907 (47.0 %).");
        assert_eq!(noted(&told), "From 21.01.2013 to 25.01.2013 it was 1.071 of 3.907 (47,0 %).");
        let steps = Reason::new("steps").with("steps", "archive 11, deliver 4400");
        assert_eq!(reason(&steps, true), "Schritte der Fehlschläge: Ablegen 11, Senden 4.400.");
        let behind = Reason::new("part_of").with("attribute", "version").with("value", "2.4");
        assert_eq!(reason(&behind, true), "Erklärt durch Programmversion = 2.4: anderes gab es dazu nicht.");
    }

    #[test]
    fn figures_are_written_as_each_language_does() {
        let told = Reason::new("holds_within").with("attribute", "version").with("observed", 12);
        let told = told.with("expected", "3.5").with("attempts", 90);
        assert_eq!(
            reason(&told, true),
            "Auch bei gleichem Merkmal „Programmversion“ und gleichem Tag bleibt es: 12 statt 3,5 (n = 90)."
        );
        assert_eq!(
            reason(&told, false),
            "With the same version and day it is still there: 12 instead of 3.5 (n = 90)."
        );
    }
}
