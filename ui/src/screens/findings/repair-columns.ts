// Columns and filters of repairs.

import type { RepairRow } from "../../generated/api";
import type { ColumnSpec } from "../../state/columns";
import type { FilterSpec, Option } from "../../state/filters";
import { findingGroups } from "../../state/findings.svelte";
import { options, words } from "../../words/choices";
import { fields, table } from "../../words/codes";
import { said, valueOf } from "../../words/findings";
import { dateTime, orDash } from "../../words/format";
import { m } from "../../words/paraglide/messages.js";
import { changeOf, fieldOf, repairState } from "../../words/repairs";

/** The rules' names by id. */
function titles(): Record<string, string> {
  return Object.fromEntries((findingGroups.rules.value ?? []).map((rule) => [rule.id, said(rule.title)]));
}

/** Columns of repairs. */
export const repairColumns: ColumnSpec<RepairRow>[] = [
  { name: "acted_at", title: m.col_when, width: 128, sort: "acted_at", text: (row) => dateTime(row.acted_at), exports: [{ field: "acted_at" }] },
  { name: "state", title: m.field_state, width: 128, text: (row) => repairState(row.state).word, status: (row) => repairState(row.state), exports: [{ field: "state", words: words.repairState }] },
  { name: "subject", title: m.col_record, width: 136, text: (row) => row.subject.label ?? table(row.subject.table), exports: [{ field: "subject.label" }] },
  { name: "change", title: m.col_change, width: 140, isElastic: true, roomFrom: 1280, text: changeOf, exports: [{ field: "field", words: fields }, { field: "old", title: m.before }, { field: "new", title: m.after }] },
  { name: "person", title: m.col_person, width: 112, roomFrom: 1440, text: (row) => row.applied_by ?? row.by.person, exports: [{ field: "applied_by" }, { field: "by.person", title: m.col_staged_by }] },
  { name: "rule", title: m.col_rule, width: 180, roomFrom: 1600, text: (row) => (row.title ? said(row.title) : "–"), exports: [{ field: "rule", words: titles }] },
  { name: "reason", title: m.field_reason, width: 160, roomFrom: 1900, text: (row) => orDash(row.reason), exports: [{ field: "reason" }] },
  { name: "field", title: m.col_field_head, width: 112, isExtra: true, text: (row) => (row.field ? fieldOf(row.field) : "–"), exports: [{ field: "field", words: fields }] },
  { name: "old", title: m.before, width: 144, isExtra: true, text: (row) => orDash(valueOf(row.subject, row.field ?? "", row.old)), exports: [{ field: "old" }] },
  { name: "new", title: m.after, width: 144, isExtra: true, text: (row) => orDash(valueOf(row.subject, row.field ?? "", row.new)), exports: [{ field: "new" }] },
];

/** Filters of repairs. */
export function repairFilters(persons: Option[]): FilterSpec[] {
  const done = () => options(words.repairState()).filter((option) => option.value !== "staged");
  return [
    { kind: "choice", key: "states", label: m.field_state, options: done },
    { kind: "choice", key: "rules", label: m.col_rule, options: () => options(titles()) },
    { kind: "choice", key: "persons", label: m.col_person, options: () => persons },
    { kind: "days", from: "acted_from", to: "acted_to", label: m.col_when },
  ];
}
