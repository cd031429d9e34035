//! Glyphs and widths of the two shipped fonts, so that the layout can measure before it draws.
//!
//! Plain text takes a table lookup per character; text that still holds combining marks after composition (NFC)
//! goes through the shaper, which places the marks. Left out on purpose: kerning and ligatures (they cost bytes and
//! blur text extraction), font fallback, right-to-left scripts. What the fonts lack is refused, never drawn as a box.

use std::ops::Range;
use std::sync::OnceLock;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::ttf_parser::Tag;
use rustybuzz::{BufferClusterLevel, Feature, UnicodeBuffer};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// The two weights that the paper uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Running text.
    Regular,
    /// Headings and sums.
    Strong,
}

/// Shapes of the digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Figures {
    /// As wide as each digit is.
    Text,
    /// All equally wide, for columns of amounts; a hyphen is drawn as a minus.
    Tabular,
}

/// How a text looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Style {
    pub weight: Weight,
    /// Points.
    pub size: f32,
    pub figures: Figures,
}

impl Style {
    pub const fn regular(size: f32) -> Self {
        Self { weight: Weight::Regular, size, figures: Figures::Text }
    }

    pub const fn strong(size: f32) -> Self {
        Self { weight: Weight::Strong, size, figures: Figures::Text }
    }

    pub const fn tabular(self) -> Self {
        Self { figures: Figures::Tabular, ..self }
    }

    pub const fn with_size(self, size: f32) -> Self {
        Self { size, ..self }
    }
}

/// One line of text, measured and ready to be drawn.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub style: Style,
    pub text: String,
    pub glyphs: Vec<KrillaGlyph>,
    /// Points.
    pub width: f32,
}

/// Glyph and advance in font units.
type Entry = Option<(u16, u16)>;

/// Characters below this are looked up in a table made once.
const TABLE: u32 = 0x250;

struct Face {
    font: Font,
    shaper: rustybuzz::Face<'static>,
    units: f32,
    text: Vec<Entry>,
    tabular: Vec<Entry>,
}

static REGULAR: &[u8] = include_bytes!("../../../../assets/fonts/Inter-Regular.ttf");
static STRONG: &[u8] = include_bytes!("../../../../assets/fonts/Inter-SemiBold.ttf");

/// The font as krilla wants it.
pub(crate) fn font(weight: Weight) -> Font {
    face(weight).font.clone()
}

fn face(weight: Weight) -> &'static Face {
    static FACES: [OnceLock<Face>; 2] = [OnceLock::new(), OnceLock::new()];
    match weight {
        Weight::Regular => FACES[0].get_or_init(|| Face::parse(REGULAR)),
        Weight::Strong => FACES[1].get_or_init(|| Face::parse(STRONG)),
    }
}

impl Face {
    fn parse(bytes: &'static [u8]) -> Self {
        let font = Font::new(bytes.into(), 0).expect("the shipped fonts are valid");
        let shaper = rustybuzz::Face::from_slice(bytes, 0).expect("the shipped fonts are valid");
        let units = font.units_per_em();
        let mut face = Self { font, shaper, units, text: Vec::new(), tabular: Vec::new() };
        face.text = (0..TABLE).map(|code| char::from_u32(code).and_then(|ch| face.look_up(ch))).collect();
        face.tabular = face.text.clone();
        for digit in '0'..='9' {
            face.tabular[digit as usize] = face.look_up_tabular(digit);
        }
        // Amounts are typed, searched and copied with a hyphen; on paper it has the length of a minus.
        face.tabular[usize::from(b'-')] = face.look_up_tabular('\u{2212}');
        face
    }

    fn look_up(&self, ch: char) -> Entry {
        let glyph = self.shaper.glyph_index(ch)?;
        Some((glyph.0, self.shaper.glyph_hor_advance(glyph)?))
    }

    fn look_up_tabular(&self, ch: char) -> Entry {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(ch.encode_utf8(&mut [0; 4]));
        let feature = Feature::new(Tag::from_bytes(b"tnum"), 1, ..);
        let shaped = rustybuzz::shape(&self.shaper, &[feature], buffer);
        let glyph = u16::try_from(shaped.glyph_infos().first()?.glyph_id).ok()?;
        let advance = self.shaper.glyph_hor_advance(rustybuzz::ttf_parser::GlyphId(glyph))?;
        Some((glyph, advance))
    }

    fn entry(&self, ch: char, figures: Figures) -> Entry {
        let index = ch as usize;
        match figures {
            Figures::Tabular if index < self.tabular.len() => self.tabular[index],
            _ if index < self.text.len() => self.text[index],
            _ => self.look_up(ch),
        }
    }

    fn plain(&self, text: &str, figures: Figures) -> Vec<KrillaGlyph> {
        text.char_indices()
            .map(|(start, ch)| {
                let (glyph, advance) = self.entry(ch, figures).unwrap_or((0, 0));
                self.glyph(u32::from(glyph), i32::from(advance), (0, 0), start..start + ch.len_utf8())
            })
            .collect()
    }

    #[expect(clippy::cast_precision_loss, reason = "font units are small numbers")]
    fn glyph(&self, id: u32, advance: i32, offset: (i32, i32), range: Range<usize>) -> KrillaGlyph {
        let scaled = |value: i32| value as f32 / self.units;
        KrillaGlyph::new(GlyphId::new(id), scaled(advance), scaled(offset.0), scaled(offset.1), 0.0, range, None)
    }

    /// For text with combining marks. Base and mark stay clusters of their own, so that each glyph reads back as its own
    /// character and no reader has to know `ActualText`.
    fn shaped(&self, text: &str) -> Vec<KrillaGlyph> {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.set_cluster_level(BufferClusterLevel::Characters);
        buffer.guess_segment_properties();
        buffer.set_direction(rustybuzz::Direction::LeftToRight);
        let plain = ["kern", "liga", "calt"].map(|name| {
            let tag = Tag::from_bytes_lossy(name.as_bytes());
            Feature::new(tag, 0, ..)
        });
        let output = rustybuzz::shape(&self.shaper, &plain, buffer);
        let infos = output.glyph_infos();
        let ends = |start: u32| infos.iter().map(|info| info.cluster).find(|next| *next > start);
        let pairs = infos.iter().zip(output.glyph_positions());
        pairs
            .map(|(info, place)| {
                let end = ends(info.cluster).map_or(text.len(), |end| end as usize);
                let offset = (place.x_offset, place.y_offset);
                self.glyph(info.glyph_id, place.x_advance, offset, info.cluster as usize..end)
            })
            .collect()
    }
}

/// The text as it is drawn: composed (NFC), every kind of blank a plain one, and of the few characters that share
/// one glyph always the same one, so that the text read back from the page is unambiguous. (The minus is the glyph of
/// negative amounts, which read back with a hyphen.)
pub(crate) fn prepare(text: &str) -> String {
    // Most texts are; composing them is a tenth of the layout's time.
    if text.is_ascii() { text.to_owned() } else { text.nfc().map(drawn).collect() }
}

fn drawn(ch: char) -> char {
    match ch {
        '\u{2bc}' => '\u{2019}',
        '\u{2ee}' => '\u{201d}',
        '\u{2212}' => '-',
        ch if ch.is_whitespace() => ' ',
        ch => ch,
    }
}

/// Measures one line of text.
pub(crate) fn shape(style: Style, text: &str) -> Run {
    let face = face(style.weight);
    let text = prepare(text);
    let glyphs = if has_marks(&text) { face.shaped(&text) } else { face.plain(&text, style.figures) };
    let width = glyphs.iter().map(|glyph| glyph.x_advance).sum::<f32>() * style.size;
    Run { style, text, glyphs, width }
}

fn has_marks(text: &str) -> bool {
    !text.is_ascii() && text.chars().any(|ch| canonical_combining_class(ch) != 0)
}

/// Width of one line of text, in points.
pub(crate) fn width(style: Style, text: &str) -> f32 {
    shape(style, text).width
}

/// The first character that the shipped fonts cannot draw, or that a reader of the paper could not see: control
/// characters, zero-width characters, direction marks. Decomposed letters are judged in their composed form.
#[must_use]
pub fn uncovered(text: &str) -> Option<char> {
    text.nfc().find(|ch| !is_covered(*ch))
}

fn is_covered(ch: char) -> bool {
    if ch.is_control() || is_invisible(ch) {
        return false;
    }
    let drawn = drawn(ch);
    [Weight::Regular, Weight::Strong].iter().all(|weight| face(*weight).entry(drawn, Figures::Text).is_some())
}

/// Default-ignorable and separator characters that leave no trace on paper.
fn is_invisible(ch: char) -> bool {
    matches!(ch, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn european_text_is_covered() {
        for text in
            ["Müller ß €", "Łódź Čeština Ελλάδα Привет", "A\u{308}pfel", "x\u{301}y", "für\u{a0}'n „Euro“ – 10 GB", "ẞ"]
        {
            assert_eq!(uncovered(text), None, "{text}");
        }
    }

    #[test]
    fn missing_and_invisible_characters_are_named() {
        for (text, ch) in [
            ("a王b", '王'),
            ("שלום", 'ש'),
            ("a\tb", '\t'),
            ("a\u{200b}b", '\u{200b}'),
            ("\u{202e}", '\u{202e}'),
            ("😀", '😀'),
            ("a\u{7f}", '\u{7f}'),
        ] {
            assert_eq!(uncovered(text), Some(ch), "{text:?}");
        }
    }

    #[test]
    fn tabular_figures_are_equally_wide() {
        let style = Style::regular(9.0).tabular();
        let widths: Vec<f32> = "0123456789".chars().map(|ch| width(style, &ch.to_string())).collect();
        assert!(widths.iter().all(|w| (w - widths[0]).abs() < 0.001), "{widths:?}");
        assert!(width(Style::regular(9.0), "1") < widths[0]);
    }

    #[test]
    fn amounts_have_the_sign_of_a_minus_that_reads_as_a_hyphen() {
        let glyph = |style: Style| shape(style, "-1").glyphs[0].glyph_id.to_u32();
        let minus = face(Weight::Regular).look_up_tabular('\u{2212}').unwrap().0;
        assert_eq!(glyph(Style::regular(9.0).tabular()), u32::from(minus));
        assert_ne!(glyph(Style::regular(9.0)), u32::from(minus));
        assert_eq!(shape(Style::regular(9.0), "5 \u{2212} 3").text, "5 - 3");
    }

    #[test]
    fn combining_marks_do_not_widen_the_text() {
        let style = Style::regular(10.0);
        let plain = width(style, "xy");
        assert!((width(style, "x\u{301}y") - plain).abs() < 0.001);
        assert_eq!(shape(style, "A\u{308}").text, "Ä");
    }
}
