// Numbers, amounts, sizes and times as the office writes them: German notation, time of Europe/Berlin, in either language,
// because that is what stands on the papers. Only words follow the language of the window.

import type { MailTarget } from "../generated/api";
import { locale } from "../state/locale.svelte";
import { m } from "./paraglide/messages.js";

const ZONE = "Europe/Berlin";
const whole = new Intl.NumberFormat("de-DE", { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat("de-DE", { maximumFractionDigits: 1 });
const tenths = new Intl.NumberFormat("de-DE", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const hundredth = new Intl.NumberFormat("de-DE", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const parts = new Intl.DateTimeFormat("de-DE", {
  timeZone: ZONE,
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** A whole number: 8.532. */
export function number(value: number): string {
  return whole.format(value);
}

/** The two inputs of a message that counts: the number for its grammar, and as it is written. */
export function counted(count: number): { count: number; n: string } {
  return { count, n: number(count) };
}

/** A part of a hundred: 12,5 %. */
export function percent(part: number, of: number): string {
  return of === 0 ? "–" : `${tenth.format((part / of) * 100)}\u00a0%`;
}

/** The same with its tenth in any case, for figures below each other: 1,0 %. */
export function percentInRow(part: number, of: number): string {
  return of === 0 ? "–" : `${tenths.format((part / of) * 100)}\u00a0%`;
}

/** An amount in cents: 1.234,50 €. The parts never wrap. */
export function money(cents: number, currency = "EUR"): string {
  const sign = cents < 0 ? "−" : "";
  return `${sign}${hundredth.format(Math.abs(cents) / 100)}\u00a0${currency === "EUR" ? "€" : currency}`;
}

/** A VAT rate in basis points: 19 %. */
export function rate(basisPoints: number): string {
  return `${tenth.format(basisPoints / 100)}\u00a0%`;
}

/** A size in bytes: 8,4 GB. Decimal units, as storage is sold. */
export function bytes(size: number): string {
  const units = ["Bytes", "kB", "MB", "GB", "TB", "PB"];
  let value = size;
  let unit = 0;
  while (Math.abs(value) >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${tenth.format(value)}\u00a0${units[unit]}`;
}

interface Moment {
  date: string;
  time: string;
  second: string;
}

function moment(at: string): Moment | null {
  const when = new Date(at);
  if (Number.isNaN(when.getTime())) return null;
  const part = Object.fromEntries(parts.formatToParts(when).map((each) => [each.type, each.value]));
  return {
    date: `${part.day}.${part.month}.${part.year}`,
    time: `${part.hour}:${part.minute}`,
    second: `${part.hour}:${part.minute}:${part.second}`,
  };
}

/** A moment's day and minute: 31.01.2013, 14:32. */
export function dateTime(at: string): string {
  const when = moment(at);
  return when ? `${when.date}, ${when.time}` : at;
}

/** A moment with its second, where order matters. */
export function exactTime(at: string): string {
  const when = moment(at);
  return when ? `${when.date}, ${when.second}` : at;
}

/** A moment's minute alone when it is of the given day, otherwise with its day. */
export function timeOn(at: string, today: string): string {
  const when = moment(at);
  if (!when) return at;
  return when.date === date(today) ? when.time : `${when.date}, ${when.time}`;
}

/** A moment's minute: 14:32. */
export function time(at: string): string {
  return moment(at)?.time ?? at;
}

/** The day of a moment in Europe/Berlin, as the contract writes days. */
export function dayOf(at: string): string {
  const when = moment(at);
  return when ? when.date.split(".").reverse().join("-") : at.slice(0, 10);
}

/** A day of the calendar: 31.01.2013. */
export function date(day: string): string {
  const match = /^(\d{4})-(\d{2})-(\d{2})/.exec(day);
  return match ? `${match[3]}.${match[2]}.${match[1]}` : day;
}

/** A day without its year: 31.01. */
export function shortDate(day: string): string {
  return date(day).slice(0, 6);
}

/** A month: Januar 2013. */
export function month(period: string): string {
  const match = /^(\d{4})-(\d{2})$/.exec(period);
  if (!match) return period;
  const day = new Date(Date.UTC(Number(match[1]), Number(match[2]) - 1, 1));
  return new Intl.DateTimeFormat(locale.current === "de" ? "de-DE" : "en-GB", {
    timeZone: "UTC",
    month: "long",
    year: "numeric",
  }).format(day);
}

/** A stretch of time: 4 min, 35 s, 2 h 10 min. */
export function duration(seconds: number): string {
  const rounded = Math.max(0, Math.round(seconds));
  if (rounded < 60) return `${rounded}\u00a0s`;
  const minutes = Math.round(rounded / 60);
  if (minutes < 60) return `${minutes}\u00a0min`;
  return `${Math.floor(minutes / 60)}\u00a0h ${minutes % 60}\u00a0min`;
}

/** What was typed as TT.MM.JJJJ, as the contract writes days; none when it is no day. */
export function parseDate(typed: string): string | null {
  const match = /^\s*(\d{1,2})[.\-/ ](\d{1,2})[.\-/ ](\d{4}|\d{2})\s*$/.exec(typed) ?? /^\s*(\d{2})(\d{2})(\d{4})\s*$/.exec(typed);
  if (!match) return null;
  const year = Number(match[3]) + (match[3]?.length === 2 ? 2000 : 0);
  const when = new Date(Date.UTC(year, Number(match[2]) - 1, Number(match[1])));
  const isDay = when.getUTCDate() === Number(match[1]) && when.getUTCMonth() === Number(match[2]) - 1;
  return isDay && year >= 1900 ? when.toISOString().slice(0, 10) : null;
}

/** What was typed as an amount in euros, 1.234,50 or 1234,5, in cents; none when it is no amount. */
export function parseMoney(typed: string): string | null {
  const match = /^\s*([-−]?)(\d{1,3}(?:\.\d{3})+|\d{1,12})(?:,(\d{1,2}))?\s*€?\s*$/.exec(typed);
  if (!match) return null;
  const cents = Number(match[2]?.replaceAll(".", "")) * 100 + Number((match[3] ?? "").padEnd(2, "0"));
  return String(match[1] && cents ? -cents : cents);
}

/** What was typed as MM.JJJJ, as the contract writes months; none when it is no month. */
export function parseMonth(typed: string): string | null {
  const match = /^\s*(\d{1,2})[.\-/ ](\d{4})\s*$/.exec(typed);
  const number = Number(match?.[1]);
  return match && number >= 1 && number <= 12 ? `${match[2]}-${String(number).padStart(2, "0")}` : null;
}

/** A month as it is typed: 01.2013. */
export function typedMonth(period: string): string {
  return /^\d{4}-\d{2}$/.test(period) ? `${period.slice(5)}.${period.slice(0, 4)}` : period;
}

/** A day so and so many days later, by the calendar. */
export function plusDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** Several things in a row: a, b und c. */
export function list(words: string[]): string {
  return new Intl.ListFormat(locale.current, { type: "conjunction" }).format(words);
}

/** A name inside other text, so that its direction does not turn the rest around. */
export function isolate(name: string): string {
  return `\u2068${name}\u2069`;
}

/** Where mails go: a folder, or a server with its port. */
export function targetName(target: MailTarget): string {
  return target.type === "folder" ? target.path : `${target.host}:${target.port}`;
}

/** A value that may be missing. */
export function orDash(value: string | null | undefined): string {
  return value === null || value === undefined || value === "" ? "–" : value;
}

/** What is said where a number could not be counted yet. */
export function total(rows: number, isExact: boolean): string {
  return isExact ? number(rows) : m.about({ n: number(rows) });
}
