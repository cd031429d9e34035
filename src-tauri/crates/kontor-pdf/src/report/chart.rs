//! Charts of a report: bars for days, curves over time. Curves differ by their dashes, not by colour alone.

use plotters::coord::Shift;
use plotters::prelude::{
    ChartBuilder, Color, DrawingArea, IntoDrawingArea, IntoFont, LineSeries, RGBColor, Rectangle, ShapeStyle, TextStyle,
};
use serde::Serialize;

use super::canvas::{Canvas, steps};
use crate::RenderError;
use crate::font::{Style, width};
use crate::format::FIXED;
use crate::paper::{Ink, Mark, Page};

const BLUE: RGBColor = RGBColor(24, 78, 119);
const GREY: RGBColor = RGBColor(92, 99, 110);
const LINE: RGBColor = RGBColor(216, 220, 226);
const LABEL: Style = Style::regular(7.0).tabular();
/// Dashes of curves, in points: none, long, short.
const DASHES: [&[f32]; 3] = [&[], &[5.0, 2.5], &[1.2, 1.8]];

/// A bar for each of something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bars {
    /// The bars, from the left.
    pub bars: Vec<Bar>,
}

/// A bar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bar {
    /// Stands below it, where there is room.
    pub label: String,
    /// Its height.
    pub count: u64,
}

/// Something over time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Curves {
    /// The curves; up to three.
    pub curves: Vec<Curve>,
    /// Labels below the first and the last point.
    pub ends: (String, String),
    /// The unit of the values.
    pub unit: String,
}

/// A curve.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Curve {
    /// What it shows, with its last value.
    pub name: String,
    /// Its values, evenly spaced.
    pub values: Vec<f64>,
}

impl Bars {
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.bars.iter().map(|bar| bar.label.as_str())
    }

    /// Draws them into this part of a page.
    pub(super) fn draw(&self, page: &mut Page, at: (f32, f32), size: (f32, f32)) -> Result<(), RenderError> {
        let most = self.bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1);
        let count = i32::try_from(self.bars.len()).unwrap_or(i32::MAX);
        let area = Canvas::new(page, at, size).into_drawing_area();
        self.plot(&area, count, most).map_err(|error| RenderError::Drawing(error.to_string()))?;
        drop(area);
        self.label(page, at, size);
        Ok(())
    }

    fn plot(
        &self,
        area: &DrawingArea<Canvas<'_>, Shift>,
        count: i32,
        most: u64,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let top = i32::try_from(most).unwrap_or(i32::MAX);
        let mut chart = ChartBuilder::on(area)
            .set_left_and_bottom_label_area_size(0)
            .y_label_area_size(steps(26.0))
            .x_label_area_size(steps(12.0))
            .margin_top(steps(4.0))
            .build_cartesian_2d(0..count.max(1), 0..top.saturating_add(top / 10 + 1))?;
        let label = TextStyle::from(("sans-serif", f64::from(steps(LABEL.size))).into_font()).color(&GREY);
        chart
            .configure_mesh()
            .disable_x_mesh()
            .disable_x_axis()
            .light_line_style(RGBColor(255, 255, 255).mix(0.0))
            .bold_line_style(ShapeStyle::from(&LINE).stroke_width(steps(0.5)))
            .axis_style(ShapeStyle::from(&LINE).stroke_width(steps(0.5)))
            .y_labels(4)
            .y_label_formatter(&|y| format!("{y}{FIXED}"))
            .y_label_style(label)
            .draw()?;
        let bars = self.bars.iter().zip(0..).map(|(bar, place)| {
            let height = i32::try_from(bar.count).unwrap_or(i32::MAX);
            let mut shape = Rectangle::new([(place, 0), (place + 1, height)], BLUE.filled());
            let gap = steps(1.0);
            shape.set_margin(0, 0, gap, gap);
            shape
        });
        chart.draw_series(bars)?;
        Ok(())
    }

    /// Labels below the bars: as many as there is room for, always the first.
    fn label(&self, page: &mut Page, (left, top): (f32, f32), (size, height): (f32, f32)) {
        let begin = left + 26.0;
        #[expect(clippy::cast_precision_loss, reason = "a page has few bars")]
        let each = (size - 26.0) / self.bars.len().max(1) as f32;
        let widest = self.bars.iter().map(|bar| width(LABEL, &bar.label)).fold(1.0, f32::max) + 4.0;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a page has few bars")]
        let step = (widest / each).ceil().max(1.0) as usize;
        for (place, bar) in self.bars.iter().enumerate().step_by(step) {
            #[expect(clippy::cast_precision_loss, reason = "a page has few bars")]
            let middle = begin + each * (place as f32 + 0.5);
            let x = middle - width(LABEL, &bar.label) / 2.0;
            page.left(LABEL, Ink::Grey, (x, top + height - 3.0), &bar.label);
        }
    }
}

impl Curves {
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let names = self.curves.iter().map(|curve| curve.name.as_str());
        names.chain([self.ends.0.as_str(), self.ends.1.as_str(), self.unit.as_str()])
    }

    /// Draws them into this part of a page.
    pub(super) fn draw(&self, page: &mut Page, at: (f32, f32), size: (f32, f32)) -> Result<(), RenderError> {
        let begin = page.marks.len();
        let area = Canvas::new(page, at, (size.0, size.1 - 12.0)).into_drawing_area();
        self.plot(&area).map_err(|error| RenderError::Drawing(error.to_string()))?;
        drop(area);
        self.dash(&mut page.marks[begin..]);
        let below = at.1 + size.1 - 15.0;
        page.left(LABEL, Ink::Grey, (at.0 + 34.0, below), &self.ends.0);
        page.right(LABEL, Ink::Grey, (at.0 + size.0 - 4.0, below), &self.ends.1);
        self.legend(page, (at.0 + 34.0, at.1 + size.1 - 2.0));
        Ok(())
    }

    fn plot(&self, area: &DrawingArea<Canvas<'_>, Shift>) -> Result<(), Box<dyn std::error::Error>> {
        let most = self.curves.iter().flat_map(|curve| &curve.values).copied().fold(1.0, f64::max);
        let last = self.curves.iter().map(|curve| curve.values.len()).max().unwrap_or(0).saturating_sub(1).max(1);
        let label = TextStyle::from(("sans-serif", f64::from(steps(LABEL.size))).into_font()).color(&GREY);
        #[expect(clippy::cast_precision_loss, reason = "a month has few days")]
        let range = 0.0..last as f64;
        let mut chart = ChartBuilder::on(area)
            .y_label_area_size(steps(34.0))
            .x_label_area_size(steps(12.0))
            .margin_top(steps(4.0))
            .margin_right(steps(4.0))
            .build_cartesian_2d(range, 0.0..most * 1.08)?;
        let unit = &self.unit;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(RGBColor(255, 255, 255).mix(0.0))
            .bold_line_style(ShapeStyle::from(&LINE).stroke_width(steps(0.5)))
            .axis_style(ShapeStyle::from(&LINE).stroke_width(steps(0.5)))
            .x_labels(0)
            .y_labels(4)
            .y_label_formatter(&|y| format!("{y:.0}{FIXED}{unit}{FIXED}"))
            .y_label_style(label)
            .draw()?;
        for curve in &self.curves {
            #[expect(clippy::cast_precision_loss, reason = "a month has few days")]
            let points = curve.values.iter().enumerate().map(|(place, value)| (place as f64, *value));
            chart.draw_series(LineSeries::new(points, ShapeStyle::from(&BLUE).stroke_width(steps(1.4))))?;
        }
        Ok(())
    }

    /// The curves are the last paths that were drawn, one each.
    fn dash(&self, marks: &mut [Mark]) {
        let curves = marks.iter_mut().rev().filter_map(|mark| match mark {
            Mark::Path { dash, .. } => Some(dash),
            _ => None,
        });
        for (place, dash) in (0..self.curves.len()).rev().zip(curves) {
            DASHES[place % DASHES.len()].clone_into(dash);
        }
    }

    fn legend(&self, page: &mut Page, (mut x, y): (f32, f32)) {
        for (place, curve) in self.curves.iter().enumerate() {
            let middle = y - LABEL.size * 0.35;
            let (points, dash) = (vec![(x, middle), (x + 18.0, middle)], DASHES[place % DASHES.len()].to_vec());
            page.marks.push(Mark::Path { points, width: 1.4, dash, ink: Ink::Accent });
            page.left(LABEL, Ink::Grey, (x + 22.0, y), &curve.name);
            x += 22.0 + width(LABEL, &curve.name) + 14.0;
        }
    }
}
