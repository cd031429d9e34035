//! Pages of marks to PDF/A-3b bytes, with krilla.
//!
//! Everything that could differ between two runs is given: the creation date is the date of issue at midnight UTC and
//! the document id is the hash of the frozen content. Left out: the embedded e-invoice.

use chrono::{Datelike, NaiveDate};
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::geom::{Path, PathBuilder, Point, Transform};
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::{Document, SerializeSettings};

use crate::RenderError;
use crate::content::{Content, Language};
use crate::font::font;
use crate::paper::{HEIGHT, Ink, Mark, Page, WIDTH};

/// Draws the pages.
pub(crate) fn draw(content: &Content, title: &str, pages: &[Page]) -> Result<Vec<u8>, RenderError> {
    write(metadata(content, title), pages)
}

/// Draws pages of whatever it is.
pub(crate) fn write(metadata: Metadata, pages: &[Page]) -> Result<Vec<u8>, RenderError> {
    let mut document = Document::new_with(settings()?);
    document.set_metadata(metadata);
    for page in pages {
        let settings = PageSettings::from_wh(WIDTH, HEIGHT).expect("A4 is a valid size");
        let mut sheet = document.start_page_with(settings);
        let mut surface = sheet.surface();
        page.marks.iter().for_each(|mark| draw_mark(&mut surface, mark));
        surface.finish();
        sheet.finish();
    }
    document.finish().map_err(|error| RenderError::Drawing(format!("{error:?}")))
}

fn settings() -> Result<SerializeSettings, RenderError> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A3_B)
        .finish()
        .map_err(|error| RenderError::Drawing(format!("{error:?}")))?;
    Ok(SerializeSettings { configuration, enable_tagging: false, ..SerializeSettings::default() })
}

fn metadata(content: &Content, title: &str) -> Metadata {
    about(title, &content.seller.name, content.language, content.issued_on, hex(&content.sha256()))
}

/// Everything in the metadata that could differ between two runs is given.
pub(crate) fn about(title: &str, author: &str, language: Language, day: NaiveDate, id: String) -> Metadata {
    let language = match language {
        Language::De => "de",
        Language::En => "en",
    };
    Metadata::new()
        .title(title.to_owned())
        .authors(vec![author.to_owned()])
        .language(language.to_owned())
        .creator("Kontor".to_owned())
        .producer(crate::RENDERER.to_owned())
        .creation_date(creation_date(day))
        .document_id(id)
}

fn creation_date(day: NaiveDate) -> DateTime {
    let small = |value: u32| u8::try_from(value).unwrap_or(1);
    let year = u16::try_from(day.year()).unwrap_or_default();
    DateTime::new(year)
        .month(small(day.month()))
        .day(small(day.day()))
        .hour(0)
        .minute(0)
        .second(0)
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|half| char::from(DIGITS[usize::from(half)])).collect()
}

fn draw_mark(surface: &mut Surface<'_>, mark: &Mark) {
    match mark {
        Mark::Text { run, x, y, ink } => {
            fill(surface, *ink);
            surface.draw_glyphs(
                Point::from_xy(*x, *y),
                &run.glyphs,
                font(run.style.weight),
                &run.text,
                run.style.size,
                false,
            );
        }
        Mark::Rule { from, to, width, ink } => {
            stroke(surface, *ink, *width);
            let mut line = PathBuilder::new();
            line.move_to(from.0, from.1);
            line.line_to(to.0, to.1);
            surface.draw_path(&line.finish().expect("a line is a path"));
        }
        Mark::Path { points, width, dash, ink } => {
            surface.set_fill(None);
            let dash = (!dash.is_empty()).then(|| StrokeDash { array: dash.clone(), offset: 0.0 });
            surface.set_stroke(Some(Stroke { paint: ink.color().into(), width: *width, dash, ..Stroke::default() }));
            if let Some(path) = path(points, false) {
                surface.draw_path(&path);
            }
        }
        Mark::Area { points, ink } => {
            fill(surface, *ink);
            if let Some(path) = path(points, true) {
                surface.draw_path(&path);
            }
        }
        Mark::Code { code, x, y, module } => {
            stroke(surface, Ink::Black, 1.0);
            // Strokes lie on the middle of a row of modules; shifting by half a module keeps their coordinates whole.
            let (x, y) = (*x, *y + *module / 2.0);
            surface.push_transform(&Transform::from_row(*module, 0.0, 0.0, *module, x, y));
            surface.draw_path(&code.path());
            surface.pop();
        }
    }
}

fn path(points: &[(f32, f32)], is_closed: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (place, (x, y)) in points.iter().enumerate() {
        if place == 0 {
            path.move_to(*x, *y);
        } else {
            path.line_to(*x, *y);
        }
    }
    if is_closed {
        path.close();
    }
    path.finish()
}

fn stroke(surface: &mut Surface<'_>, ink: Ink, width: f32) {
    surface.set_fill(None);
    surface.set_stroke(Some(Stroke { paint: ink.color().into(), width, ..Stroke::default() }));
}

fn fill(surface: &mut Surface<'_>, ink: Ink) {
    surface.set_stroke(None);
    surface.set_fill(Some(Fill { paint: ink.color().into(), ..Fill::default() }));
}
