//! Where a chart is drawn: a part of a page, as `plotters` sees it. What it draws becomes marks of the page, so that lines
//! stay lines and labels stay text.

use std::convert::Infallible;

use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};

use crate::font::{Style, width};
use crate::paper::{Ink, Mark, Page};

/// Steps of a point: `plotters` counts in whole ones.
pub(super) const STEPS: f32 = 20.0;

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// A part of a page.
pub(super) struct Canvas<'a> {
    page: &'a mut Page,
    left: f32,
    top: f32,
    size: (u32, u32),
}

/// Points in steps.
pub(super) fn steps(points: f32) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "lengths on paper are small and positive"
    )]
    let steps = (points * STEPS).round() as u32;
    steps
}

#[expect(clippy::cast_precision_loss, reason = "coordinates on paper are small")]
fn points(steps: i32) -> f32 {
    steps as f32 / STEPS
}

fn ink(color: BackendColor) -> Ink {
    Ink::Tint(color.rgb.0, color.rgb.1, color.rgb.2)
}

impl<'a> Canvas<'a> {
    /// The part of the page that begins at `left` and `top`; lengths are points.
    pub fn new(page: &'a mut Page, (left, top): (f32, f32), (width, height): (f32, f32)) -> Self {
        Self { page, left, top, size: (steps(width), steps(height)) }
    }

    fn at(&self, (x, y): BackendCoord) -> (f32, f32) {
        (self.left + points(x), self.top + points(y))
    }

    fn path(&mut self, path: impl IntoIterator<Item = BackendCoord>, color: BackendColor, strong: u32) {
        if color.alpha <= 0.0 {
            return;
        }
        let points = path.into_iter().map(|point| self.at(point)).collect();
        #[expect(clippy::cast_precision_loss, reason = "lines on paper are thin")]
        let width = strong as f32 / STEPS;
        self.page.marks.push(Mark::Path { points, width, dash: Vec::new(), ink: ink(color) });
    }
}

#[expect(clippy::cast_possible_truncation, reason = "type on paper is small")]
fn style(style: &impl BackendTextStyle) -> Style {
    Style::regular(style.size() as f32 / STEPS).tabular()
}

impl DrawingBackend for Canvas<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Drawn {
        self.draw_rect((x, y), (x + 1, y + 1), &color, true)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.path([from, to], style.color(), style.stroke_width());
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S, fill: bool) -> Drawn {
        let corners = [from, (to.0, from.1), to, (from.0, to.1)];
        if fill {
            return self.fill_polygon(corners, style);
        }
        self.path(corners.into_iter().chain([from]), style.color(), style.stroke_width());
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        self.path(path, style.color(), style.stroke_width());
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, corners: I, style: &S) -> Drawn {
        if style.color().alpha > 0.0 {
            let points = corners.into_iter().map(|corner| self.at(corner)).collect();
            self.page.marks.push(Mark::Area { points, ink: ink(style.color()) });
        }
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, of: &S, at: BackendCoord) -> Drawn {
        let style = style(of);
        let (x, y) = self.at(at);
        let x = match of.anchor().h_pos {
            HPos::Left => x,
            HPos::Right => x - width(style, text),
            HPos::Center => x - width(style, text) / 2.0,
        };
        // From the middle of a line to its base line it is about a third of the type's size.
        let y = match of.anchor().v_pos {
            VPos::Top => y + style.size * 0.85,
            VPos::Center => y + style.size * 0.35,
            VPos::Bottom => y - style.size * 0.2,
        };
        self.page.left(style, ink(of.color()), (x, y), text);
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        of: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let style = style(of);
        Ok((steps(width(style, text)), steps(style.size)))
    }
}
