// Words of repairs: how one stands, what happens besides, why one is not done.

import type { PlannedRepair, ProposedChange, RepairEffect, RepairObstacle, RepairRow, RepairState, FindingSubject } from "../generated/api";
import { cause, field, type Status, why } from "./codes";
import { said, valueOf } from "./findings";
import { counted } from "./format";
import { m } from "./paraglide/messages.js";

/** How a repair stands. */
export function repairState(of: RepairState): Status {
  const looks: Record<RepairState, Omit<Status, "word">> = {
    staged: { tone: "wait", icon: "note" },
    applied: { tone: "ok" },
    refused: { tone: "bad" },
    undone: { tone: "off", icon: "refresh" },
  };
  return { ...looks[of], word: m[`repaired_${of}`]() };
}

/** What happens besides. */
export function effect(of: RepairEffect): string {
  return m[`effect_${of}`]();
}

/** Why something is not repaired, or not taken back. */
export function obstacleOf(of: RepairObstacle): string {
  switch (of.code) {
    case "value_invalid":
      return of.value ? m.hinder_value_invalid({ value: of.value, field: field(of.field) }) : m.hinder_value_missing({ field: field(of.field) });
    case "breaks_rule":
      return m.hinder_breaks_rule({ rule: said(of.title) });
    case "cannot_run":
      return `${cause(of.cause)}. ${why(of.cause)}`;
    case "said":
      return m.hinder_said({ sentence: of.sentence });
    default:
      return m[`hinder_${of.code}`]();
  }
}

/** A column's name; one of another row of the record comes with its place: „Position 1: Brutto“. */
export function fieldOf(name: string): string {
  const [place, column] = name.includes(".") ? [name.slice(0, name.indexOf(".")), name.slice(name.indexOf(".") + 1)] : [null, name];
  if (column === "(row)") return m.whole_row();
  if (place === null) return field(column);
  return /^\d+$/.test(place) ? m.field_of_line({ line: place, field: field(column) }) : field(column);
}

/** A value as people read it; where one bit is shown, it stands as its bytes are. */
export function shownValue(subject: FindingSubject, change: ProposedChange, value: string | null): string | null {
  const column = change.field.slice(change.field.indexOf(".") + 1);
  return change.bit ? value : valueOf(subject, column, value);
}

/** Whether a field follows from others and is told in one word. */
export function isFollowing(change: ProposedChange): boolean {
  return ["seal", "search_text", "sort_name"].includes(change.field);
}

/** What was changed, in one line. */
export function changeOf(row: RepairRow): string {
  if (!row.field) return m[`repair_${row.action}`]();
  const old = valueOf(row.subject, row.field, row.old) || m.empty_value();
  const to = valueOf(row.subject, row.field, row.new) || m.empty_value();
  const more = row.fields > 1 ? ` ${m.and_fields(counted(row.fields - 1))}` : "";
  return `${fieldOf(row.field)}: ${old} → ${to}${more}`;
}

/** Repairs of one record stand together. */
export function byRecord(repairs: PlannedRepair[]): Array<{ key: string; repairs: PlannedRepair[] }> {
  const records = new Map<string, PlannedRepair[]>();
  for (const repair of repairs) {
    const key = `${repair.subject.table} ${repair.subject.row}`;
    records.set(key, [...(records.get(key) ?? []), repair]);
  }
  return [...records].map(([key, repairs]) => ({ key, repairs }));
}
