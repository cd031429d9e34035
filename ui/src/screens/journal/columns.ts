// Columns of the journal.

import type { JournalRow } from "../../generated/api";
import type { ColumnSpec } from "../../state/columns";
import { journalChoices } from "../../state/journal.svelte";
import { action, field, fields, table } from "../../words/codes";
import { exactTime, orDash } from "../../words/format";
import { m } from "../../words/paraglide/messages.js";

/** What an entry is about, as people say it. */
export function recordOf(row: JournalRow): string {
  if (!row.record) return "–";
  return row.record.label ?? table(row.record.table);
}

/** Why, as people say it: a canary has no words of its own. */
export function reasonOf(row: JournalRow): string {
  return row.action === "host.withdraw" && row.by.person === "kontor" ? m.reason_canary() : orDash(row.reason);
}

/** The words of the actions that stand in the journal. */
function actions(): Record<string, string> {
  return Object.fromEntries((journalChoices.value?.actions ?? []).map((word) => [word, action(word)]));
}

/** Columns. */
export const columns: ColumnSpec<JournalRow>[] = [
  { name: "seq", title: m.col_seq, width: 64, roomFrom: 1440, isFigure: true, sort: "seq", text: (row) => String(row.seq), exports: [{ field: "seq" }] },
  { name: "written_at", title: m.col_time, width: 152, text: (row) => exactTime(row.written_at), exports: [{ field: "written_at" }] },
  { name: "person", title: m.col_person, width: 88, text: (row) => row.by.person, exports: [{ field: "by.person" }] },
  { name: "action", title: m.col_action, width: 188, text: (row) => action(row.action), exports: [{ field: "action", words: actions }] },
  { name: "record", title: m.col_record, width: 144, roomFrom: 1280, text: recordOf, exports: [{ field: "record.label" }] },
  { name: "desk", title: m.col_desk, width: 112, roomFrom: 1600, text: (row) => row.by.desk, exports: [{ field: "by.desk" }] },
  { name: "reason", title: m.field_reason, width: 120, roomFrom: 1600, isElastic: true, text: reasonOf, exports: [{ field: "reason" }] },
  { name: "changes", title: m.col_changes, width: 200, isExtra: true, text: (row) => row.changes.map((change) => field(change.field)).join(", ") || "–", exports: [{ field: "changes", words: fields }] },
  { name: "hash", title: () => "SHA-256", width: 200, isExtra: true, isMono: true, text: (row) => row.hash, exports: [{ field: "hash" }] },
];
