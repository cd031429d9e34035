// Words of findings: texts that come in both languages, how much a finding matters, how sure a proposal is, values as people
// read them.

import type { Bilingual, Certainty, FindingRow, FindingSubject, Severity } from "../generated/api";
import { desk } from "../state/desk.svelte";
import { locale } from "../state/locale.svelte";
import { stored, table, type Status } from "./codes";
import { bytes, date, dayOf, money, parseDate, parseMoney, plusDays } from "./format";
import { m } from "./paraglide/messages.js";

/** A text in the window's language. */
export function said(text: Bilingual): string {
  // A figure and its sign stay on one line.
  return text[locale.current].replaceAll(" %", "\u00a0%");
}

/** How much a finding matters. */
export function severity(of: Severity): Status {
  const looks: Record<Severity, Omit<Status, "word">> = {
    critical: { tone: "bad" },
    high: { tone: "wait", icon: "warning" },
    medium: { tone: "run", icon: "info" },
    info: { tone: "off", icon: "info" },
  };
  return { ...looks[of], word: m[`severity_${of}`]() };
}

/** How sure a proposal is. */
export function certainty(of: Certainty): Status {
  const looks: Record<Certainty, Omit<Status, "word">> = {
    proven: { tone: "ok" },
    copy: { tone: "ok", icon: "copy" },
    single: { tone: "run", icon: "check" },
    several: { tone: "wait", icon: "stack" },
    none: { tone: "off" },
  };
  return { ...looks[of], word: m[`sure_${of}`]() };
}

/** Rungs of the ladder, the surest first. */
export const RUNGS: Certainty[] = ["proven", "copy", "single", "several", "none"];

/** The record that a finding is about: „Rechnung RE-2013-000012-3“. */
export function recordName(subject: FindingSubject): string {
  return `${table(subject.table)} ${subject.label ?? ""}`.trim();
}

/** A stored value as people read it: an amount as an amount, a word of the program as its word. */
export function valueOf(row: FindingRow | FindingSubject, field: string, value: string | null): string | null {
  const of = "subject" in row ? row.subject.table : row.table;
  if (value !== null && /^-?\d{1,15}$/.test(value)) {
    if (field.endsWith("_cents")) return money(Number(value));
    if (field.endsWith("_bytes")) return `${bytes(Number(value))} (${value})`;
  }
  return stored(of, field, value);
}

/** What a person typed for a field, as it is stored; what is no amount or day goes to the office as it stands, which says so. */
export function typedValue(field: string, typed: string): string {
  const read = field.endsWith("_cents") ? parseMoney(typed) : field.endsWith("_on") ? parseDate(typed) : null;
  return read ?? typed;
}

const sources = m as unknown as Record<string, (() => string) | undefined>;

/** Where a value comes from; a source of a newer program is shown as it is. */
export function sourceOf(code: string): string {
  return sources[`source_${code}`]?.() ?? code;
}

/** The day on which something comes back. A demo lives in its own time, but its clock does not: the days between count. */
export function comesBack(until: string): string {
  if (!desk.connection?.business_date) return date(dayOf(until));
  return date(plusDays(desk.today, Math.ceil((Date.parse(until) - Date.now()) / 86_400_000)));
}
