//! The codes of reasons, and what could not be checked, as sentences in both languages.

use kontor_pdf::content::Language;
use kontor_pdf::format::{money, month};

use super::proposal::Reason;
use crate::period::Period;

/// Code, German, English. Parameters stand in braces.
const SENTENCES: [(&str, &str, &str); 48] = [
    ("one_bit", "Die Werte unterscheiden sich in genau einem Bit.", "The values differ in exactly one bit."),
    (
        "not_one_bit",
        "Mehr als ein Bit ist verschieden; ein gekipptes Bit erklärt das nicht.",
        "More than one bit differs; a flipped bit does not explain it.",
    ),
    (
        "off_by_one",
        "Um eins daneben: so etwas tun auch Programme und Menschen.",
        "Off by one: programs and people do that too.",
    ),
    (
        "default_value",
        "„{value}“ schreiben Programme, wenn nichts angegeben ist.",
        "Programs write “{value}” when nothing was given.",
    ),
    (
        "keyboard_neighbour",
        "„{typed}“ liegt auf der Tastatur neben „{meant}“: vielleicht ein Tippfehler.",
        "“{typed}” lies beside “{meant}” on the keyboard: perhaps a slip.",
    ),
    ("seal_fits", "Das Siegel passt zu diesem Wert.", "The seal fits this value."),
    (
        "seal_itself_hit",
        "Ein Bit des Siegels selbst ist gekippt; die Felder stimmen.",
        "A bit of the seal itself was flipped; the fields are right.",
    ),
    ("changed_outside", "Kein einzelnes Bit erklärt die Änderung.", "No single bit explains the change."),
    (
        "hash_fits",
        "Bit {bit} von Byte {byte} zurückgedreht hat es den gespeicherten Hash.",
        "With bit {bit} of byte {byte} turned back it has the stored hash.",
    ),
    (
        "hash_itself_hit",
        "Ein Bit des Hashes selbst ist gekippt; der Inhalt stimmt.",
        "A bit of the hash itself was flipped; the content is right.",
    ),
    ("drawn_again", "Neu gezeichnet hat es den gespeicherten Hash.", "Drawn again it has the stored hash."),
    ("frozen_content", "Der eingefrorene Inhalt sagt es.", "The frozen content says so."),
    (
        "surplus_line",
        "Eine Position, die der Inhalt nicht kennt, wird nie gelöscht.",
        "A line that the content does not know is never deleted.",
    ),
    ("restore_backup", "Hier hilft nur eine Sicherung.", "Only a backup helps here."),
    ("ask_customer", "Das weiß nur der Kunde.", "Only the customer knows."),
    ("ask_address", "Die Adresse ist mit dem Kunden zu klären.", "The address has to be found out from the customer."),
    ("tell_customer", "Der Kunde ist anzuschreiben.", "The customer has to be written to."),
    ("rows_around", "Alle übrigen Zeilen des Vorgangs verlangen es.", "All other rows of the case ask for it."),
    ("tariff", "Der Tarif sagt es.", "The tariff says so."),
    (
        "two_witnesses",
        "Zwei von drei Zeugen (Rechnung, Position, Tarif) sagen es.",
        "Two of three witnesses (invoice, line, tariff) say so.",
    ),
    (
        "witnesses_disagree",
        "Rechnung, Position und Tarif sagen Verschiedenes.",
        "Invoice, line and tariff say different things.",
    ),
    ("issue_period", "{period} ist abzurechnen.", "{period} is to be invoiced."),
    (
        "period_taken",
        "Die Nummer wurde für {period} vergeben; dafür gilt {number}.",
        "The number was taken for {period}, for which {number} holds.",
    ),
    ("never_left", "Die Rechnung hat das Haus nie verlassen.", "The invoice never left the house."),
    (
        "substitute",
        "Die Rechnung ist verschickt; ohne Beweis gibt es nur einen Ersatzbeleg.",
        "The invoice was mailed; without proof there is only a marked substitute.",
    ),
    ("number_log", "Das Nummernprotokoll sagt es.", "The log of numbers says so."),
    (
        "payment_days",
        "Es folgt aus Rechnungsdatum und Zahlungsfrist.",
        "It follows from the date of the invoice and the time for payment.",
    ),
    ("serial", "Die laufende Nummer daneben sagt es.", "The serial beside it says so."),
    ("check_digit", "Die Prüfziffer der Nummer stimmt.", "The check digit of the number fits."),
    (
        "search_words",
        "Die Suchwörter, die aus dem Feld gebildet wurden, sagen es.",
        "The search words that were made of the field say so.",
    ),
    ("export", "Die verglichene Datei sagt es.", "The file that was compared with says so."),
    ("pdf_says", "Das gespeicherte PDF, das seinen Hash hat, sagt es.", "The stored PDF, which has its hash, says so."),
    ("pdf_unclear", "Was das PDF stattdessen sagt, ist nicht eindeutig.", "What the PDF says instead is not clear."),
    ("bears_number", "Das PDF trägt die Nummer {number}.", "The PDF bears the number {number}."),
    ("lies_with_other", "Das eigene PDF liegt bei der anderen Rechnung.", "The own PDF lies with the other invoice."),
    ("not_sent", "Die Mail ist nicht hinausgegangen.", "The mail has not gone out."),
    (
        "outcome_unheard",
        "Die Antwort des Mailservers ist nicht bekannt; sein Protokoll kann sie nennen.",
        "The mail server's reply is not known; its log may tell.",
    ),
    ("evidence_says", "Die Belege der Mail sagen es.", "The mail's evidence says so."),
    (
        "queue_id_named",
        "Die Antwort nennt die Kennung, unter der die Mail angenommen wurde.",
        "The reply names the id under which the mail was taken.",
    ),
    (
        "older_reply",
        "Die Antwort gehört zu einem früheren Befehl; was zur Mail gesagt wurde, ist unbekannt.",
        "The reply belongs to an earlier command; what was said about the mail is unknown.",
    ),
    (
        "customer_address",
        "Die Adresse des Kunden ist durch eine Kopie bestätigt.",
        "The customer's address is confirmed by a copy.",
    ),
    (
        "attempt",
        "Es folgt aus Zeit, Prozess und Nummer des Versuchs.",
        "It follows from time, process and number of the attempt.",
    ),
    ("reference_names", "Der Verwendungszweck „{reference}“ nennt sie.", "The reference “{reference}” names it."),
    ("invoice_number", "Die Nummer der Rechnung ist bekannt.", "The number of the invoice is known."),
    (
        "number_mistyped",
        "In „{reference}“ steht eine Nummer, die einen Tippfehler entfernt liegt.",
        "“{reference}” has a number that lies one slip away.",
    ),
    (
        "customer_named",
        "„{reference}“ nennt einen Kunden mit nur einer Rechnung.",
        "“{reference}” names a customer with one invoice only.",
    ),
    ("read_reference", "Eine Person muss „{reference}“ lesen.", "A person has to read “{reference}”."),
    ("paid", "Bezahlt sind {paid}, berechnet {gross}.", "{paid} are paid, {gross} were invoiced."),
];
const LATER: [(&str, &str, &str); 18] = [
    (
        "written_by_suspect",
        "{host} hatte die Rechnung in seinem verdächtigen Zeitraum in Arbeit: Sein Siegel und sein Hash beweisen nichts.",
        "{host} had the invoice in hand in its bad time: its seal and its hash prove nothing.",
    ),
    (
        "drawn_here",
        "Aus dem eingefrorenen Inhalt, dessen Hash stimmt, zeichnet dieses Programm andere Bytes.",
        "From the frozen content, whose hash fits, this program draws other bytes.",
    ),
    (
        "sent_wrong",
        "So ist es verschickt: Stornieren Sie die Rechnung und stellen Sie sie neu aus.",
        "It was mailed like that: cancel the invoice and issue it anew.",
    ),
    ("lease_over", "Die Frist ist vorbei; niemand erneuert sie.", "The lease is over; nobody renews it."),
    (
        "effect_missing",
        "Was der Posten tun sollte, ist nicht geschehen.",
        "What the item should have done did not happen.",
    ),
    (
        "no_content",
        "Zu diesem Beleg gibt es keinen eingefrorenen Inhalt, aus dem er neu gezeichnet werden könnte.",
        "There is no frozen content from which this document could be drawn again.",
    ),
    (
        "content_broken",
        "Der eingefrorene Inhalt ist selbst beschädigt; stellen Sie zuerst ihn richtig.",
        "The frozen content is damaged itself; put that right first.",
    ),
    (
        "other_renderer",
        "Gezeichnet hat ihn „{renderer}“; dieses Programm zeichnet andere Bytes.",
        "“{renderer}” drew it; this program draws other bytes.",
    ),
    ("drawn_otherwise", "Neu gezeichnet hat er einen anderen Hash.", "Drawn again it has another hash."),
    ("cut_off", "Das Ende fehlt; mehr als ein Bit ist verloren.", "The end is missing; more than one bit is lost."),
    (
        "no_single_bit",
        "Kein einzelnes zurückgedrehtes Bit ergibt den gespeicherten Hash.",
        "No single bit turned back gives the stored hash.",
    ),
    (
        "too_long",
        "Für die Suche nach einem einzelnen Bit ist er zu lang.",
        "It is too long to be searched for a single bit.",
    ),
    (
        "searched_enough",
        "Diese Prüfung hat schon viele Belege nach einem einzelnen Bit durchsucht; die nächste sieht nach, sobald jene erledigt sind.",
        "This check has searched many documents for a single bit already; the next one looks once those are settled.",
    ),
    (
        "not_in_file",
        "Die verglichene Datei kennt Kunden davor und danach, diesen nicht.",
        "The file that was compared with knows customers before and after this one, and not this one.",
    ),
    (
        "file_is_selection",
        "Wer in der verglichenen Datei fehlt, wurde nicht gemeldet: Ihr fehlt mehr als jeder zehnte Kunde, sie ist eine Auswahl.",
        "Who is missing in the file was not reported: it lacks more than one customer in ten and is a selection.",
    ),
    (
        "not_here",
        "Zeile {line} der verglichenen Datei nennt einen Kunden, den es hier nicht gibt.",
        "Line {line} of the file that was compared with names a customer who is not here.",
    ),
    (
        "amcheck_missing",
        "Beschädigte Seiten wurden nicht gesucht: Die Erweiterung amcheck ist nicht installiert.",
        "Damaged pages were not looked for: the extension amcheck is not installed.",
    ),
    (
        "amcheck_denied",
        "Beschädigte Seiten wurden nicht gesucht: Dieser Anmeldung fehlt das Recht auf amcheck.",
        "Damaged pages were not looked for: this login may not use amcheck.",
    ),
];

/// A code's sentence; the code itself where there is none.
pub fn sentence(code: &str, german: bool) -> String {
    let known = SENTENCES.iter().chain(&LATER).find(|(known, ..)| *known == code);
    known.map_or_else(|| code.to_owned(), |(_, de, en)| if german { (*de).to_owned() } else { (*en).to_owned() })
}

/// A reason's sentence, with its parameters.
pub fn reason(reason: &Reason, german: bool) -> String {
    told(reason, german, german)
}

/// The same in English with amounts as the office writes them: so they stand in a window of either language.
pub fn noted(reason: &Reason) -> String {
    told(reason, false, true)
}

/// A sentence in a language, with amounts in the notation of one.
fn told(reason: &Reason, german: bool, notation: bool) -> String {
    reason.filled(sentence(&reason.code, german), |name, value| parameter(name, value, german, notation))
}

/// A parameter as people read it.
fn parameter(name: &str, value: &str, german: bool, notation: bool) -> String {
    let language = |german| if german { Language::De } else { Language::En };
    let read = match name {
        "paid" | "gross" => value.parse().ok().map(|cents| money(cents, language(notation))),
        "period" => value.parse::<Period>().ok().map(|period| month(period.first_day(), language(german))),
        _ => None,
    };
    read.unwrap_or_else(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_months_are_told_as_people_write_them() {
        let paid = Reason::new("paid").with("paid", 1_190).with("gross", 595);
        assert_eq!(reason(&paid, true), "Bezahlt sind 11,90\u{a0}€, berechnet 5,95\u{a0}€.");
        assert_eq!(noted(&paid), "11,90\u{a0}€ are paid, 5,95\u{a0}€ were invoiced.");
        assert_eq!(reason(&paid, false), "€11.90 are paid, €5.95 were invoiced.");
        let missing = Reason::new("issue_period").with("period", "2013-01");
        assert_eq!(reason(&missing, true), "Januar 2013 ist abzurechnen.");
        assert_eq!(noted(&missing), "January 2013 is to be invoiced.");
        let unread = Reason::new("issue_period").with("period", "2013-13");
        assert_eq!(reason(&unread, true), "2013-13 ist abzurechnen.", "what is no month stands as it is");
    }
}
