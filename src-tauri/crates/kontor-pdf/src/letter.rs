//! The fixed parts of the letter by DIN 5008 form B: letterhead, address window, information block, marks for folding
//! and punching, and the foot with the company's details (§ 35a GmbHG).
//!
//! Left out: the body between them ([`crate::body`]).

use crate::content::{Content, Kind, Recipient, Seller};
use crate::font::{Style, width};
use crate::format::{address, address_for, date, iban, period};
use crate::paper::{Ink, Page, mm};
use crate::words::{fill, words};
use crate::wrap::{fit, wrap};

/// Left edge of the text.
pub(crate) const LEFT: f32 = mm(25.0);
/// Right edge of the text.
pub(crate) const RIGHT: f32 = mm(190.0);
/// Where the foot begins; the body stays above.
pub(crate) const FOOT: f32 = mm(267.0);

const GREY_SMALL: Style = Style::regular(7.0);

/// Letterhead, fold marks, window and information block of the first page; returns where the body may begin.
pub(crate) fn first_page(page: &mut Page, content: &Content) -> f32 {
    letterhead(page, &content.seller);
    fold_marks(page);
    window(page, content);
    let end = information(page, content);
    end.max(mm(98.5))
}

/// Head of the pages after the first: who and what, on one line.
pub(crate) fn next_page(page: &mut Page, content: &Content, title: &str) -> f32 {
    let y = mm(20.0);
    let half = (RIGHT - LEFT) / 2.0 - mm(3.0);
    let style = Style::regular(8.5);
    let name = fit(Style::strong(8.5), &content.seller.name, half);
    page.left(name, Ink::Accent, (LEFT, y), &content.seller.name);
    page.right_within(style, Ink::Grey, (RIGHT, y), half, title);
    page.rule((LEFT, RIGHT), y + mm(2.0), 0.6, Ink::Line);
    mm(32.0)
}

fn letterhead(page: &mut Page, seller: &Seller) {
    let style = Style::strong(17.0);
    let limit = RIGHT - LEFT - mm(55.0);
    let mut y = mm(21.0);
    let mut size = 17.0;
    while wrap(style.with_size(size), &seller.name, limit).len() > 2 {
        size *= 0.9;
    }
    for line in wrap(style.with_size(size), &seller.name, limit) {
        page.left(style.with_size(size), Ink::Accent, (LEFT, y), &line);
        y += size * 1.15;
    }
    let mut y = mm(18.2);
    let place = format!("{} {}", seller.address.postal_code, seller.address.city);
    for line in [&seller.address.street, &place, &seller.phone, &seller.email] {
        page.right_within(Style::regular(8.0), Ink::Grey, (RIGHT, y), mm(52.0), line);
        y += 11.0;
    }
    page.rule((LEFT, RIGHT), mm(35.0), 1.2, Ink::Accent);
}

/// Fold marks of form B at 105 and 210 mm, punch mark at 148.5 mm.
fn fold_marks(page: &mut Page) {
    for (y, length) in [(105.0, 4.0), (148.5, 6.0), (210.0, 4.0)] {
        page.rule((mm(4.0), mm(4.0 + length)), mm(y), 0.4, Ink::Line);
    }
}

/// The address field: 85 × 45 mm at 20 mm from the left and 45 mm from the top, its text 5 mm further in. The small
/// line of the sender stands at the foot of the 17.7 mm zone, the recipient in the 27.3 mm below.
fn window(page: &mut Page, content: &Content) {
    let limit = mm(79.0);
    let seller = &content.seller;
    let mut sender = vec![seller.name.clone()];
    sender.extend(seller_address(content));
    let sender = sender.join(" · ");
    let style = fit(Style::regular(6.8), &sender, limit);
    let y = mm(61.4);
    page.left(style, Ink::Grey, (LEFT, y), &sender);
    page.rule((LEFT, LEFT + width(style, &sender)), y + 2.2, 0.4, Ink::Line);
    let lines = recipient_lines(content);
    let (style, leading) = window_style(&lines, limit, mm(26.0));
    let mut y = mm(63.6) + leading * 0.85;
    for line in lines {
        y = page.block(style, Ink::Black, (LEFT, y), limit, leading, &line);
    }
}

/// The company's address, with its country for customers abroad.
fn seller_address(content: &Content) -> Vec<String> {
    let reader = content.recipient.address.as_ref().map_or("DE", |address| &address.country);
    address_for(&content.seller.address, reader, content.language)
}

/// The recipient as printed: company, person, address; the mail address where no postal address is known.
fn recipient_lines(content: &Content) -> Vec<String> {
    let Recipient { company, name, address: place, email, .. } = &content.recipient;
    let mut lines: Vec<String> = company.iter().chain([name]).filter(|line| !line.trim().is_empty()).cloned().collect();
    match place {
        Some(place) => lines.extend(address(place, content.language)),
        None => lines.push(email.clone()),
    }
    lines
}

/// The largest type, down from 10.5 points, with which the wrapped recipient stays inside the window.
fn window_style(lines: &[String], limit: f32, height: f32) -> (Style, f32) {
    let mut style = Style::regular(10.5);
    loop {
        let leading = style.size * 1.24;
        let count: usize = lines.iter().map(|line| wrap(style, line, limit).len()).sum();
        let lines_that_fit = (height / leading).floor();
        if (0..count).map(|_| 1.0_f32).sum::<f32>() <= lines_that_fit || style.size < 1.0 {
            return (style, leading);
        }
        style = style.with_size(style.size * 0.93);
    }
}

/// Left edge of the values in the information block; its labels stand at 125 mm.
const VALUES: f32 = mm(153.5);

/// The information block at 125 mm from the left: what is needed to file the paper. Returns where it ends.
fn information(page: &mut Page, content: &Content) -> f32 {
    let rows = information_rows(content);
    let size = information_size(&rows);
    let mut y = mm(50.0);
    for (name, text) in rows {
        page.left(Style::regular(7.8), Ink::Grey, (mm(125.0), y), name);
        let strong = name == words(content.language).number;
        let style = value_style(if strong { Style::strong(size) } else { Style::regular(size) }, &text);
        y = page.block(style, Ink::Black, (VALUES, y), RIGHT - VALUES, size * 1.22, &text) + 3.0;
    }
    y + mm(4.0)
}

/// A value that is hardly too wide for its line shrinks unseen; a longer one wraps.
fn value_style(style: Style, text: &str) -> Style {
    let smaller = fit(style, text, RIGHT - VALUES);
    if smaller.size < style.size * 0.95 { style } else { smaller }
}

/// The largest type, down from 9 points, with which the block takes no more than 60 mm.
fn information_size(rows: &[(&'static str, String)]) -> f32 {
    let mut size = 9.0;
    loop {
        let style = Style::strong(size);
        let lines = |text: &String| wrap(value_style(style, text), text, RIGHT - VALUES).len();
        let height: f32 = rows.iter().map(|(_, text)| (0..lines(text)).map(|_| size * 1.22).sum::<f32>() + 3.0).sum();
        if height <= mm(60.0) || size < 1.0 {
            return size;
        }
        size *= 0.93;
    }
}

fn information_rows(content: &Content) -> Vec<(&'static str, String)> {
    let words = words(content.language);
    let language = content.language;
    let recipient = &content.recipient;
    let mut rows = vec![(words.number, content.number.clone()), (words.date, date(content.issued_on, language))];
    if let (Kind::Cancellation, Some(original)) = (content.kind, &content.original) {
        let day = fill(words.original_date, &[&date(original.issued_on, language)]);
        rows.push((words.original, format!("{} {day}", original.number)));
    }
    rows.push((words.customer_number, recipient.customer_number.clone()));
    rows.push((words.period, period(content.service_from, content.service_to, language)));
    if recipient.address.is_some() {
        rows.push((words.email, recipient.email.clone()));
    }
    if let Some(vat_id) = &recipient.vat_id {
        rows.push((words.customer_vat_id, vat_id.clone()));
    }
    rows
}

/// The foot of every page: page number and the company's details in four columns.
pub(crate) fn foot(page: &mut Page, content: &Content, number: usize, of: usize) {
    let words = words(content.language);
    let pages = fill(words.page, &[&number.to_string(), &of.to_string()]);
    page.right(GREY_SMALL, Ink::Grey, (RIGHT, FOOT + 5.0), &pages);
    page.rule((LEFT, RIGHT), FOOT + mm(3.2), 0.6, Ink::Line);
    let columns = foot_columns(content);
    let lefts = [LEFT, LEFT + mm(34.0), LEFT + mm(70.0), LEFT + mm(121.0)];
    let limits = [mm(32.0), mm(34.0), mm(49.0), mm(44.0)];
    let size = foot_size(&columns, &limits);
    for ((lines, left), limit) in columns.iter().zip(lefts).zip(limits) {
        let mut y = FOOT + mm(7.0);
        for line in lines {
            y = page.block(GREY_SMALL.with_size(size), Ink::Grey, (left, y), limit, size * 1.3, line);
        }
    }
}

fn foot_columns(content: &Content) -> [Vec<String>; 4] {
    let words = words(content.language);
    let seller = &content.seller;
    let mut company = vec![seller.name.clone()];
    company.extend(seller_address(content));
    let contact = vec![format!("{} {}", words.phone, seller.phone), seller.email.clone()];
    let register = vec![
        seller.register.clone(),
        format!("{}: {}", words.directors, seller.directors),
        format!("{} {}", words.vat_id, seller.vat_id),
    ];
    let bank = vec![seller.bank.clone(), format!("IBAN {}", iban(&seller.iban)), format!("BIC {}", seller.bic)];
    [company, contact, register, bank]
}

/// The largest type, down from 7 points, with which every column stays above the edge of the page.
fn foot_size(columns: &[Vec<String>; 4], limits: &[f32; 4]) -> f32 {
    let height = mm(297.0 - 4.0) - (FOOT + mm(7.0));
    let mut size = 7.0_f32;
    while size > 1.0 {
        let style = GREY_SMALL.with_size(size);
        let lines = |(column, limit): (&Vec<String>, &f32)| {
            column.iter().map(|line| wrap(style, line, *limit).len()).sum::<usize>()
        };
        let most = columns.iter().zip(limits).map(lines).max().unwrap_or_default();
        if (0..most).map(|_| size * 1.3).sum::<f32>() <= height {
            break;
        }
        size *= 0.93;
    }
    size
}
