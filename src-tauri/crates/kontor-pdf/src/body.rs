//! The body of the letter: subject, sentence, line table, VAT table, total, payment paragraph.
//!
//! It flows over as many pages as it needs. Rows, the sums and the payment paragraph are never split; the head of the
//! table stands on every page that has rows. Left out: everything that has its fixed place ([`crate::letter`]).

use crate::RenderError;
use crate::content::{Content, Kind, Language, Line, Payment, TaxSum};
use crate::font::{Style, width};
use crate::format::{count, date, iban, money, period, rate};
use crate::letter::{self, FOOT, LEFT, RIGHT};
use crate::paper::{Ink, Mark, Page, mm};
use crate::qr;
use crate::words::{Words, fill, words};
use crate::wrap::{fit, wrap};

const TEXT: Style = Style::regular(9.5);
const TEXT_LEADING: f32 = 13.5;
/// From the top of a line of text to the top of its capitals.
const CAPITALS: f32 = 2.6;
const CELL: Style = Style::regular(8.8);
const AMOUNT: Style = CELL.tabular();
const CELL_LEADING: f32 = 11.6;
const HEAD: Style = Style::strong(7.8);
const NOTE: Style = Style::regular(7.6);
/// Half the white between two rows.
const ROW_GAP: f32 = 3.2;

/// Left edges (first two columns) and right edges (the others), with the widths that their cells may take.
const NUMBER: f32 = LEFT;
const DESCRIPTION: f32 = LEFT + mm(9.0);
const DESCRIPTION_WIDTH: f32 = mm(65.0);
const COLUMNS: [(f32, f32); 5] =
    [(mm(111.0), mm(11.0)), (mm(132.0), mm(19.5)), (mm(144.0), mm(11.0)), (mm(167.0), mm(22.0)), (RIGHT, mm(22.0))];

/// The sums stand below the last columns of the table.
const SUMS: f32 = mm(98.0);
const SUM_COLUMNS: [(f32, f32); 3] = [(mm(144.0), mm(23.0)), (mm(167.0), mm(22.0)), (RIGHT, mm(22.0))];
/// Width of the note in the white beside them.
const NOTE_WIDTH: f32 = mm(66.0);

/// Title of the paper: kind and number.
pub(crate) fn title(content: &Content) -> String {
    let words = words(content.language);
    let kind = match content.kind {
        Kind::Invoice => words.invoice,
        Kind::Cancellation => words.cancellation,
    };
    format!("{kind} {}", content.number)
}

/// Sets all pages, feet included.
pub(crate) fn set(content: &Content) -> Result<Vec<Page>, RenderError> {
    let mut flow = Flow::start(content);
    flow.subject();
    flow.table();
    flow.sums();
    flow.closing()?;
    let mut pages = flow.pages;
    let of = pages.len();
    for (index, page) in pages.iter_mut().enumerate() {
        letter::foot(page, content, index + 1, of);
    }
    Ok(pages)
}

/// A wrapped description, in the largest type with which its row fits a page.
struct Description {
    style: Style,
    lines: Vec<String>,
}

impl Description {
    fn of(text: &str) -> Self {
        let mut style = CELL;
        loop {
            let description = Self { style, lines: wrap(style, text, DESCRIPTION_WIDTH) };
            if description.height() < mm(200.0) || style.size < 1.0 {
                return description;
            }
            style = style.with_size(style.size * 0.9);
        }
    }

    fn leading(&self) -> f32 {
        self.style.size * CELL_LEADING / CELL.size
    }

    fn height(&self) -> f32 {
        self.lines.iter().map(|_| self.leading()).sum()
    }
}

/// The pages so far and the place where the next thing goes.
struct Flow<'a> {
    content: &'a Content,
    words: &'static Words,
    pages: Vec<Page>,
    /// Top of what comes next, in points.
    y: f32,
    /// One type for all amounts, so that their decimals stand below each other.
    amount: Style,
    count: Style,
}

impl<'a> Flow<'a> {
    fn start(content: &'a Content) -> Self {
        let mut page = Page::default();
        let y = letter::first_page(&mut page, content);
        let (count, amount) = cell_styles(content);
        Self { content, words: words(content.language), pages: vec![page], y, amount, count }
    }

    fn page(&mut self) -> &mut Page {
        self.pages.last_mut().expect("a flow starts with a page")
    }

    fn language(&self) -> Language {
        self.content.language
    }

    fn has_room(&self, height: f32) -> bool {
        self.y + height <= FOOT
    }

    fn turn_page(&mut self) {
        let mut page = Page::default();
        self.y = letter::next_page(&mut page, self.content, &title(self.content));
        self.pages.push(page);
    }

    fn paragraph(&mut self, style: Style, ink: Ink, text: &str) {
        let y = self.y + style.size;
        let leading = style.size * TEXT_LEADING / TEXT.size;
        let end = self.page().block(style, ink, (LEFT, y), RIGHT - LEFT, leading, text);
        self.y = end - style.size;
    }

    fn subject(&mut self) {
        self.y += mm(4.0);
        self.paragraph(Style::strong(13.0), Ink::Black, &title(self.content));
        self.y += mm(4.0);
        self.paragraph(TEXT, Ink::Black, &greeting(self.content, self.words));
        self.y += mm(1.5);
        let intro = intro(self.content, self.words);
        self.paragraph(TEXT, Ink::Black, &intro);
        self.y += mm(3.0);
    }

    /// The rows; the last one goes with the sums to the next page, so that they never stand there alone.
    fn table(&mut self) {
        self.table_head();
        let count = self.content.lines.len();
        for (index, line) in self.content.lines.iter().enumerate() {
            let description = Description::of(&line.description);
            let height = description.height() + 2.0 * ROW_GAP;
            let company = if index > 0 && index + 1 == count { sums_height(self.content) } else { 0.0 };
            if !self.has_room(height + company) {
                self.turn_page();
                self.table_head();
            }
            self.row(line, &description, height);
        }
    }

    fn table_head(&mut self) {
        let top = self.y + 10.0;
        let head = self.words.head;
        self.page().left(HEAD, Ink::Accent, (NUMBER, top), head[0][0]);
        self.page().left(HEAD, Ink::Accent, (DESCRIPTION, top), head[1][0]);
        for (label, (right, _)) in head[2..].iter().zip(COLUMNS) {
            let mut y = top;
            for part in *label {
                self.page().right(HEAD, Ink::Accent, (right, y), part);
                y += 9.6;
            }
        }
        self.y = top + 9.6 + 4.6;
        let y = self.y;
        self.page().rule((LEFT, RIGHT), y, 0.8, Ink::Accent);
    }

    fn row(&mut self, line: &Line, description: &Description, height: f32) {
        let base = self.y + ROW_GAP + 8.8;
        let cells = cells(line, self.language());
        let (amount, count) = (self.amount, self.count);
        let page = self.page();
        page.left(CELL, Ink::Black, (NUMBER, base), &line.position.to_string());
        let mut y = base;
        for part in &description.lines {
            page.left(description.style, Ink::Black, (DESCRIPTION, y), part);
            y += description.leading();
        }
        for ((cell, (right, _)), style) in cells.iter().zip(COLUMNS).zip([count, amount, amount, amount, amount]) {
            page.right(style, Ink::Black, (right, base), cell);
        }
        self.y += height;
        let y = self.y;
        self.page().rule((LEFT, RIGHT), y, 0.4, Ink::Line);
    }

    /// VAT table and total, kept together.
    fn sums(&mut self) {
        if !self.has_room(sums_height(self.content)) {
            self.turn_page();
        }
        self.y += mm(4.0);
        let (y, note) = (self.y + 9.5, self.words.gross_note);
        self.page().block(NOTE, Ink::Grey, (LEFT, y), NOTE_WIDTH, NOTE.size * 1.4, note);
        self.tax_row(HEAD, Ink::Accent, &self.words.tax_head.map(str::to_owned));
        self.sum_rule();
        let content = self.content;
        for row in content.taxes.iter().map(|sum| tax_cells(sum, content.language)) {
            self.tax_row(self.amount, Ink::Black, &row);
        }
        if content.taxes.len() > 1 {
            self.sum_rule();
            let row = sum_cells(content, self.words);
            self.tax_row(self.amount, Ink::Black, &row);
        }
        self.total();
    }

    fn sum_rule(&mut self) {
        let y = self.y + 1.2;
        self.page().rule((SUMS, RIGHT), y, 0.4, Ink::Line);
        self.y = y + 1.5;
    }

    fn tax_row(&mut self, style: Style, ink: Ink, cells: &[String; 4]) {
        let y = self.y + 9.5;
        let page = self.page();
        page.left(style, ink, (SUMS, y), &cells[0]);
        for (cell, (right, _)) in cells[1..].iter().zip(SUM_COLUMNS) {
            page.right(style, ink, (right, y), cell);
        }
        self.y += CELL_LEADING + 1.0;
    }

    fn total(&mut self) {
        let y = self.y + 3.5;
        let amount = money(self.content.gross_cents, self.language());
        let label = self.words.total;
        let page = self.page();
        page.rule((SUMS, RIGHT), y, 0.8, Ink::Accent);
        page.left(Style::strong(11.0), Ink::Black, (SUMS, y + 14.5), label);
        page.right_within(Style::strong(11.0).tabular(), Ink::Black, (RIGHT, y + 14.5), mm(58.0), &amount);
        page.rule((SUMS, RIGHT), y + 20.5, 0.8, Ink::Accent);
        self.y = y + 22.0;
    }

    fn closing(&mut self) -> Result<(), RenderError> {
        let content = self.content;
        self.y += mm(6.0);
        match (&content.payment, &content.original) {
            (Some(payment), _) => self.payment(payment),
            (None, Some(original)) => {
                self.sentence(&fill(self.words.cancellation_nothing_to_pay, &[&original.number]));
                Ok(())
            }
            (None, None) => {
                self.sentence(self.words.nothing_to_pay);
                Ok(())
            }
        }
    }

    fn sentence(&mut self, text: &str) {
        let lines = wrap(TEXT, text, RIGHT - LEFT);
        if !self.has_room(lines.iter().map(|_| TEXT_LEADING).sum()) {
            self.turn_page();
        }
        self.paragraph(TEXT, Ink::Black, text);
    }

    /// The payment paragraph beside its QR code, kept together.
    fn payment(&mut self, payment: &Payment) -> Result<(), RenderError> {
        let side = mm(36.0);
        let limit = RIGHT - LEFT - side - mm(4.0);
        let sentence = pay_sentence(self.content, payment, self.words);
        let rows = account_rows(self.content, payment, self.words);
        let label = rows.iter().map(|(name, _)| width(CELL, name)).fold(0.0, f32::max) + mm(4.0);
        let lines = |text: &str, style, limit| wrap(style, text, limit).iter().map(|_| TEXT_LEADING).sum::<f32>();
        let height =
            lines(&sentence, TEXT, limit) + rows.iter().map(|(_, text)| lines(text, CELL, limit - label)).sum::<f32>();
        if !self.has_room((height + mm(4.0)).max(side + mm(5.0))) {
            self.turn_page();
        }
        let top = self.y;
        let page = self.page();
        let mut y = page.block(TEXT, Ink::Black, (LEFT, top + TEXT.size), limit, TEXT_LEADING, &sentence) + mm(2.0);
        for (name, text) in rows {
            page.left(CELL, Ink::Grey, (LEFT, y), name);
            y = page.block(CELL, Ink::Black, (LEFT + label, y), limit - label, 12.4, &text);
        }
        self.code(payment, top, side)
    }

    /// The code, flush with the right edge of the text and the top of the paragraph. Its quiet zone of four modules
    /// (ISO/IEC 18004) reaches into the white around; the caption stands below it.
    #[expect(clippy::cast_precision_loss, reason = "a code has at most 69 modules a side")]
    fn code(&mut self, payment: &Payment, top: f32, side: f32) -> Result<(), RenderError> {
        let payload = qr::payload(self.content, payment);
        let code = qr::encode(&payload).map_err(|error| RenderError::Drawing(error.to_string()))?;
        let module = side / (code.side + 8) as f32;
        let dark = code.side as f32 * module;
        let caption = self.words.code_caption;
        let style = fit(Style::regular(6.8), caption, dark);
        let start = RIGHT - dark + (dark - width(style, caption)) / 2.0;
        let page = self.page();
        let top = top + CAPITALS;
        page.marks.push(Mark::Code { code, x: RIGHT - dark, y: top, module });
        page.left(style, Ink::Grey, (start, top + dark + 4.0 * module + 5.0), caption);
        Ok(())
    }
}

/// A person is greeted by name, unless it is none or longer than a line.
fn greeting(content: &Content, words: &Words) -> String {
    let name = content.recipient.name.trim();
    let by_name = fill(words.greeting_by_name, &[name]);
    if name.is_empty() || width(TEXT, &by_name) > RIGHT - LEFT { words.greeting.to_owned() } else { by_name }
}

fn intro(content: &Content, words: &Words) -> String {
    let language = content.language;
    match &content.original {
        Some(original) => fill(words.cancellation_intro, &[&original.number, &date(original.issued_on, language)]),
        None => fill(words.intro, &[&period(content.service_from, content.service_to, language)]),
    }
}

fn cells(line: &Line, language: Language) -> [String; 5] {
    [
        count(line.quantity, language),
        money(line.unit_gross_cents, language),
        rate(line.tax_basis_points, language),
        money(line.net_cents, language),
        money(line.gross_cents, language),
    ]
}

/// The largest types, down from the usual, in which all counts and all amounts fit their columns. Figures are equally
/// wide, so the longest of a column is the widest.
fn cell_styles(content: &Content) -> (Style, Style) {
    let lines: Vec<_> = content.lines.iter().map(|line| cells(line, content.language)).collect();
    let [count, prices @ ..] = COLUMNS;
    let sums = sum_cells(content, words(content.language));
    let longest = |column: usize| lines.iter().map(|cells| &cells[column]).max_by_key(|cell| cell.len());
    let prices = (1..).zip(prices).filter_map(|(column, (_, limit))| Some((longest(column)?, limit)));
    let sums = sums[1..].iter().zip(SUM_COLUMNS.map(|(_, limit)| limit));
    let amount = prices.chain(sums).map(|(cell, limit)| fit(AMOUNT, cell, limit).size).fold(AMOUNT.size, f32::min);
    let count = longest(0).map_or(AMOUNT, |cell| fit(AMOUNT, cell, count.1));
    (count, AMOUNT.with_size(amount))
}

/// One VAT rate.
fn tax_cells(sum: &TaxSum, language: Language) -> [String; 4] {
    let gross = sum.net_cents.saturating_add(sum.tax_cents);
    [
        rate(sum.basis_points, language),
        money(sum.net_cents, language),
        money(sum.tax_cents, language),
        money(gross, language),
    ]
}

/// All rates together.
fn sum_cells(content: &Content, words: &Words) -> [String; 4] {
    let [net, tax, gross] =
        [content.net_cents, content.tax_cents, content.gross_cents].map(|cents| money(cents, content.language));
    [words.sum.to_owned(), net, tax, gross]
}

/// What VAT table and total take, white included.
fn sums_height(content: &Content) -> f32 {
    content.taxes.iter().map(|_| CELL_LEADING + 1.0).sum::<f32>() + mm(26.0)
}

fn pay_sentence(content: &Content, payment: &Payment, words: &Words) -> String {
    let language = content.language;
    fill(words.pay, &[&money(content.gross_cents, language), &date(payment.due_on, language), &payment.reference])
}

fn account_rows(content: &Content, payment: &Payment, words: &Words) -> [(&'static str, String); 5] {
    let seller = &content.seller;
    let [payee, bank, iban_label, bic, reference] = words.account_rows;
    [
        (payee, seller.name.clone()),
        (bank, seller.bank.clone()),
        (iban_label, iban(&seller.iban)),
        (bic, seller.bic.clone()),
        (reference, payment.reference.clone()),
    ]
}
