//! A check from its beginning to its end: which rules, in which order, with progress and a way to stop.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::book::{self, Found, Sink, Unseen};
use super::facts::Facts;
use super::finding::{self, Finding};
use super::passes::{self, Pass, Scope};
use super::rule::{Method, Rule};
use super::rules;
use crate::identity::Process;
use crate::store::entities::{findings, rule_checks};
use crate::store::{self, Store};
use crate::{Error, Result, withdrawal};

/// What is to be checked.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Ids of rules; none means all.
    pub rules: Vec<String>,
    /// A CSV file to compare with: what the sign-up site or a backup still has.
    pub compare: Option<PathBuf>,
    /// Passes look only at rows that changed since they last looked at everything, and at what is open.
    pub only_changed: bool,
}

/// How far a check is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Id of the rule, or name of the pass, that is at work.
    pub at: String,
    /// Rules and passes done.
    pub done: u64,
    /// Rules and passes in all.
    pub total: u64,
    /// Rows and documents that passes looked at.
    pub rows: u64,
}

/// What a check came to.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Rules that were asked.
    pub rules: u64,
    /// Rows and documents that passes looked at.
    pub rows: u64,
    /// How long it took.
    pub seconds: f64,
    /// What is open now of these rules, without what is set aside.
    pub findings: Vec<Finding>,
    /// How many are set aside.
    pub set_aside: u64,
    /// Findings that were closed because their rule no longer finds them.
    pub closed: u64,
    /// Whether it was stopped before its end; nothing was closed then.
    pub stopped: bool,
    /// Whether the database itself is damaged; then nothing else was looked at, and nothing was closed.
    pub corrupt: bool,
    /// What could not be checked here, as codes of [`super::words`].
    pub not_checked: Vec<String>,
    /// When it began, if every rule looked at everything: what stood there then and has no open finding passed all rules.
    pub whole_since: Option<DateTime<Utc>>,
}

/// Checks. Findings are opened, seen and closed; the report tells what is open. A host that is out of service may not: what
/// it finds, and what it no longer finds, proves nothing.
pub async fn check(
    store: &Store,
    options: &Options,
    on_progress: &mut (dyn FnMut(&Progress) + Send),
    cancel: &AtomicBool,
) -> Result<Report> {
    let begun = Instant::now();
    let host = Process::this().host;
    withdrawal::require_service(store.read(), &host).await?;
    let facts = Facts::gather(store, options.compare.as_ref()).await?;
    let chosen = chosen(options, &facts)?;
    let mut scan = Scan::new(store, &facts, &chosen, options.only_changed).await?;
    scan.run(on_progress, cancel).await?;
    // Nothing was closed yet.
    withdrawal::require_service(store.read(), &host).await?;
    let mut report = scan.end().await?;
    let ids: Vec<&str> = chosen.iter().map(|rule| rule.id).collect();
    let (aside, open): (Vec<_>, Vec<_>) =
        finding::open(store.read(), &ids).await?.into_iter().partition(|one| one.is_set_aside(facts.now));
    report.findings = open;
    report.set_aside = aside.len() as u64;
    report.rules = chosen.len() as u64;
    let is_whole = options.rules.is_empty() && !options.only_changed && !report.stopped && !report.corrupt;
    report.whole_since = is_whole.then_some(facts.now);
    report.seconds = begun.elapsed().as_secs_f64();
    Ok(report)
}

/// Runs one rule again for one row, inside or outside of a transaction, opens and closes its findings accordingly, and
/// returns those that are open about the row. What an export said is held against the row as it is now.
pub async fn recheck(store: &Store, connection: &impl ConnectionTrait, rule: &str, row: &str) -> Result<Vec<Finding>> {
    let facts = Facts::within(store, connection).await?;
    looked_again(connection, &facts, rule, row).await
}

/// The same for a row that was written a moment ago, by somebody who is done with it: a rule that leaves alone what may
/// still be in work looks all the same.
pub async fn recheck_at_once(
    store: &Store,
    connection: &impl ConnectionTrait,
    rule: &str,
    row: &str,
) -> Result<Vec<Finding>> {
    let facts = Facts::within(store, connection).await?.at_once();
    looked_again(connection, &facts, rule, row).await
}

async fn looked_again(connection: &impl ConnectionTrait, facts: &Facts, rule: &str, row: &str) -> Result<Vec<Finding>> {
    let rule = rules::by_id(rule)?;
    let found = about(connection, facts, rule, row).await?;
    book::note(connection, rule, &found, facts.now).await?;
    let unseen = Unseen { rule: rule.id, row: Some(row), since: facts.now, undone: None };
    book::close_unseen(connection, unseen, facts.now).await?;
    finding::of(connection, rule.id, row).await
}

/// Since when every rule has been asked about everything; none while one never was. The comparison with an export counts
/// for nothing: it is asked only where there is one.
pub async fn checked_at(connection: &impl ConnectionTrait) -> Result<Option<DateTime<Utc>>> {
    let asked: BTreeMap<String, DateTime<Utc>> =
        rule_checks::Entity::find().all(connection).await?.into_iter().map(|row| (row.rule, row.checked_at)).collect();
    let rules = rules::ALL.iter().filter(|rule| rule.id != rules::COPY_DEVIATES);
    // None is less than any time, so that one rule that was never asked decides.
    Ok(rules.map(|rule| asked.get(rule.id).copied()).min().flatten())
}

/// The questions of a rule as bare SQL, as they would be asked now: for `psql`, `sqlite3`, or an auditor. None where the
/// rule looks at rows or documents one by one.
pub async fn bare_sql(store: &Store, rule: &str) -> Result<Vec<String>> {
    let facts = Facts::gather(store, None).await?;
    Ok(match &rules::by_id(rule)?.method {
        Method::Ask(question) => {
            question.statements(store.read(), &facts, None).iter().map(ToString::to_string).collect()
        }
        Method::Pass(_) => Vec::new(),
    })
}

/// Whether the database file is damaged as far as the last check knows: while it is, nothing else is to be repaired.
pub async fn is_corrupt(connection: &impl ConnectionTrait) -> Result<bool> {
    let query = findings::Entity::find()
        .filter(findings::Column::ClosedAt.is_null())
        .filter(findings::Column::Rule.eq(rules::DATABASE_CORRUPT));
    Ok(query.count(connection).await? > 0)
}

/// What a rule finds about one row.
async fn about(connection: &impl ConnectionTrait, facts: &Facts, rule: &'static Rule, row: &str) -> Result<Vec<Found>> {
    let id = Uuid::parse_str(row).ok();
    let mut found = match (&rule.method, id) {
        (Method::Ask(question), Some(id)) => question.about(connection, facts, id).await?,
        (Method::Ask(_), None) => Vec::new(),
        (Method::Pass(passes), id) => {
            let mut all = Vec::new();
            for pass in *passes {
                let page = passes::page(*pass, connection, facts, Scope::only(id, row)).await?;
                all.extend(page.found.into_iter().filter(|(of, _)| *of == rule.id).map(|(_, found)| found));
            }
            all
        }
    };
    found.retain(|one| one.row == row);
    Ok(found)
}

fn chosen(options: &Options, facts: &Facts) -> Result<Vec<&'static Rule>> {
    let named: Vec<&'static Rule> = options.rules.iter().map(|id| rules::by_id(id)).collect::<Result<_>>()?;
    if named.iter().any(|rule| rule.id == rules::COPY_DEVIATES) && facts.export.is_none() {
        return Err(Error::Usage(format!(
            "The rule {} compares with a file. Name it with --compare FILE.csv.",
            rules::COPY_DEVIATES
        )));
    }
    Ok(if named.is_empty() { rules::ALL.to_vec() } else { named })
}

/// A check at work.
struct Scan<'a> {
    store: &'a Store,
    facts: &'a Facts,
    rules: &'a [&'static Rule],
    passes: Vec<Pass>,
    /// When everything was looked at last, by rule; empty when everything is looked at.
    last: BTreeMap<String, DateTime<Utc>>,
    progress: Progress,
    report: Report,
}

impl<'a> Scan<'a> {
    async fn new(store: &'a Store, facts: &'a Facts, rules: &'a [&'static Rule], only_changed: bool) -> Result<Self> {
        let mut passes: Vec<Pass> = Vec::new();
        for rule in rules {
            if let Method::Pass(needed) = &rule.method {
                passes.extend(needed.iter().filter(|pass| pass.can_run(facts)).copied());
            }
        }
        passes.sort_unstable();
        passes.dedup();
        let mut last = BTreeMap::new();
        if only_changed {
            for row in rule_checks::Entity::find().all(store.read()).await? {
                last.insert(row.rule, row.checked_at);
            }
        }
        let asked = rules.iter().filter(|rule| matches!(rule.method, Method::Ask(_))).count();
        let progress = Progress { total: (asked + passes.len()) as u64, ..Progress::default() };
        Ok(Self { store, facts, rules, passes, last, progress, report: Report::default() })
    }

    async fn run(&mut self, on_progress: &mut (dyn FnMut(&Progress) + Send), cancel: &AtomicBool) -> Result<()> {
        // What a damaged database says is worth nothing, so this comes first.
        if self.passes.first() == Some(&Pass::Integrity) {
            let pass = self.passes.remove(0);
            pass.name().clone_into(&mut self.progress.at);
            self.walk(pass, on_progress, cancel).await?;
            self.progress.done += 1;
            // One that was found earlier and not now is closed at the end.
            let open = finding::open(self.store.read(), &[rules::DATABASE_CORRUPT]).await?;
            self.report.corrupt = open.iter().any(|one| one.seen_at >= self.facts.now);
            if self.report.corrupt || self.report.stopped {
                return Ok(());
            }
        }
        for rule in self.rules {
            let Method::Ask(question) = &rule.method else { continue };
            if cancel.load(Ordering::Relaxed) {
                self.report.stopped = true;
                return Ok(());
            }
            rule.id.clone_into(&mut self.progress.at);
            on_progress(&self.progress);
            question.whole(self.store, self.facts, &mut Sink::new(self.store, rule, self.facts.now)).await?;
            self.progress.done += 1;
        }
        for pass in self.passes.clone() {
            pass.name().clone_into(&mut self.progress.at);
            self.walk(pass, on_progress, cancel).await?;
            if self.report.stopped {
                return Ok(());
            }
            self.progress.done += 1;
        }
        on_progress(&self.progress);
        Ok(())
    }

    async fn walk(
        &mut self,
        pass: Pass,
        on_progress: &mut (dyn FnMut(&Progress) + Send),
        cancel: &AtomicBool,
    ) -> Result<()> {
        let mut scope = Scope::all(self.since(pass));
        scope.rules = self.rules.iter().map(|rule| rule.id).collect();
        loop {
            if cancel.load(Ordering::Relaxed) {
                self.report.stopped = true;
                return Ok(());
            }
            on_progress(&self.progress);
            let page = passes::page(pass, self.store.read(), self.facts, scope.clone()).await?;
            self.progress.rows += page.rows;
            self.note(page.found).await?;
            self.report.not_checked.extend(page.not_checked);
            let Some(last) = page.last else { return Ok(()) };
            scope.after = Some(last);
        }
    }

    /// A pass looks back as far as the rule that looked at everything longest ago.
    fn since(&self, pass: Pass) -> Option<DateTime<Utc>> {
        let fed = self.rules.iter().filter(|rule| feeds(pass, rule));
        fed.map(|rule| self.last.get(rule.id).copied()).min().flatten()
    }

    async fn note(&self, found: Vec<(&'static str, Found)>) -> Result<()> {
        let mut by_rule: BTreeMap<&str, Vec<Found>> = BTreeMap::new();
        for (rule, one) in found {
            by_rule.entry(rule).or_default().push(one);
        }
        by_rule.retain(|id, _| self.rules.iter().any(|rule| rule.id == *id));
        if by_rule.is_empty() {
            return Ok(());
        }
        let write = self.store.write().await?;
        for (id, found) in by_rule {
            book::note(&*write, rules::by_id(id)?, &found, self.facts.now).await?;
        }
        write.commit().await
    }

    /// Closes what was not found again, unless the check was stopped.
    async fn end(mut self) -> Result<Report> {
        self.report.rows = self.progress.rows;
        if self.report.stopped || self.report.corrupt {
            return Ok(self.report);
        }
        for rule in self.rules {
            let is_whole = match &rule.method {
                Method::Ask(_) => true,
                Method::Pass(passes) => {
                    passes.iter().all(|pass| pass.can_run(self.facts) && self.since(*pass).is_none())
                }
            };
            if is_whole {
                self.close(rule).await?;
            } else {
                self.look_again(rule).await?;
            }
        }
        Ok(self.report)
    }

    async fn close(&mut self, rule: &'static Rule) -> Result<()> {
        let write = self.store.write().await?;
        let now = store::now(&*write).await?;
        let undone = rule.waits().then(|| self.facts.grace());
        let unseen = Unseen { rule: rule.id, row: None, since: self.facts.now, undone };
        self.report.closed += book::close_unseen(&*write, unseen, now).await?;
        let text = "INSERT INTO rule_checks (id, rule, checked_at) VALUES (?, ?, ?) ON CONFLICT (rule) DO UPDATE SET \
                    checked_at = excluded.checked_at";
        let values = [Uuid::now_v7().into(), rule.id.into(), self.facts.now.into()];
        write.execute_raw(store::sql(self.store.backend(), text, values)).await?;
        write.commit().await
    }

    /// Not everything was looked at: what is open and was not seen is looked at by itself.
    async fn look_again(&mut self, rule: &'static Rule) -> Result<()> {
        let open = finding::open(self.store.read(), &[rule.id]).await?;
        for one in open.into_iter().filter(|one| one.seen_at < self.facts.now) {
            let found = about(self.store.read(), self.facts, rule, &one.row).await?;
            let write = self.store.write().await?;
            book::note(&*write, rule, &found, self.facts.now).await?;
            let now = store::now(&*write).await?;
            let unseen = Unseen { rule: rule.id, row: Some(&one.row), since: self.facts.now, undone: None };
            self.report.closed += book::close_unseen(&*write, unseen, now).await?;
            write.commit().await?;
        }
        Ok(())
    }
}

fn feeds(pass: Pass, rule: &Rule) -> bool {
    matches!(&rule.method, Method::Pass(passes) if passes.contains(&pass))
}
