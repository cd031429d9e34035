//! What stands where: pages of marks, collected before anything is drawn, because the foot of the first page names
//! the number of the last.
//!
//! Coordinates are points from the top left corner, with y at the base line of text. Left out: what the marks mean.

use krilla::color::rgb;

use crate::font::{Run, Style, shape};
use crate::qr::Code;
use crate::wrap::{fit, wrap};

/// A4, in points.
pub(crate) const WIDTH: f32 = mm(210.0);
/// A4, in points.
pub(crate) const HEIGHT: f32 = mm(297.0);

/// Millimetres in points.
pub(crate) const fn mm(value: f32) -> f32 {
    value * 72.0 / 25.4
}

/// Grey tones and the one accent of the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    Black,
    Grey,
    Line,
    Accent,
    /// What a chart asks for.
    Tint(u8, u8, u8),
}

impl Ink {
    pub fn color(self) -> rgb::Color {
        match self {
            Self::Black => rgb::Color::new(20, 24, 31),
            Self::Grey => rgb::Color::new(92, 99, 110),
            Self::Line => rgb::Color::new(190, 196, 205),
            Self::Accent => rgb::Color::new(24, 78, 119),
            Self::Tint(red, green, blue) => rgb::Color::new(red, green, blue),
        }
    }
}

/// One thing drawn on a page.
#[derive(Debug)]
pub(crate) enum Mark {
    Text {
        run: Run,
        x: f32,
        y: f32,
        ink: Ink,
    },
    Rule {
        from: (f32, f32),
        to: (f32, f32),
        width: f32,
        ink: Ink,
    },
    Code {
        code: Code,
        x: f32,
        y: f32,
        module: f32,
    },
    /// A line through these points.
    Path {
        points: Vec<(f32, f32)>,
        width: f32,
        dash: Vec<f32>,
        ink: Ink,
    },
    /// What these points enclose.
    Area {
        points: Vec<(f32, f32)>,
        ink: Ink,
    },
}

/// A page and its marks, in drawing order, which is also the order in which text is read back.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub marks: Vec<Mark>,
}

impl Page {
    /// Text that starts at `x`.
    pub fn left(&mut self, style: Style, ink: Ink, (x, y): (f32, f32), text: &str) {
        self.put(shape(style, text), ink, x, y);
    }

    /// Text that ends at `x`.
    pub fn right(&mut self, style: Style, ink: Ink, (x, y): (f32, f32), text: &str) {
        let run = shape(style, text);
        let start = x - run.width;
        self.put(run, ink, start, y);
    }

    /// Text that ends at `x` and shrinks where it would be wider than `limit`.
    pub fn right_within(&mut self, style: Style, ink: Ink, at: (f32, f32), limit: f32, text: &str) {
        self.right(fit(style, text, limit), ink, at, text);
    }

    /// Wrapped text, first base line at `y`; returns the base line after the last one.
    pub fn block(&mut self, style: Style, ink: Ink, (x, y): (f32, f32), limit: f32, leading: f32, text: &str) -> f32 {
        let mut y = y;
        for line in wrap(style, text, limit) {
            self.left(style, ink, (x, y), &line);
            y += leading;
        }
        y
    }

    /// A horizontal rule.
    pub fn rule(&mut self, (from, to): (f32, f32), y: f32, width: f32, ink: Ink) {
        self.marks.push(Mark::Rule { from: (from, y), to: (to, y), width, ink });
    }

    fn put(&mut self, run: Run, ink: Ink, x: f32, y: f32) {
        if !run.text.trim().is_empty() {
            self.marks.push(Mark::Text { run, x, y, ink });
        }
    }
}
