// Columns and filters of open invoices, runs, and items of a run.

import type { FailureRow, RunItemRow, RunRow } from "../../generated/api";
import type { ColumnSpec } from "../../state/columns";
import type { FilterSpec } from "../../state/filters";
import { options, words } from "../../words/choices";
import { cause, itemState, runState } from "../../words/codes";
import { dateTime, duration, month, number, orDash } from "../../words/format";
import { m } from "../../words/paraglide/messages.js";

/** Columns of open invoices. */
export const failureColumns: ColumnSpec<FailureRow>[] = [
  { name: "customer", title: m.col_customer, width: 116, sort: "customer", text: (row) => row.customer, exports: [{ field: "customer" }] },
  { name: "name", title: m.field_name, width: 112, isElastic: true, text: (row) => row.name, exports: [{ field: "name" }, { field: "email", title: m.field_email }] },
  { name: "cause", title: m.col_cause, width: 200, text: (row) => cause(row.cause), status: (row) => ({ tone: row.cause.code === "outcome_unknown" ? "ask" : "bad", word: cause(row.cause) }), exports: [{ field: "cause.code", words: words.cause }] },
  { name: "can_run", title: m.col_can_run, width: 200, roomFrom: 1280, text: (row) => (row.obstacle ? cause(row.obstacle) : m.yes()), status: (row) => (row.obstacle ? { tone: "wait", word: m.no_first({ cause: cause(row.obstacle) }) } : { tone: "ok", word: m.yes() }), exports: [{ field: "obstacle.code", words: words.cause }] },
  { name: "invoice", title: m.record_invoice, width: 156, roomFrom: 1440, sort: "invoice", text: (row) => row.invoice?.number ?? "–", exports: [{ field: "invoice.number" }] },
  { name: "host", title: m.field_host, width: 96, roomFrom: 1600, text: (row) => orDash(row.host), exports: [{ field: "host" }] },
  { name: "attempts", title: m.col_tries, width: 72, roomFrom: 1600, isFigure: true, text: (row) => number(row.attempts), exports: [{ field: "attempts" }] },
  { name: "last_seen", title: m.col_last_seen, width: 144, roomFrom: 1800, sort: "last_seen", text: (row) => (row.last_seen ? dateTime(row.last_seen) : "–"), exports: [{ field: "last_seen" }] },
  { name: "first_seen", title: m.col_first_seen, width: 136, isExtra: true, text: (row) => (row.first_seen ? dateTime(row.first_seen) : "–"), exports: [{ field: "first_seen" }] },
  { name: "period", title: m.field_period, width: 112, isExtra: true, text: (row) => month(row.period), exports: [{ field: "period" }] },
  { name: "subject", title: m.field_kind, width: 144, isExtra: true, text: (row) => m[`subject_${row.subject}`](), exports: [{ field: "subject", words: words.subject }] },
];

/** Filters of open invoices; the choices of causes and hosts are those that occur. */
export function failureFilters(groups: Array<{ value: string; label: string }>, hosts: string[]): FilterSpec[] {
  return [
    { kind: "choice", key: "groups", label: m.col_cause, options: () => groups },
    { kind: "flag", key: "can_run", label: m.col_can_run, yes: m.filter_can_run_yes, no: m.filter_can_run_no },
    { kind: "choice", key: "hosts", label: m.field_host, options: () => hosts.map((host) => ({ value: host, label: host })) },
    { kind: "choice", key: "obstacles", label: m.col_obstacle, options: () => groups },
  ];
}

/** Columns of runs. */
export const runColumns: ColumnSpec<RunRow>[] = [
  { name: "started_at", title: m.col_started, width: 144, sort: "started_at", text: (row) => dateTime(row.started_at), exports: [{ field: "started_at" }] },
  { name: "occasion", title: m.col_occasion, width: 132, text: (row) => m[`occasion_${row.occasion}`](), exports: [{ field: "occasion", words: words.occasion }] },
  { name: "state", title: m.field_state, width: 120, text: (row) => runState(row.state).word, status: (row) => runState(row.state), exports: [{ field: "state", words: words.run }] },
  { name: "total", title: m.col_total, width: 64, isFigure: true, text: (row) => number(row.total), exports: [{ field: "total" }] },
  { name: "failed", title: m.col_failed, width: 112, roomFrom: 1280, isFigure: true, text: (row) => number(row.failed), exports: [{ field: "failed" }] },
  { name: "done", title: m.col_done, width: 88, roomFrom: 1440, isFigure: true, text: (row) => number(row.done), exports: [{ field: "done" }] },
  { name: "unknown", title: m.col_unknown, width: 96, roomFrom: 1600, isFigure: true, text: (row) => number(row.unknown), exports: [{ field: "unknown" }] },
  { name: "reason", title: m.field_reason, width: 120, roomFrom: 1600, isElastic: true, text: (row) => orDash(row.reason), exports: [{ field: "reason" }] },
  { name: "person", title: m.col_person, width: 96, roomFrom: 1800, text: (row) => row.by.person, exports: [{ field: "by.person" }] },
  {
    name: "ended_at",
    title: m.col_duration,
    width: 88,
    isFigure: true,
    isExtra: true,
    text: (row) => (row.ended_at ? duration((Date.parse(row.ended_at) - Date.parse(row.started_at)) / 1000) : "–"),
    exports: [{ field: "ended_at", title: m.col_ended }],
  },
];

/** Filters of runs. */
export const runFilters: FilterSpec[] = [
  { kind: "choice", key: "states", label: m.field_state, options: () => options(words.run()) },
  { kind: "choice", key: "occasions", label: m.col_occasion, options: () => options(words.occasion()) },
];

/** Columns of items of a run; they stand in the pane beside the runs. */
export const itemColumns: ColumnSpec<RunItemRow>[] = [
  { name: "ordinal", title: m.col_position, width: 48, isFigure: true, text: (row) => number(row.ordinal), exports: [{ field: "ordinal" }] },
  { name: "state", title: m.field_state, width: 136, text: (row) => itemState(row.state).word, status: (row) => itemState(row.state), exports: [{ field: "state", words: words.item }] },
  { name: "name", title: m.field_name, width: 80, isElastic: true, text: (row) => row.name, exports: [{ field: "name" }] },
  { name: "cause", title: m.col_cause, width: 148, text: (row) => (row.cause ? cause(row.cause) : "–"), exports: [{ field: "cause.code", words: words.cause }] },
  { name: "invoice", title: m.record_invoice, width: 156, roomFrom: 2400, text: (row) => row.invoice?.number ?? "–", exports: [{ field: "invoice.number" }] },
  { name: "customer", title: m.col_customer, width: 116, roomFrom: 2400, text: (row) => row.customer, exports: [{ field: "customer" }] },
  { name: "period", title: m.field_period, width: 112, isExtra: true, text: (row) => month(row.period), exports: [{ field: "period" }] },
];
