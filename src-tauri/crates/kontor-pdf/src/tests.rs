//! Where things stand on the pages: nothing overlaps, nothing leaves its place, whatever the texts are.

use proptest::prelude::*;

use crate::audit::{Check, Expected, audit};
use crate::body;
use crate::content::{Address, Content};
use crate::letter::{FOOT, LEFT, RIGHT};
use crate::oracles::references;
use crate::paper::{HEIGHT, Mark, Page, mm};
use crate::{reference, render};

/// Left, top, right and bottom of a text, without accents and descenders, which may touch the line next to them.
fn boxes(page: &Page) -> Vec<([f32; 4], String)> {
    let text = |mark: &Mark| match mark {
        Mark::Text { run, x, y, .. } => Some(([*x, y - 0.7 * run.style.size, x + run.width, *y], run.text.clone())),
        _ => None,
    };
    page.marks.iter().filter_map(text).collect()
}

fn overlap(a: &[f32; 4], b: &[f32; 4]) -> bool {
    a[0] + 0.1 < b[2] && b[0] + 0.1 < a[2] && a[1] + 0.1 < b[3] && b[1] + 0.1 < a[3]
}

fn assert_tidy(content: &Content) {
    let pages = body::set(content).unwrap();
    for page in &pages {
        let boxes = boxes(page);
        for (index, (place, text)) in boxes.iter().enumerate() {
            assert!(
                place[0] > LEFT - 0.1 && place[2] < RIGHT + 0.6 && place[1] > 0.0 && place[3] < HEIGHT - mm(3.0),
                "{text} at {place:?}"
            );
            for (other, more) in &boxes[index + 1..] {
                assert!(!overlap(place, other), "{text:?} at {place:?} overlaps {more:?} at {other:?}");
            }
        }
        codes(page, &boxes);
    }
    window(content, &boxes(&pages[0]));
}

/// The code with its quiet zone is free of text and stands above the foot.
fn codes(page: &Page, texts: &[([f32; 4], String)]) {
    for mark in &page.marks {
        let Mark::Code { code, x, y, module } = mark else { continue };
        let side = f32::from(u16::try_from(code.side).unwrap()) * module;
        let quiet = 4.0 * module;
        let place = [x - quiet, y - quiet, x + side + quiet, y + side + quiet];
        assert!(place[3] < FOOT && x + side < RIGHT + 1.0, "{place:?}");
        assert!(texts.iter().all(|(text, _)| !overlap(text, &place)), "text in the quiet zone");
    }
}

/// The recipient stands inside the window: 20 to 105 mm, 62.7 to 90 mm.
fn window(content: &Content, texts: &[([f32; 4], String)]) {
    let first = content.recipient.company.as_ref().unwrap_or(&content.recipient.name);
    let first = crate::font::prepare(first);
    let start = first.split_whitespace().next().unwrap().chars().next().unwrap();
    let inside = |place: &[f32; 4]| place[1] > mm(62.7) && place[3] < mm(90.0) && place[2] < mm(105.0);
    assert!(texts.iter().any(|(place, text)| inside(place) && text.starts_with(start)), "{first} is not in the window");
    let between = |place: &[f32; 4]| place[0] < mm(105.0) && place[3] > mm(90.0) && place[1] < mm(98.0);
    assert!(!texts.iter().any(|(place, _)| between(place)), "the recipient runs out of the window");
}

#[test]
fn reference_pages_are_tidy() {
    for (_, content) in references() {
        assert_tidy(&content);
    }
}

#[test]
fn the_widest_and_longest_texts_keep_their_places() {
    for letter in ["W", "‱", "Wm ", "i"] {
        let text = |length: usize| letter.repeat(length).chars().take(length).collect::<String>().trim_end().to_owned();
        let mut content = reference::one_line();
        content.recipient.company = Some(text(300));
        content.recipient.name = text(300);
        content.recipient.email = text(254);
        content.recipient.vat_id = Some(text(64));
        let address = Address { street: text(254), postal_code: text(64), city: text(254), country: "GB".to_owned() };
        content.recipient.address = Some(address);
        content.number = text(64);
        content.lines[0].description = text(1000);
        content.seller.name = text(60);
        content.seller.bank = text(254);
        content.seller.register = text(254);
        content.seller.directors = text(254);
        assert_tidy(&content);
        assert_eq!(render(&content).map(|_| ()), Ok(()));
    }
}

#[test]
fn every_page_with_rows_repeats_the_head_and_no_row_is_split() {
    let pages = body::set(&reference::many_lines()).unwrap();
    let count = |page: &Page, start: &str| boxes(page).iter().filter(|(_, text)| text.starts_with(start)).count();
    let with_rows: Vec<&Page> = pages.iter().filter(|page| count(page, "E-Mail-Postfach") > 0).collect();
    assert!(with_rows.len() > 3);
    assert!(with_rows.iter().all(|page| count(page, "Beschreibung") == 1));
    assert_eq!(pages.iter().map(|page| count(page, "E-Mail-Postfach")).sum::<usize>(), 120);
    for page in with_rows {
        assert_eq!(count(page, "Grundsätzen"), count(page, "Buchführung und täglicher"));
    }
    for (index, page) in pages.iter().enumerate() {
        assert_eq!(count(page, &format!("Seite {} von {}", index + 1, pages.len())), 1);
    }
}

#[test]
fn sums_never_stand_on_a_page_without_a_row() {
    for lines in 1..60 {
        let pages = body::set(&reference::lines(lines)).unwrap();
        let has = |page: &Page, start: &str| boxes(page).iter().any(|(_, text)| text.starts_with(start));
        let sums: Vec<&Page> = pages.iter().filter(|page| has(page, "Gesamtbetrag")).collect();
        assert!(sums.len() == 1 && has(sums[0], "E-Mail-Postfach"), "{lines} lines");
    }
}

/// Figures of a column end below each other in one size of type, whatever the largest amount is.
#[test]
fn amounts_of_a_column_are_of_one_size_and_end_below_each_other() {
    let pages = body::set(&reference::amounts()).unwrap();
    let amounts: Vec<(f32, f32)> = pages[0]
        .marks
        .iter()
        .filter_map(|mark| match mark {
            Mark::Text { run, x, .. } if run.style.size < 9.0 && run.text.ends_with(" €") => {
                Some((run.style.size, x + run.width))
            }
            _ => None,
        })
        .collect();
    assert_eq!(amounts.len(), 6 * 3 + 4 * 3);
    for (size, end) in &amounts {
        assert!((size - amounts[0].0).abs() < 0.001);
        let edges = [132.0, 144.0, 167.0, 190.0].map(mm);
        assert!(edges.iter().any(|edge| (edge - end).abs() < 0.01), "{end}");
    }
}

#[test]
fn the_page_says_this_and_nothing_else() {
    let pages = body::set(&reference::one_line()).unwrap();
    let lines: Vec<String> = boxes(&pages[0]).into_iter().map(|(_, text)| text).collect();
    let expected = [
        "Euro Mail GmbH",
        "Am Musterkai 1",
        "24103 Kiel",
        "+49 431 0000-0",
        "rechnung@example.com",
        "Euro Mail GmbH · Am Musterkai 1 · 24103 Kiel",
        "Jürgen Größe-Müller",
        "Lübecker Straße 12 a",
        "22087 Hamburg",
        "Rechnungsnummer",
        "RE-2013-000123-7",
        "Rechnungsdatum",
        "31.01.2013",
        "Kundennummer",
        "K-000123-4",
        "Leistungszeitraum",
        "01.01.2013 – 31.01.2013",
        "Ihre E-Mail",
        "juergen@example.net",
        "Rechnung RE-2013-000123-7",
        "Guten Tag Jürgen Größe-Müller,",
        "für den Leistungszeitraum 01.01.2013 – 31.01.2013 berechnen wir Ihnen:",
        "Pos.",
        "Beschreibung",
        "Menge",
        "Einzelpreis",
        "brutto",
        "USt",
        "Netto",
        "Gesamt",
        "brutto",
        "1",
        "E-Mail-Postfach 10 GB, Januar 2013",
        "1",
        "1,00 €",
        "19 %",
        "0,84 €",
        "1,00 €",
        "Alle Preise sind brutto; Netto und Umsatzsteuer",
        "(USt) sind je Position daraus errechnet.",
        "Steuersatz",
        "Netto",
        "USt",
        "Brutto",
        "19 %",
        "0,84 €",
        "0,16 €",
        "1,00 €",
        "Gesamtbetrag",
        "1,00 €",
        "Bitte überweisen Sie 1,00 € bis zum 14.02.2013 auf das folgende Konto. Geben",
        "Sie als Verwendungszweck nur RE-2013-000123-7 an, damit wir Ihre Zahlung",
        "zuordnen können.",
        "Empfänger",
        "Euro Mail GmbH",
        "Bank",
        "Musterbank Kiel",
        "IBAN",
        "DE02 1203 0000 0000 2020 51",
        "BIC",
        "BYLADEM1001",
        "Verwendungszweck",
        "RE-2013-000123-7",
        "Bezahlen per App",
        "Seite 1 von 1",
        "Euro Mail GmbH",
        "Am Musterkai 1",
        "24103 Kiel",
        "Telefon +49 431 0000-0",
        "rechnung@example.com",
        "Sitz Kiel, Amtsgericht Kiel, HRB 4711",
        "Geschäftsführung: Erika Mustermann",
        "USt-IdNr. DE123456788",
        "Musterbank Kiel",
        "IBAN DE02 1203 0000 0000 2020 51",
        "BIC BYLADEM1001",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_cancellation_asks_for_nothing() {
    let pages = body::set(&reference::cancellation()).unwrap();
    let text: Vec<String> = pages.iter().flat_map(boxes).map(|(_, text)| text).collect();
    let text = text.join("\n");
    assert!(
        text.contains("Stornorechnung RE-2013-000131-9")
            && text.contains("die Rechnung RE-2013-000123-7 vom 31.01.2013")
    );
    assert!(!text.contains("überweisen") && !pages[0].marks.iter().any(|mark| matches!(mark, Mark::Code { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_can_be_drawn_passes_its_audit(
        name in "[A-Za-zÄÖÜäöüßéŁźñçА-яα-ω.'’ \u{301}-]{1,120}",
        company in proptest::option::of("[A-Za-z&ÄÖÜ0-9. -]{1,299}"),
        description in "[A-Za-z0-9äöüß,.()/ -]{0,400}",
        quantity in 1_i64..1000,
    ) {
        let mut content = reference::scaled(quantity);
        content.recipient.name = format!("N{name}");
        content.recipient.company = company.map(|company| format!("C{company}"));
        content.lines[0].description = description;
        assert_tidy(&content);
        let pdf = render(&content).unwrap();
        prop_assert_eq!(&pdf, &render(&content).unwrap());
        let audit = audit(Some(&pdf), &Expected::of(&content));
        prop_assert_eq!((&audit.structure, &audit.text), (&Check::Passed, &Check::Passed));
    }
}
