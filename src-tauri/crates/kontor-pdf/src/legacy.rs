//! What the old programs of 2013 produced: one plain page, PDF 1.3, built-in Helvetica.
//!
//! It exists for demo and test data only, so that the office meets documents that have no snapshot and no renderer
//! version. Left out: PDF/A, embedded fonts, and every character outside Windows-1252, which becomes `?`.

use lopdf::content::{Content as Operations, Operation};
use lopdf::xref::XrefType;
use lopdf::{Document, Object, Stream, StringFormat, dictionary};
use unicode_normalization::UnicodeNormalization;

use crate::content::{Content, Kind, Language, Line};
use crate::format::{address, date, money, rate};
use crate::words::DE;

const LEFT: f32 = 50.0;
const TOP: f32 = 790.0;
/// Where lines of the table must end.
const BOTTOM: f32 = 150.0;
/// Characters per line of a wrapped name.
const COLUMNS: usize = 90;

/// Draws the page. Never fails; long tables get small type.
pub fn render(content: &Content) -> Vec<u8> {
    let mut document = Document::with_version("1.3");
    document.reference_table.cross_reference_type = XrefType::CrossReferenceTable;
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding",
    });
    let mut stream = Stream::new(dictionary! {}, page(content).encode().expect("plain operations always encode"));
    stream.compress().expect("writing to memory does not fail");
    let contents = document.add_object(stream);
    let pages = document.new_object_id();
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => contents,
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
        "Resources" => dictionary! { "Font" => dictionary! { "F1" => font } },
    });
    document.set_object(pages, dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 });
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).expect("writing to memory does not fail");
    bytes
}

/// Text operations and the place of the next line.
struct Sheet {
    operations: Vec<Operation>,
    y: f32,
}

impl Sheet {
    fn text(&mut self, size: f32, x: f32, text: &str) {
        let bytes = Object::String(windows_1252(text), StringFormat::Literal);
        self.operations.extend([
            Operation::new("BT", vec![]),
            Operation::new("Tf", vec!["F1".into(), size.into()]),
            Operation::new("Td", vec![x.into(), self.y.into()]),
            Operation::new("Tj", vec![bytes]),
            Operation::new("ET", vec![]),
        ]);
    }

    fn line(&mut self, size: f32, text: &str) {
        self.text(size, LEFT, text);
        self.y -= size * 1.4;
    }

    fn wrapped(&mut self, size: f32, text: &str) {
        let chars: Vec<char> = text.nfc().collect();
        for part in chars.chunks(COLUMNS) {
            self.line(size, &part.iter().collect::<String>());
        }
    }
}

fn page(content: &Content) -> Operations<Vec<Operation>> {
    let mut sheet = Sheet { operations: Vec::new(), y: TOP };
    head(&mut sheet, content);
    let rows = content.lines.iter().map(|_| 1.0_f32).sum::<f32>();
    let size = ((sheet.y - BOTTOM) / rows.max(1.0) / 1.4).clamp(0.5, 10.0);
    for line in &content.lines {
        row(&mut sheet, size, line);
    }
    foot(&mut sheet, content);
    Operations { operations: sheet.operations }
}

fn head(sheet: &mut Sheet, content: &Content) {
    let seller = &content.seller;
    let place = address(&seller.address, Language::De).join(", ");
    sheet.line(14.0, &seller.name);
    sheet.line(9.0, &place);
    sheet.y -= 20.0;
    let recipient = &content.recipient;
    let names = recipient.company.iter().chain([&recipient.name]);
    names.filter(|name| !name.trim().is_empty()).for_each(|name| sheet.wrapped(10.0, name));
    for line in recipient.address.iter().flat_map(|place| address(place, Language::De)) {
        sheet.wrapped(10.0, &line);
    }
    sheet.y -= 20.0;
    sheet.line(14.0, if content.kind == Kind::Invoice { "RECHNUNG" } else { "STORNORECHNUNG" });
    sheet.line(10.0, &format!("{}: {}", DE.number, content.number));
    sheet.line(10.0, &format!("{}: {}", DE.date, date(content.issued_on, Language::De)));
    sheet.line(10.0, &format!("{}: {}", DE.customer_number, recipient.customer_number));
    if let Some(original) = &content.original {
        sheet
            .line(10.0, &format!("{} {} vom {}", DE.original, original.number, date(original.issued_on, Language::De)));
    }
    sheet.y -= 14.0;
}

fn row(sheet: &mut Sheet, size: f32, line: &Line) {
    let description: String = line.description.nfc().take(60).collect();
    sheet.text(size, 360.0, &format!("{} x {}", line.quantity, euros(line.unit_gross_cents)));
    sheet.text(size, 470.0, &euros(line.gross_cents));
    sheet.line(size, &format!("{}  {description}", line.position));
}

fn foot(sheet: &mut Sheet, content: &Content) {
    let seller = &content.seller;
    sheet.y -= 10.0;
    sheet.line(10.0, &format!("Nettobetrag: {}", euros(content.net_cents)));
    for tax in &content.taxes {
        sheet.line(10.0, &format!("zzgl. {} USt: {}", rate(tax.basis_points, Language::De), euros(tax.tax_cents)));
    }
    sheet.line(12.0, &format!("{}: {}", DE.total, euros(content.gross_cents)));
    if let Some(payment) = &content.payment {
        sheet.line(
            9.0,
            &format!("Zahlbar bis {} auf Konto {}, {}.", date(payment.due_on, Language::De), seller.iban, seller.bank),
        );
    }
    sheet.line(8.0, &format!("{} - {} - USt-IdNr. {}", seller.register, seller.directors, seller.vat_id));
}

/// `1.234,56 EUR`
fn euros(cents: i64) -> String {
    money(cents, Language::De).replace("\u{a0}€", " EUR")
}

/// Windows-1252, which PDF calls `WinAnsiEncoding`.
fn windows_1252(text: &str) -> Vec<u8> {
    text.nfc().map(byte).collect()
}

fn byte(ch: char) -> u8 {
    /// What stands at 0x80 to 0x9f.
    const HIGH: [char; 32] = [
        '€', '?', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '?', 'Ž', '?', '?', '‘', '’', '“', '”', '•',
        '–', '—', '˜', '™', 'š', '›', 'œ', '?', 'ž', 'Ÿ',
    ];
    match u8::try_from(u32::from(ch)) {
        Ok(0xa0) => b' ',
        Ok(code @ (0x20..=0x7e | 0xa1..)) => code,
        _ => (0x80..=0x9f).zip(HIGH).find(|(_, known)| *known == ch && ch != '?').map_or(b'?', |(code, _)| code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Check, Expected, audit};
    use crate::reference;

    #[test]
    fn a_legacy_page_passes_structure_and_text() {
        for content in
            [reference::one_line(), reference::cancellation(), reference::many_lines(), reference::long_name()]
        {
            let pdf = render(&content);
            assert!(pdf.starts_with(b"%PDF-1.3") && pdf.len() < 12_000, "{} bytes", pdf.len());
            let audit = audit(Some(&pdf), &Expected::of(&content));
            assert_eq!((&audit.structure, &audit.text), (&Check::Passed, &Check::Passed));
            assert_eq!(audit.pages, Some(1));
            assert_eq!(render(&content), pdf);
        }
    }

    #[test]
    fn characters_outside_windows_1252_become_question_marks() {
        assert_eq!(windows_1252("ä€Ła\u{308}王\n"), [0xe4, 0x80, b'?', 0xe4, b'?', b'?']);
    }
}
