use proptest::prelude::*;

use super::*;
use crate::{legacy, reference, render};

fn good() -> (Vec<u8>, Expected) {
    let content = reference::one_line();
    let pdf = render(&content).unwrap();
    let expected = Expected { sha256: Some(sha256(&pdf)), pages: Some(1), ..Expected::of(&content) };
    (pdf, expected)
}

fn of_bytes(pdf: &[u8], expected: &Expected) -> Audit {
    audit(Some(pdf), &Expected { sha256: Some(sha256(pdf)), ..expected.clone() })
}

fn failed(audit: &Audit) -> [bool; 4] {
    [&audit.present, &audit.hash, &audit.structure, &audit.text].map(Check::is_failed)
}

fn find(pdf: &[u8], what: &[u8]) -> usize {
    pdf.windows(what.len()).rposition(|window| window == what).unwrap()
}

#[test]
fn good_documents_pass() {
    let contents = [
        reference::one_line(),
        reference::english_company(),
        reference::cancellation(),
        reference::many_lines(),
        reference::long_name(),
    ];
    for content in contents {
        let pdf = render(&content).unwrap();
        let audit = of_bytes(&pdf, &Expected::of(&content));
        assert_eq!(
            audit,
            Audit {
                present: Check::Passed,
                hash: Check::Passed,
                structure: Check::Passed,
                text: Check::Passed,
                pages: audit.pages
            }
        );
        assert!(audit.is_good());
    }
}

#[test]
fn only_present_notices_a_missing_file() {
    let (_, expected) = good();
    for bytes in [None, Some([].as_slice())] {
        let audit = audit(bytes, &expected);
        assert_eq!(failed(&audit), [true, false, false, false]);
        assert!(!audit.is_good());
    }
}

#[test]
fn only_the_hash_notices_a_flipped_bit_in_the_metadata() {
    let (mut pdf, expected) = good();
    let place = find(&pdf, b"<dc:title>") + b"<dc:title>".len() + 40;
    pdf[place] ^= 1;
    let audit = audit(Some(&pdf), &expected);
    assert_eq!(failed(&audit), [false, true, false, false], "{audit:?}");
    assert!(!audit.is_good());
}

#[test]
fn only_the_structure_notices_a_broken_table_of_objects() {
    let (pdf, expected) = good();
    let start = find(&pdf, b"startxref\n") + b"startxref\n".len();
    let mut moved = pdf.clone();
    moved[start] = if moved[start] == b'9' { b'8' } else { moved[start] + 1 };
    let mut entry = pdf.clone();
    let place = find(&pdf, b"\nxref\n") + 40;
    entry[place] = b'7';
    let padded = [b"\n".as_slice(), &pdf].concat();
    let open_end = pdf[..pdf.len() - 5].to_vec();
    for damaged in [moved, entry, padded, open_end] {
        let audit = of_bytes(&damaged, &expected);
        assert_eq!(failed(&audit), [false, false, true, false], "{audit:?}");
        assert_eq!(audit.text, Check::Passed);
        assert!(!audit.is_good());
    }
}

#[test]
fn only_the_structure_notices_a_stream_that_does_not_decode() {
    let (mut pdf, expected) = good();
    let end = find(&pdf, b"\nendstream");
    let stream = (0..end)
        .rev()
        .filter(|start| pdf[*start..].starts_with(b"stream\n"))
        .find(|start| pdf[..*start].ends_with(b">>\n"));
    let flate = (0..stream.unwrap()).rev().find(|start| pdf[*start..].starts_with(b"/FlateDecode")).unwrap();
    let packed = (flate..pdf.len()).find(|start| pdf[*start..].starts_with(b"stream\n")).unwrap() + b"stream\n".len();
    pdf[packed + 60] ^= 0x10;
    let audit = of_bytes(&pdf, &expected);
    assert_eq!(failed(&audit), [false, false, true, false], "{audit:?}");
}

#[test]
fn only_the_structure_notices_a_wrong_page_count() {
    let (pdf, expected) = good();
    let audit = of_bytes(&pdf, &Expected { pages: Some(2), ..expected });
    assert_eq!(failed(&audit), [false, false, true, false]);
    assert_eq!(audit.pages, Some(1));
}

#[test]
fn only_the_text_notices_the_document_of_somebody_else() {
    let (_, expected) = good();
    let other = render(&reference::english_company()).unwrap();
    let audit = of_bytes(&other, &expected);
    assert_eq!(failed(&audit), [false, false, false, true]);
    let Check::Failed(reason) = &audit.text else { panic!() };
    assert!(reason.contains("number \"RE-2013-000123-7\"") && reason.contains("1,00 €"), "{reason}");
}

#[test]
fn the_text_notices_each_value_by_itself() {
    let (pdf, expected) = good();
    let wrong = [
        Expected { number: "RE-2013-000123".to_owned(), ..expected.clone() },
        Expected { issued_on: reference::one_line().service_from, ..expected.clone() },
        Expected { issued_on: reference::one_line().payment.unwrap().due_on, ..expected.clone() },
        Expected { recipient: "Jürgen Größe".to_owned(), ..expected.clone() },
        Expected { recipient: String::new(), ..expected.clone() },
        Expected { gross_cents: 84, ..expected.clone() },
        Expected { gross_cents: -100, ..expected.clone() },
        Expected { gross_cents: 0, ..expected.clone() },
    ];
    for expected in wrong {
        let audit = of_bytes(&pdf, &expected);
        assert_eq!(failed(&audit), [false, false, false, true], "{expected:?}");
    }
}

/// The cancellation names the original's number and date, and must still not pass for it.
#[test]
fn a_cancellation_does_not_pass_for_its_original() {
    let cancellation = render(&reference::cancellation()).unwrap();
    assert!(of_bytes(&cancellation, &good().1).text.is_failed());
}

#[test]
fn composed_and_decomposed_names_are_the_same_text() {
    let mut content = reference::one_line();
    content.recipient.name = "Ju\u{308}rgen O\u{2bc}Bri\u{e8}n x\u{301}\u{a0}Ω".to_owned();
    let pdf = render(&content).unwrap();
    assert_eq!(of_bytes(&pdf, &Expected::of(&content)).text, Check::Passed);
    let composed = Expected { recipient: "Jürgen O’Brièn x\u{301} \u{2126}".to_owned(), ..Expected::of(&content) };
    assert_eq!(of_bytes(&pdf, &composed).text, Check::Passed);
}

#[test]
fn an_unknown_hash_does_not_count_against_a_document() {
    let (pdf, expected) = good();
    let audit = audit(Some(&pdf), &Expected { sha256: None, pages: None, ..expected });
    assert_eq!(audit.hash, Check::NotDone);
    assert!(audit.is_good());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_audited_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000), headed in any::<bool>()) {
        let bytes = if headed { [b"%PDF-1.7\n".as_slice(), &bytes, b"\n%%EOF"].concat() } else { bytes };
        prop_assert!(!audit(Some(&bytes), &good().1).is_good());
    }

    #[test]
    fn cut_documents_are_noticed(cut in 0.0_f64..1.0, old in any::<bool>()) {
        let pdf = if old { legacy::render(&reference::one_line()) } else { good().0 };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place inside a small file")]
        let end = (pdf.trim_ascii_end().len() as f64 * cut) as usize;
        let audit = of_bytes(&pdf[..end], &good().1);
        prop_assert!(audit.present.is_failed() || audit.structure.is_failed());
    }

    #[test]
    fn flipped_bits_are_noticed(place in any::<prop::sample::Index>(), bit in 0_u8..8, old in any::<bool>()) {
        let (pdf, expected) = good();
        let pdf = if old { legacy::render(&reference::one_line()) } else { pdf };
        let expected = Expected { sha256: Some(sha256(&pdf)), ..expected };
        let mut damaged = pdf.clone();
        damaged[place.index(pdf.len())] ^= 1 << bit;
        prop_assert!(audit(Some(&damaged), &expected).hash.is_failed());
    }

    #[test]
    fn overwritten_stretches_are_audited_without_panic(place in any::<prop::sample::Index>(), bytes in proptest::collection::vec(any::<u8>(), 1..200), old in any::<bool>()) {
        let mut pdf = if old { legacy::render(&reference::one_line()) } else { good().0 };
        let start = place.index(pdf.len());
        let end = pdf.len().min(start + bytes.len());
        pdf[start..end].copy_from_slice(&bytes[..end - start]);
        let _ = audit(Some(&pdf), &good().1);
    }
}

#[test]
fn a_page_is_read_without_knowing_what_to_expect() {
    let contents = [
        reference::one_line(),
        reference::english_company(),
        reference::cancellation(),
        reference::many_lines(),
        reference::long_name(),
        reference::english_cancellation(),
    ];
    for content in contents {
        let expected = Expected::of(&content);
        for pdf in [render(&content).unwrap(), legacy::render(&content)] {
            let said = Said::read(&pdf).expect("the pages can be read");
            assert_eq!(said.number().as_deref(), Some(content.number.as_str()));
            assert_eq!(said.issued_on(), Some(content.issued_on));
            assert_eq!(said.gross_cents(), Some(content.gross_cents));
            assert!(said.has_line(&expected.recipient) && !said.has_line("Somebody Else"));
        }
    }
    assert!(Said::read(b"%PDF-1.3 and nothing more").is_none());
}
