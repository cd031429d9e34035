//! Setting the blocks of a report one below the other.

use super::{Block, Column, Figure, Sheet, Table};
use crate::RenderError;
use crate::content::Language;
use crate::font::{Style, width};
use crate::paper::{Ink, Page, mm};
use crate::wrap::{fit, wrap};

const LEFT: f32 = mm(20.0);
const RIGHT: f32 = mm(190.0);
const WIDTH: f32 = RIGHT - LEFT;
const TOP: f32 = mm(18.0);
/// What comes next must end above.
const FOOT: f32 = mm(281.0);

const TITLE: Style = Style::strong(17.0);
const HEADING: Style = Style::strong(10.5);
const TEXT: Style = Style::regular(9.0);
const LEADING: f32 = 12.4;
const CELL: Style = Style::regular(8.4);
const HEAD: Style = Style::strong(7.6);
const ROW: f32 = 13.0;
const LABEL: Style = Style::regular(7.8);
const LARGE: Style = Style::strong(16.0);
const CHART: f32 = mm(38.0);
const GAP: f32 = 8.0;

/// Sets all pages, feet included.
pub(super) fn set(sheet: &Sheet) -> Result<Vec<Page>, RenderError> {
    let mut flow = Flow { pages: vec![Page::default()], y: TOP };
    flow.head(sheet);
    for (place, block) in sheet.blocks.iter().enumerate() {
        flow.block(block, sheet.blocks.get(place + 1))?;
    }
    let mut pages = flow.pages;
    let of = pages.len();
    for (index, page) in pages.iter_mut().enumerate() {
        foot(page, sheet, index + 1, of);
    }
    Ok(pages)
}

fn foot(page: &mut Page, sheet: &Sheet, number: usize, of: usize) {
    let y = mm(287.0);
    page.rule((LEFT, RIGHT), y - 10.0, 0.5, Ink::Line);
    let numbered = match sheet.language {
        Language::De => format!("Seite {number} von {of}"),
        Language::En => format!("Page {number} of {of}"),
    };
    let limit = WIDTH - width(LABEL, &numbered) - GAP;
    page.left(fit(LABEL.with_size(6.6), &sheet.foot, limit), Ink::Grey, (LEFT, y), &sheet.foot);
    page.right(LABEL, Ink::Grey, (RIGHT, y), &numbered);
}

/// The pages so far, and the place where the next thing goes.
struct Flow {
    pages: Vec<Page>,
    y: f32,
}

impl Flow {
    fn page(&mut self) -> &mut Page {
        self.pages.last_mut().expect("a flow starts with a page")
    }

    /// Makes room for what is so high.
    fn room(&mut self, height: f32) {
        if self.y + height > FOOT && self.y > TOP {
            self.pages.push(Page::default());
            self.y = TOP;
        }
    }

    fn head(&mut self, sheet: &Sheet) {
        let y = self.y + TITLE.size;
        self.page().left(fit(TITLE, &sheet.title, WIDTH), Ink::Accent, (LEFT, y), &sheet.title);
        self.page().left(fit(TEXT, &sheet.subtitle, WIDTH), Ink::Grey, (LEFT, y + 15.0), &sheet.subtitle);
        self.page().rule((LEFT, RIGHT), y + 22.0, 1.2, Ink::Accent);
        self.y = y + 22.0 + GAP;
    }

    fn block(&mut self, block: &Block, next: Option<&Block>) -> Result<(), RenderError> {
        match block {
            Block::Heading(text) => {
                self.room(HEADING.size + 4.0 + GAP * 1.5 + next.map_or(0.0, first_height));
                self.y += GAP * 0.75 + HEADING.size;
                let y = self.y;
                self.page().left(fit(HEADING, text, WIDTH), Ink::Black, (LEFT, y), text);
                self.page().rule((LEFT, RIGHT), y + 4.0, 0.5, Ink::Line);
                self.y += 4.0 + GAP * 0.75;
            }
            Block::Text(text) => self.text(text),
            Block::Figures(figures) => self.figures(figures),
            Block::Table(table) => self.table(table),
            Block::Bars(bars) => {
                self.room(CHART);
                let at = (LEFT, self.y);
                bars.draw(self.page(), at, (WIDTH, CHART))?;
                self.y += CHART + GAP * 0.5;
            }
            Block::Curves(curves) => {
                self.room(CHART);
                let at = (LEFT, self.y);
                curves.draw(self.page(), at, (WIDTH, CHART))?;
                self.y += CHART + GAP * 0.5;
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        for line in wrap(TEXT, text, WIDTH) {
            self.room(LEADING);
            let y = self.y + TEXT.size;
            self.page().left(TEXT, Ink::Black, (LEFT, y), &line);
            self.y += LEADING;
        }
        self.y += GAP * 0.25;
    }

    fn figures(&mut self, figures: &[Figure]) {
        let height = LABEL.size + LARGE.size + LABEL.size + 12.0;
        self.room(height);
        #[expect(clippy::cast_precision_loss, reason = "a row has few figures")]
        let each = WIDTH / figures.len().max(1) as f32;
        let top = self.y;
        for (figure, place) in figures.iter().zip(0_u8..) {
            let (x, limit) = (LEFT + each * f32::from(place), each - GAP);
            let mut y = top + LABEL.size;
            self.page().left(fit(LABEL, &figure.label, limit), Ink::Grey, (x, y), &figure.label);
            y += LARGE.size + 3.0;
            self.page().left(fit(LARGE, &figure.value, limit), Ink::Black, (x, y), &figure.value);
            y += LABEL.size + 4.0;
            self.page().left(fit(LABEL, &figure.beside, limit), Ink::Grey, (x, y), &figure.beside);
        }
        self.y += height;
    }

    fn table(&mut self, table: &Table) {
        self.room(ROW * 2.0);
        self.row(&table.columns, table.columns.iter().map(|column| column.head.as_str()), HEAD, Ink::Grey);
        let last = table.rows.len().saturating_sub(1);
        for (place, row) in table.rows.iter().enumerate() {
            let is_sum = table.has_sum && place == last;
            let style = if is_sum { Style::strong(CELL.size) } else { CELL };
            let lines = lines(&table.columns, row, style);
            self.room(ROW * lines);
            let y = self.y;
            self.page().rule((LEFT, RIGHT), y, if is_sum { 0.8 } else { 0.4 }, Ink::Line);
            self.row(&table.columns, row.iter().map(String::as_str), style, Ink::Black);
        }
        self.y += GAP * 0.75;
    }

    /// One row; a cell of words may take several lines.
    fn row<'a>(&mut self, columns: &[Column], cells: impl Iterator<Item = &'a str>, style: Style, ink: Ink) {
        let whole: f32 = columns.iter().map(|column| column.share).sum();
        let (mut x, y) = (LEFT, self.y + ROW - 3.8);
        let mut most = 1;
        for (column, cell) in columns.iter().zip(cells) {
            let limit = WIDTH * column.share / whole;
            if column.is_figure {
                let style = style.tabular();
                self.page().right_within(style, ink, (x + limit - 4.0, y), limit - 4.0, cell);
            } else {
                for (line, place) in wrap(style, cell, limit - GAP).iter().zip(0_u8..) {
                    self.page().left(style, ink, (x, y + f32::from(place) * (ROW - 2.0)), line);
                    most = most.max(place + 1);
                }
            }
            x += limit;
        }
        self.y += ROW + f32::from(most - 1) * (ROW - 2.0);
    }
}

/// How many lines a row takes.
fn lines(columns: &[Column], cells: &[String], style: Style) -> f32 {
    let whole: f32 = columns.iter().map(|column| column.share).sum();
    let of = columns.iter().zip(cells).map(|(column, cell)| {
        let limit = WIDTH * column.share / whole - GAP;
        if column.is_figure { 1 } else { wrap(style, cell, limit).len() }
    });
    f32::from(u16::try_from(of.max().unwrap_or(1)).unwrap_or(u16::MAX))
}

/// How much of a block must stand below its heading.
fn first_height(block: &Block) -> f32 {
    match block {
        Block::Heading(_) => HEADING.size + GAP,
        Block::Text(_) => LEADING,
        Block::Figures(_) => LABEL.size * 2.0 + LARGE.size + 12.0,
        Block::Table(_) => ROW * 3.0,
        Block::Bars(_) | Block::Curves(_) => CHART,
    }
}
