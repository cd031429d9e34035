//! The QR code of the payment paragraph: EPC069-12, version 002, UTF-8, SEPA credit transfer.
//!
//! Left out: structured creditor references (ISO 11649) and purposes; the invoice number is the free remittance text.

use krilla::geom::{Path, PathBuilder};
use qrcode::bits::encode_auto;
use qrcode::canvas::{Canvas, MaskPattern};
use qrcode::ec::construct_codewords;
use qrcode::types::QrError;
use qrcode::{Color, EcLevel};

use crate::content::{Content, Payment};

/// Largest amount of a SEPA credit transfer, in cents (EPC069-12).
pub(crate) const MAX_CENTS: i64 = 99_999_999_999;

/// Longest payload in bytes (EPC069-12: at most QR version 13 with correction level M).
pub(crate) const MAX_BYTES: usize = 331;

/// Longest remittance text in characters (EPC069-12).
pub(crate) const MAX_REFERENCE: usize = 140;

const MAX_NAME: usize = 70;

/// The lines of the payload; element separator is a line feed, trailing empty elements are left out.
pub(crate) fn payload(content: &Content, payment: &Payment) -> String {
    let name: String = crate::font::prepare(&content.seller.name).chars().take(MAX_NAME).collect();
    let compact = |text: &str| text.chars().filter(|ch| !ch.is_whitespace()).collect::<String>();
    let amount = format!("EUR{}.{:02}", content.gross_cents / 100, content.gross_cents % 100);
    let (bic, iban) = (compact(&content.seller.bic), compact(&content.seller.iban));
    ["BCD", "002", "1", "SCT", &bic, &name, &iban, &amount, "", "", &payment.reference].join("\n")
}

/// The dark modules of a code.
#[derive(Debug)]
pub(crate) struct Code {
    /// Modules per side, without the quiet zone.
    pub side: usize,
    /// Dark runs per row: row, first column, length.
    runs: Vec<(usize, usize, usize)>,
}

/// Encodes a payload with error correction M.
pub(crate) fn encode(payload: &str) -> Result<Code, QrError> {
    let bits = encode_auto(payload.as_bytes(), EcLevel::M)?;
    let version = bits.version();
    let (data, correction) = construct_codewords(&bits.into_bytes(), version, EcLevel::M)?;
    let mut canvas = Canvas::new(version, EcLevel::M);
    canvas.draw_all_functional_patterns();
    canvas.draw_data(&data, &correction);
    let side = usize::from(version.width().unsigned_abs());
    let rows = MASKS.into_iter().map(|mask| masked(&canvas, mask, side));
    let rows = rows.min_by_key(|rows| penalty(rows, side)).expect("there are eight masks");
    let runs = rows.iter().enumerate().flat_map(|(row, bits)| dark_runs(row, *bits, side)).collect();
    Ok(Code { side, runs })
}

const MASKS: [MaskPattern; 8] = [
    MaskPattern::Checkerboard,
    MaskPattern::HorizontalLines,
    MaskPattern::VerticalLines,
    MaskPattern::DiagonalLines,
    MaskPattern::LargeCheckerboard,
    MaskPattern::Fields,
    MaskPattern::Diamonds,
    MaskPattern::Meadow,
];

/// The rows of a masked code, a bit per module, dark ones set. Version 13, the largest allowed, has 69 modules.
fn masked(canvas: &Canvas, mask: MaskPattern, side: usize) -> Vec<u128> {
    let mut canvas = canvas.clone();
    canvas.apply_mask(mask);
    let colors = canvas.into_colors();
    let row = |row: &[Color]| row.iter().rev().fold(0, |bits, color| bits << 1 | u128::from(*color == Color::Dark));
    colors.chunks(side).map(row).collect()
}

/// Penalty of ISO/IEC 18004, 7.8.3: the mask with the least is taken. The library's own count gives much the same
/// choice, but takes a quarter of the time that a whole invoice takes.
fn penalty(rows: &[u128], side: usize) -> u32 {
    let column = |index: usize| rows.iter().rev().fold(0, |bits, row| bits << 1 | (row >> index & 1));
    let columns: Vec<u128> = (0..side).map(column).collect();
    let lines: u32 = rows.iter().chain(&columns).map(|line| line_penalty(*line, side)).sum();
    let blocks: u32 = rows.windows(2).map(|pair| block_penalty(pair[0], pair[1], side)).sum();
    let dark: u32 = rows.iter().map(|row| row.count_ones()).sum();
    let all = u32::try_from(side * side).unwrap_or(u32::MAX);
    lines + blocks + (dark * 100 / all).abs_diff(50) / 5 * 10
}

/// A bit for each module of the line that equals its right neighbour.
fn same(line: u128, side: usize) -> u128 {
    !(line ^ line >> 1) & ((1 << (side - 1)) - 1)
}

/// Runs of five and more, and finder-like patterns beside four light modules.
fn line_penalty(line: u128, side: usize) -> u32 {
    let same = same(line, side);
    let fives = same & same >> 1 & same >> 2 & same >> 3;
    let runs = fives & !(fives << 1);
    let framed = line << 4;
    let finder = |pattern: u128| (0..side).filter(|start| framed >> start & 0x7ff == pattern).count();
    let finders = finder(0b000_0101_1101) + finder(0b101_1101_0000);
    fives.count_ones() + 2 * runs.count_ones() + 40 * u32::try_from(finders).unwrap_or_default()
}

fn block_penalty(above: u128, below: u128, side: usize) -> u32 {
    3 * (same(above, side) & same(below, side) & !(above ^ below)).count_ones()
}

fn dark_runs(row: usize, bits: u128, side: usize) -> Vec<(usize, usize, usize)> {
    let mut runs: Vec<(usize, usize, usize)> = Vec::new();
    for column in (0..side).filter(|column| bits >> column & 1 == 1) {
        match runs.last_mut() {
            Some((_, start, length)) if *start + *length == column => *length += 1,
            _ => runs.push((row, column, 1)),
        }
    }
    runs
}

impl Code {
    /// One line per run, to be stroked one module wide: half the bytes of rectangles. Units are modules; the lines lie
    /// on the upper edges of their rows.
    #[expect(clippy::cast_precision_loss, reason = "a code has at most 69 modules a side")]
    pub fn path(&self) -> Path {
        let mut builder = PathBuilder::new();
        for (row, column, length) in &self.runs {
            builder.move_to(*column as f32, *row as f32);
            builder.line_to((column + length) as f32, *row as f32);
        }
        builder.finish().expect("a code has dark modules")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;

    #[test]
    fn payload_follows_epc069_12() {
        let content = reference::one_line();
        let payment = content.payment.clone().unwrap();
        let expected =
            "BCD\n002\n1\nSCT\nBYLADEM1001\nEuro Mail GmbH\nDE02120300000000202051\nEUR1.00\n\n\nRE-2013-000123-7";
        assert_eq!(payload(&content, &payment), expected);
    }

    /// The library's own code may carry another mask; with the same mask every module must agree.
    #[test]
    fn runs_are_the_dark_modules_of_one_mask() {
        let content = reference::one_line();
        let text = payload(&content, content.payment.as_ref().unwrap());
        let code = encode(&text).unwrap();
        let bits = encode_auto(text.as_bytes(), EcLevel::M).unwrap();
        let version = bits.version();
        let (data, correction) = construct_codewords(&bits.into_bytes(), version, EcLevel::M).unwrap();
        let mut canvas = Canvas::new(version, EcLevel::M);
        canvas.draw_all_functional_patterns();
        canvas.draw_data(&data, &correction);
        let dark = |mask| {
            let mut canvas = canvas.clone();
            canvas.apply_mask(mask);
            let colors = canvas.into_colors();
            (0..colors.len()).filter(|index| colors[*index] == Color::Dark).collect::<Vec<_>>()
        };
        let drawn: Vec<usize> = code
            .runs
            .iter()
            .flat_map(|(row, column, length)| (0..*length).map(move |step| row * code.side + column + step))
            .collect();
        assert_eq!(MASKS.into_iter().filter(|mask| dark(*mask) == drawn).count(), 1);
    }

    #[test]
    fn penalties_follow_the_standard() {
        assert_eq!(line_penalty(0b01_0101_0101, 10), 0);
        assert_eq!(line_penalty(0b11_1110_1010, 10), 3);
        assert_eq!(line_penalty(0, 10), 8);
        assert_eq!(line_penalty(0b101_1101, 7), 80);
        assert_eq!(block_penalty(0b011, 0b011, 3), 3);
    }
}
