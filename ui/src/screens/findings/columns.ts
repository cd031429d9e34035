// Columns and filters of findings.

import type { FindingRow, FindingState } from "../../generated/api";
import type { ColumnSpec } from "../../state/columns";
import type { FilterSpec, Option } from "../../state/filters";
import { findingGroups } from "../../state/findings.svelte";
import { options, words } from "../../words/choices";
import { field, fields, table } from "../../words/codes";
import { certainty, comesBack, said, severity, valueOf } from "../../words/findings";
import { dateTime, orDash } from "../../words/format";
import { m } from "../../words/paraglide/messages.js";

/** The rules' names by id. */
function titles(): Record<string, string> {
  return Object.fromEntries((findingGroups.rules.value ?? []).map((rule) => [rule.id, said(rule.title)]));
}

/** The words of the tables that findings are about. */
function tables(): Record<string, string> {
  return Object.fromEntries(["registrations", "mailboxes", "subscriptions", "invoices", "invoice_lines", "documents", "deliveries", "runs", "run_items", "payments", "notes"].map((name) => [name, table(name)]));
}

/** The rule, and before it that something is staged: the list says so without a column more. */
function ruleOf(row: FindingRow): string {
  return row.staged_by && row.state !== "closed" ? `${m.tab_findings_staged()}: ${said(row.title)}` : said(row.title);
}

const record: ColumnSpec<FindingRow> = { name: "subject", title: m.col_record, width: 152, text: (row) => row.subject.label ?? table(row.subject.table), exports: [{ field: "subject.label" }] };
const kind: ColumnSpec<FindingRow> = { name: "table", title: m.field_kind, width: 112, isExtra: true, text: (row) => table(row.subject.table), exports: [{ field: "subject.table", words: tables }] };
const weight: ColumnSpec<FindingRow> = { name: "severity", title: m.col_severity, width: 100, roomFrom: 1280, text: (row) => severity(row.severity).word, status: (row) => severity(row.severity), exports: [{ field: "severity", words: words.severity }] };
const rule: ColumnSpec<FindingRow> = { name: "rule", title: m.col_rule, width: 140, isElastic: true, sort: "rule", text: ruleOf, exports: [{ field: "rule", words: titles }] };
const sure: ColumnSpec<FindingRow> = { name: "evidence", title: m.col_evidence, width: 136, text: (row) => certainty(row.evidence).word, status: (row) => certainty(row.evidence), exports: [{ field: "evidence", words: words.certainty }] };
const staged: ColumnSpec<FindingRow> = { name: "staged_by", title: m.tab_findings_staged, width: 112, roomFrom: 2400, text: (row) => row.staged_by ?? "–", exports: [{ field: "staged_by" }] };
const where: ColumnSpec<FindingRow> = { name: "field", title: m.col_field_head, width: 112, roomFrom: 1440, text: (row) => (row.field ? field(row.field) : "–"), exports: [{ field: "field", words: fields }] };
const current: ColumnSpec<FindingRow> = { name: "current", title: m.col_current, width: 160, roomFrom: 1600, text: (row) => orDash(valueOf(row, row.field ?? "", row.current)), exports: [{ field: "current" }] };
const proposed: ColumnSpec<FindingRow> = { name: "proposed", title: m.col_proposed, width: 160, roomFrom: 2400, text: (row) => orDash(valueOf(row, row.field ?? "", row.proposed)), exports: [{ field: "proposed" }] };
const first: ColumnSpec<FindingRow> = { name: "opened_at", title: m.col_found_first, width: 144, roomFrom: 2400, sort: "opened_at", text: (row) => dateTime(row.opened_at), exports: [{ field: "opened_at" }] };
const last: ColumnSpec<FindingRow> = { name: "seen_at", title: m.col_found_last, width: 144, isExtra: true, text: (row) => dateTime(row.seen_at), exports: [{ field: "seen_at" }] };
const remedy: ColumnSpec<FindingRow> = { name: "action", title: m.col_would_do, width: 240, isExtra: true, text: (row) => (row.action ? m[`repair_${row.action}`]() : "–"), exports: [{ field: "action", words: words.repair }] };
const closed: ColumnSpec<FindingRow> = { name: "closed_at", title: m.col_closed_at, width: 144, text: (row) => (row.closed_at ? dateTime(row.closed_at) : "–"), exports: [{ field: "closed_at" }] };
const until: ColumnSpec<FindingRow> = { name: "until", title: m.col_aside_until, width: 112, text: (row) => (row.set_aside ? comesBack(row.set_aside.until) : "–"), exports: [{ field: "set_aside.until" }] };
const reason: ColumnSpec<FindingRow> = { name: "reason", title: m.field_reason, width: 140, roomFrom: 1280, isElastic: true, text: (row) => orDash(row.set_aside?.reason), exports: [{ field: "set_aside.reason" }] };

/** The same column, shown by itself only in a wider window. */
function later(column: ColumnSpec<FindingRow>, roomFrom: number): ColumnSpec<FindingRow> {
  return { ...column, roomFrom };
}

/** Columns of findings in a state: as many as there is room for beside a record. */
export const findingColumns: Record<FindingState, ColumnSpec<FindingRow>[]> = {
  open: [record, rule, weight, sure, staged, where, current, proposed, first, last, remedy, kind],
  set_aside: [record, rule, until, reason, later(weight, 1440), later(sure, 1600), later(where, 1900), later(current, 1900), proposed, later(first, 2400), last, remedy, kind],
  closed: [record, rule, closed, weight, where, current, proposed, first, last, kind],
};

/** Filters of findings; the choices of rules are those that have some, or all of them. */
export function findingFilters(rules: Option[]): FilterSpec[] {
  return [
    { kind: "choice", key: "rules", label: m.col_rule, options: () => rules },
    { kind: "choice", key: "severities", label: m.col_severity, options: () => options(words.severity()) },
    { kind: "choice", key: "evidences", label: m.col_evidence, options: () => options(words.certainty()) },
    { kind: "scope", key: "written_by", label: m.written_by },
  ];
}
