//! The report in words and figures as they stand on paper: one to two pages, German or English.

use chrono::{Datelike, NaiveDate};
use kontor_pdf::content::Language;
use kontor_pdf::format::{count, date, money, month};
use kontor_pdf::report::{Bar, Bars, Block, Column, Curve, Curves, Figure, Sheet, Table};

use super::words::{Words, fill, words};
use super::{Incident, Missing, Report, Storage};
use crate::cause;

/// Customers named in a row of the completeness sheet.
const NAMED: usize = 8;

/// The report as it stands on paper.
pub fn sheet(report: &Report, language: Language) -> Sheet {
    let writer = Writer { report, language, words: words(language) };
    let month = month(report.month.first_day(), language);
    let made_on = date(report.made_on, language);
    Sheet {
        language,
        author: report.company.clone(),
        title: fill(writer.words.title, &[("month", &month)]),
        subtitle: fill(writer.words.made_on, &[("company", &report.company), ("day", &made_on)]),
        made_on: report.made_on,
        blocks: writer.blocks(),
        foot: writer.words.foot.to_owned(),
    }
}

struct Writer<'a> {
    report: &'a Report,
    language: Language,
    words: &'static Words,
}

impl Writer<'_> {
    fn blocks(&self) -> Vec<Block> {
        let words = self.words;
        let mut blocks = vec![Block::Figures(self.figures())];
        blocks.extend([Block::Heading(words.per_day.to_owned()), Block::Bars(self.days()), Block::Table(self.weeks())]);
        blocks.extend([Block::Heading(words.complete.to_owned()), Block::Table(self.complete())]);
        let invoices = &self.report.invoices;
        let amount = money(invoices.gross_cents, self.language);
        let gross = fill(words.gross, &[("amount", &amount), ("count", &self.count(invoices.cancellations))]);
        blocks.push(Block::Text(gross));
        blocks.extend([Block::Heading(words.mails.to_owned()), Block::Table(self.mails())]);
        blocks.push(Block::Heading(words.incident.to_owned()));
        blocks.extend(self.incidents().into_iter().map(Block::Text));
        blocks.push(Block::Heading(words.done.to_owned()));
        blocks.extend(self.done().into_iter().map(Block::Text));
        blocks.push(Block::Heading(words.storage.to_owned()));
        match &self.report.storage {
            Some(storage) => {
                blocks.push(Block::Curves(self.storage(storage)));
                blocks.push(Block::Text(self.outlook(storage)));
            }
            None => blocks.push(Block::Text(words.no_storage.to_owned())),
        }
        blocks.push(Block::Heading(words.open.to_owned()));
        blocks.push(self.open());
        blocks.push(Block::Text(self.journal()));
        blocks
    }

    fn count(&self, value: i64) -> String {
        count(value, self.language)
    }

    fn figures(&self) -> Vec<Figure> {
        let (words, registrations, invoices) = (self.words, &self.report.registrations, &self.report.invoices);
        let complete = &invoices.completeness;
        let before = registrations.month_before;
        let beside = if before == 0 {
            words.none_before.to_owned()
        } else {
            let change = self.share(registrations.month - before, before);
            let sign = if registrations.month >= before { "+" } else { "" };
            fill(words.before, &[("count", &self.count(before)), ("change", &format!("{sign}{change}"))])
        };
        let missing = complete.quarantined.count + complete.failed.count + complete.not_begun.count;
        let figure = |label: &str, value: i64, beside: String| Figure {
            label: label.to_owned(),
            value: self.count(value),
            beside,
        };
        vec![
            figure(&format!("{} {}", words.registrations, words.in_month), registrations.month, beside),
            figure(words.issued, complete.issued, fill(words.of_due, &[("due", &self.count(complete.due))])),
            figure(
                words.mailed,
                invoices.mails.accepted,
                fill(words.of_issued, &[("share", &self.share(invoices.mails.accepted, complete.issued))]),
            ),
            figure(words.not_issued, missing, fill(words.of_due, &[("due", &self.count(complete.due))])),
        ]
    }

    /// A part of a whole, in per cent with one decimal.
    fn share(&self, part: i64, whole: i64) -> String {
        if whole == 0 {
            return "–".to_owned();
        }
        let (part, whole) = (i128::from(part), i128::from(whole));
        let half = if part < 0 { -whole } else { whole };
        let tenths = (part * 2_000 + half) / (whole * 2);
        let sign = if tenths < 0 { "-" } else { "" };
        let (tenths, comma, blank) = match self.language {
            Language::De => (tenths.abs(), ",", "\u{a0}"),
            Language::En => (tenths.abs(), ".", ""),
        };
        format!("{sign}{}{comma}{}{blank}%", tenths / 10, tenths % 10)
    }

    fn days(&self) -> Bars {
        let bar = |day: &super::Day| Bar {
            label: format!("{}.", day.day.day()),
            count: u64::try_from(day.count).unwrap_or(0),
        };
        Bars { bars: self.report.registrations.days.iter().map(bar).collect() }
    }

    fn weeks(&self) -> Table {
        let words = self.words;
        let row = |week: &super::Week| {
            let days = format!("{} – {}", self.day(week.from), self.day(week.to));
            vec![week.week.to_string(), days, self.count(week.count)]
        };
        let mut rows: Vec<Vec<String>> = self.report.registrations.weeks.iter().map(row).collect();
        rows.push(vec![
            String::new(),
            month(self.report.month.first_day(), self.language),
            self.count(self.report.registrations.month),
        ]);
        let columns = vec![
            Column::words(words.week, 1.0),
            Column::words(words.days, 3.0),
            Column::figures(words.registrations, 1.5),
        ];
        Table { columns, rows, has_sum: true }
    }

    fn day(&self, day: NaiveDate) -> String {
        match self.language {
            Language::De => format!("{:02}.{:02}.", day.day(), day.month()),
            Language::En => day.format("%-d %b").to_string(),
        }
    }

    fn complete(&self) -> Table {
        let (words, complete) = (self.words, &self.report.invoices.completeness);
        let row = |what: &str, count: i64, whose: String| vec![what.to_owned(), self.count(count), whose];
        let mut rows =
            vec![row(words.due, complete.due, String::new()), row(words.issued, complete.issued, String::new())];
        for (what, missing) in [
            (words.cancelled, &complete.cancelled),
            (words.quarantined, &complete.quarantined),
            (words.failed, &complete.failed),
            (words.not_begun, &complete.not_begun),
        ] {
            // What the sum is made of stands there even when it is none.
            if missing.count > 0 || what == words.quarantined || what == words.failed {
                rows.push(row(what, missing.count, self.whose(missing)));
            }
        }
        if complete.not_due.count > 0 {
            // It is part of what was issued, and none of what is due.
            rows.push(row(words.not_due, -complete.not_due.count, self.whose(&complete.not_due)));
        }
        rows.push(row(words.unexplained, complete.unexplained, self.whose(&complete.unexplained_of)));
        let columns =
            vec![Column::words(words.what, 2.6), Column::figures(words.count, 0.9), Column::words(words.whose, 3.4)];
        Table { columns, rows, has_sum: true }
    }

    fn whose(&self, missing: &Missing) -> String {
        let named = missing.customers.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        let rest = missing.customers.len().saturating_sub(NAMED);
        if rest == 0 {
            return named;
        }
        named + &fill(self.words.more, &[("count", &self.count(i64::try_from(rest).unwrap_or(i64::MAX)))])
    }

    fn mails(&self) -> Table {
        let (words, mails) = (self.words, &self.report.invoices.mails);
        let all = [
            (words.accepted, mails.accepted),
            (words.refused, mails.refused),
            (words.bounced, mails.bounced),
            (words.unknown, mails.unknown),
            (words.waiting, mails.waiting),
            (words.none, mails.none),
        ];
        let columns = all.iter().map(|(head, _)| Column::figures(*head, 1.0)).collect();
        Table { columns, rows: vec![all.iter().map(|(_, count)| self.count(*count)).collect()], has_sum: false }
    }

    fn incidents(&self) -> Vec<String> {
        if self.report.incidents.is_empty() {
            return vec![self.words.no_incident.to_owned()];
        }
        self.report.incidents.iter().flat_map(|incident| [self.name(incident), self.effect(incident)]).collect()
    }

    fn name(&self, incident: &Incident) -> String {
        let german = self.language == Language::De;
        let named = [
            ("attribute", cause::words::attribute(incident.named.attribute, german)),
            ("value", incident.named.value.as_str()),
            ("level", &cause::words::level(incident.level, german)),
        ];
        let mut said = fill(self.words.points_to, &named);
        if let Some((from, to)) = incident.from.zip(incident.to) {
            let days = self.count((to - from).num_days() + 1);
            let (from, to) = (date(from, self.language), date(to, self.language));
            said.push_str(&fill(self.words.in_days, &[("from", &from), ("to", &to), ("days", &days)]));
        }
        said + "."
    }

    fn effect(&self, incident: &Incident) -> String {
        let whole = |count: u64| self.count(i64::try_from(count).unwrap_or(i64::MAX));
        let (failures, attempts) = (whole(incident.failures), whole(incident.attempts));
        let mut said = fill(self.words.of_attempts, &[("failures", &failures), ("attempts", &attempts)]);
        if let Some(customers) = incident.customers {
            said.push_str(&fill(self.words.customers_hit, &[("count", &self.count(customers))]));
        }
        said
    }

    fn done(&self) -> Vec<String> {
        let (words, repairs, invoices) = (self.words, &self.report.repairs, &self.report.invoices);
        let sentence = if repairs.days.is_some() { words.repaired } else { words.repaired_ever };
        vec![
            fill(words.rerun, &[("count", &self.count(invoices.rerun))]),
            fill(
                sentence,
                &[
                    ("applied", &self.count(repairs.applied)),
                    ("undone", &self.count(repairs.undone)),
                    ("closed", &self.count(repairs.closed)),
                ],
            ),
            fill(words.resent, &[("count", &self.count(invoices.mails.resent))]),
        ]
    }

    /// Terabytes with one decimal; what is smaller in gigabytes.
    fn size(&self, bytes: i64) -> String {
        let (unit, tenth) =
            if bytes.abs() >= 1_000_000_000_000 { ("TB", 100_000_000_000) } else { ("GB", 100_000_000) };
        let tenths = bytes / tenth;
        let comma = if self.language == Language::De { "," } else { "." };
        format!("{}{comma}{}\u{a0}{unit}", self.count(tenths / 10), tenths.abs() % 10)
    }

    fn storage(&self, storage: &Storage) -> Curves {
        #[expect(clippy::cast_precision_loss, reason = "a picture shows no single byte")]
        let curve = |name: &str, last: i64, of: fn(&super::Sample) -> i64| Curve {
            name: format!("{name} {}", self.size(last)),
            values: storage.samples.iter().map(|sample| of(sample) as f64 / 1e12).collect(),
        };
        let ends = (storage.samples.first(), storage.samples.last());
        let end = |sample: Option<&super::Sample>| sample.map(|sample| self.day(sample.day)).unwrap_or_default();
        Curves {
            curves: vec![
                curve(self.words.capacity, storage.capacity_bytes, |sample| sample.capacity_bytes),
                curve(self.words.sold, storage.sold_bytes, |sample| sample.sold_bytes),
                curve(self.words.used, storage.used_bytes, |sample| sample.used_bytes),
            ],
            ends: (end(ends.0), end(ends.1)),
            unit: "TB".to_owned(),
        }
    }

    fn outlook(&self, storage: &Storage) -> String {
        let words = self.words;
        let mut said = Vec::new();
        if let Some(rate) = storage.growth_per_day_bytes.filter(|rate| *rate > 0) {
            said.push(fill(words.growth, &[("rate", &self.size(rate))]));
        }
        let last = storage.samples.last().map(|sample| sample.day);
        let on = |day: NaiveDate, is: &str, will: &str| {
            let sentence = if last.is_some_and(|last| day <= last) { is } else { will };
            fill(sentence, &[("day", &date(day, self.language))])
        };
        said.push(match (storage.full_on, storage.growth_per_day_bytes) {
            (Some(day), _) => on(day, words.full_since, words.full_on),
            (None, Some(_)) => words.never_full.to_owned(),
            (None, None) => words.no_growth.to_owned(),
        });
        if let Some(day) = storage.sold_out_on {
            said.push(on(day, words.sold_out_since, words.sold_out_on));
        }
        said.join(" ")
    }

    fn open(&self) -> Block {
        let (words, open) = (self.words, &self.report.open);
        let failures: u64 = open.failures.values().sum();
        let mut all = vec![
            (words.failures, i64::try_from(failures).unwrap_or(i64::MAX)),
            (words.unsettled, open.unsettled_mails),
        ];
        let found = |severity: &str| open.findings.get(severity).copied().unwrap_or(0);
        all.extend(words.findings.iter().map(|(severity, name)| (*name, found(severity))));
        all.push((words.payments, open.payments));
        all.retain(|(_, count)| *count > 0);
        if all.is_empty() {
            return Block::Text(words.nothing_open.to_owned());
        }
        let rows = all.into_iter().map(|(name, count)| vec![name.to_owned(), self.count(count)]).collect();
        let columns = vec![Column::words(words.what, 3.0), Column::figures(words.count, 1.0)];
        Block::Table(Table { columns, rows, has_sum: false })
    }

    fn journal(&self) -> String {
        let head = &self.report.journal;
        fill(self.words.journal, &[("entries", &self.count(head.entries)), ("hash", &head.hash)])
    }
}
