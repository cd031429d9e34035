// Words of causes.

import type { CauseValue, DamageScope } from "../generated/api";
import { said } from "./findings";
import { date, dateTime, dayOf, plusDays, time } from "./format";
import { m } from "./paraglide/messages.js";

/** What a cause is called: „Rechner rechnung-03“. Of an id that nobody reads its beginning is enough. */
export function causeName(of: CauseValue): string {
  const name = said(of.name);
  if (of.attribute === "day") return `${name} ${date(of.value)}`;
  // The templates of the old programs bear the word in their name.
  if (of.value.startsWith(`${name} `)) return of.value;
  const isId = /^[0-9a-f]{8}-[0-9a-f]{4}-/.test(of.value);
  return `${name} ${isId ? `${of.value.slice(0, 8)}…` : of.value}`;
}

/** Since when something holds: a day where it is a whole one. */
export function begun(at: string): string {
  return time(at) === "00:00" ? date(dayOf(at)) : dateTime(at);
}

/** The time in which nothing a host did is trusted: whole days as days, and without an end while it still goes on. */
export function badTime({ from, to }: DamageScope): string {
  const isOver = Date.parse(to) <= Date.now();
  if (!isOver) return m.from_on({ day: begun(from) });
  const areDays = time(from) === "00:00" && time(to) === "00:00";
  return m.from_to(areDays ? { from: begun(from), to: date(plusDays(dayOf(to), -1)) } : { from: dateTime(from), to: dateTime(to) });
}
