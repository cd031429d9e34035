//! What the law asks of the paper, statement by statement, looked up in the text that a reader of the PDF extracts.
//!
//! Left out: § 14 (4) no. 9 UStG (a recipient's duty to keep invoices for work on land) and no. 10 (invoices that the
//! recipient writes); neither exists here, and the word `Gutschrift`, which no. 10 reserves, must never appear.

use crate::audit::page_text;
use crate::content::Content;
use crate::{reference, render};

/// Something that makes a content another one.
type Change = fn(&mut Content);

/// Where it stands in the law, and what the page must say. Line breaks count as blanks.
type Statement = (&'static str, &'static str);

const GERMAN: [Statement; 16] = [
    ("§ 14 (4) no. 1 UStG: name and address of the supplier", "Euro Mail GmbH Am Musterkai 1 24103 Kiel"),
    (
        "§ 14 (4) no. 1 UStG: name and address of the recipient",
        "Jürgen Größe-Müller Lübecker Straße 12 a 22087 Hamburg",
    ),
    ("§ 14 (4) no. 2 UStG: VAT id of the supplier", "USt-IdNr. DE123456788"),
    ("§ 14 (4) no. 3 UStG: date of issue", "Rechnungsdatum 31.01.2013"),
    ("§ 14 (4) no. 4 UStG: consecutive number", "Rechnungsnummer RE-2013-000123-7"),
    ("§ 14 (4) no. 5 UStG: quantity and kind of the service", "1 E-Mail-Postfach 10 GB, Januar 2013 1 1,00 € 19 %"),
    ("§ 14 (4) no. 6 UStG: period of the service", "Leistungszeitraum 01.01.2013 – 31.01.2013"),
    (
        "§ 14 (4) no. 7 and 8 UStG: remuneration by rate, rate and amount of the tax",
        "Steuersatz Netto USt Brutto 19 % 0,84 € 0,16 € 1,00 €",
    ),
    ("how the remuneration follows from the price", "Alle Preise sind brutto; Netto und Umsatzsteuer (USt) sind je"),
    ("what is to be paid", "Gesamtbetrag 1,00 €"),
    ("§ 286 (2) no. 1 BGB: a day of payment by the calendar", "Bitte überweisen Sie 1,00 € bis zum 14.02.2013"),
    ("where to pay", "Empfänger Euro Mail GmbH Bank Musterbank Kiel IBAN DE02 1203 0000 0000 2020 51 BIC BYLADEM1001"),
    ("what to quote", "Verwendungszweck RE-2013-000123-7"),
    ("§ 35a GmbHG: seat, court and number of the register", "Sitz Kiel, Amtsgericht Kiel, HRB 4711"),
    ("§ 35a GmbHG: managing directors", "Geschäftsführung: Erika Mustermann"),
    ("how to reach the company", "Telefon +49 431 0000-0 rechnung@example.com"),
];

const ENGLISH: [Statement; 18] = [
    ("§ 14 (4) no. 1 UStG: name and address of the supplier", "Euro Mail GmbH Am Musterkai 1 24103 Kiel GERMANY"),
    (
        "§ 14 (4) no. 1 UStG: name and address of the recipient",
        "Example Trading B.V. Zoë Łukasiewicz Voorbeeldgracht 7 1012 AB Amsterdam NETHERLANDS",
    ),
    ("§ 14 (4) no. 2 UStG: VAT id of the supplier", "VAT ID DE123456788"),
    ("VAT id of the recipient", "Your VAT ID NL000099998B57"),
    ("§ 14 (4) no. 3 UStG: date of issue", "Invoice date 31 January 2013"),
    ("§ 14 (4) no. 4 UStG: consecutive number", "Invoice number RE-2013-000124-5"),
    ("§ 14 (4) no. 5 UStG: quantity and kind of the service", "1 E-mail mailbox 10 GB, January 2013 25 €1.00 19%"),
    ("§ 14 (4) no. 5 UStG: quantity and kind of the goods", "archiving and spam filters 2 €14.90 7%"),
    ("§ 14 (4) no. 6 UStG: period of the service", "Service period 1–31 January 2013"),
    (
        "§ 14 (4) no. 7 and 8 UStG: remuneration by rate, rate and amount of the tax",
        "VAT rate Net VAT Gross 19% €1,058.46 €201.10 €1,259.56 7% €27.85 €1.95 €29.80 Sum €1,086.31 €203.05 €1,289.36",
    ),
    ("how the remuneration follows from the price", "All prices are gross; net amounts and value added tax (VAT) are"),
    ("what is to be paid", "Total amount €1,289.36"),
    ("§ 286 (2) no. 1 BGB: a day of payment by the calendar", "Please transfer €1,289.36 by 14 February 2013"),
    ("where to pay", "Payee Euro Mail GmbH Bank Musterbank Kiel IBAN DE02 1203 0000 0000 2020 51 BIC BYLADEM1001"),
    ("what to quote", "Reference RE-2013-000124-5"),
    ("§ 35a GmbHG: seat, court and number of the register", "Sitz Kiel, Amtsgericht Kiel, HRB 4711"),
    ("§ 35a GmbHG: managing directors", "Management: Erika Mustermann"),
    ("how to reach the company", "Phone +49 431 0000-0 rechnung@example.com"),
];

const GERMAN_CANCELLATION: [Statement; 9] = [
    ("the title", "Stornorechnung RE-2013-000131-9"),
    ("§ 14 (4) no. 4 UStG: a number of its own", "Rechnungsnummer RE-2013-000131-9"),
    ("§ 14 (4) no. 3 UStG: a date of its own", "Rechnungsdatum 04.02.2013"),
    ("§ 31 (5) UStDV: the invoice that it corrects", "Storno zu RE-2013-000123-7 vom 31.01.2013"),
    ("what it does", "hiermit stornieren wir die Rechnung RE-2013-000123-7 vom 31.01.2013 vollständig:"),
    ("negative by quantity", "1 E-Mail-Postfach 10 GB, Januar 2013 -1 1,00 € 19 % -0,84 € -1,00 €"),
    ("§ 14 (4) no. 7 and 8 UStG: what is taken back, by rate", "19 % -0,84 € -0,16 € -1,00 € Gesamtbetrag -1,00 €"),
    ("nothing to pay", "Die Rechnung RE-2013-000123-7 ist damit aufgehoben; für sie ist nichts zu zahlen."),
    ("what was paid comes back", "Falls Sie bereits gezahlt haben, erstatten wir Ihnen den Betrag."),
];

const ENGLISH_CANCELLATION: [Statement; 9] = [
    ("the title", "Cancellation invoice RE-2013-000132-7"),
    ("§ 14 (4) no. 4 UStG: a number of its own", "Invoice number RE-2013-000132-7"),
    ("§ 14 (4) no. 3 UStG: a date of its own", "Invoice date 4 February 2013"),
    ("§ 31 (5) UStDV: the invoice that it corrects", "Cancels RE-2013-000124-5 of 31 January 2013"),
    ("what it does", "We hereby cancel invoice RE-2013-000124-5 of 31 January 2013 in full:"),
    ("negative by quantity", "1 E-mail mailbox 10 GB, January 2013 -25 €1.00 19% -€21.01 -€25.00"),
    ("§ 14 (4) no. 7 and 8 UStG: what is taken back, by rate", "7% -€27.85 -€1.95 -€29.80 Sum -€1,086.31 -€203.05"),
    ("nothing to pay", "Invoice RE-2013-000124-5 is thereby void; nothing is to be paid for it."),
    ("what was paid comes back", "If you have already paid, we will refund the amount."),
];

fn text(content: &Content) -> String {
    let text = page_text(&render(content).unwrap()).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn missing(content: &Content, statements: &[Statement]) -> Vec<&'static str> {
    let text = text(content);
    statements.iter().filter(|(_, words)| !text.contains(words)).map(|(law, _)| *law).collect()
}

#[test]
fn the_pages_say_what_the_law_asks_for() {
    let papers = [
        (reference::one_line(), GERMAN.as_slice()),
        (reference::english_company(), &ENGLISH),
        (reference::cancellation(), &GERMAN_CANCELLATION),
        (reference::english_cancellation(), &ENGLISH_CANCELLATION),
    ];
    for (content, statements) in papers {
        assert_eq!(missing(&content, statements), [""; 0], "{}", text(&content));
    }
}

/// § 33 UStDV: up to 250 euros, name and mail address will do.
#[test]
fn a_small_invoice_needs_no_address() {
    let content = reference::no_address();
    let at_home = "§ 14 (4) no. 1 UStG: name and address of the recipient";
    let day = "§ 14 (4) no. 6 UStG: period of the service";
    assert_eq!(missing(&content, &GERMAN), [at_home, day]);
    let text = text(&content);
    assert!(text.contains("Jürgen Größe-Müller juergen@example.net") && text.contains("Leistungszeitraum 31.01.2013"));
}

/// `Gutschrift` is the name of an invoice that the recipient writes (§ 14 (2) UStG); whoever calls a cancellation so
/// owes its tax (§ 14c UStG).
#[test]
fn no_paper_calls_itself_a_credit_note() {
    for (name, content) in crate::oracles::references() {
        let text = text(&content).to_lowercase();
        assert!(!text.contains("gutschrift") && !text.contains("credit"), "{name}: {text}");
    }
}

/// Each statement hangs on a value of the content: with another value it is gone.
#[test]
fn a_wrong_value_is_a_missing_statement() {
    let changes: [(&str, Change); 8] = [
        ("no. 1 UStG: name and address of the supplier", |content| content.seller.address.city = "Bonn".to_owned()),
        ("no. 1 UStG: name and address of the recipient", |content| content.recipient.name = "X".to_owned()),
        ("no. 2 ", |content| content.seller.vat_id = "DE999999999".to_owned()),
        ("no. 3 ", |content| content.issued_on = content.service_from),
        ("no. 4 ", |content| content.number = "RE-1".to_owned()),
        ("no. 5 ", |content| content.lines[0].description = "Postkarte".to_owned()),
        ("no. 6 ", |content| content.service_from = content.service_to),
        ("no. 7 and 8 ", |content| *content = reference::scaled(2)),
    ];
    for (law, change) in changes {
        let mut content = reference::one_line();
        change(&mut content);
        let missing = missing(&content, &GERMAN);
        assert!(missing.iter().any(|statement| statement.contains(law)), "{law}: {missing:?}");
    }
}
