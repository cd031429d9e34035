// Pages of the sample's lists, as the office would make them: filtered, sorted, by cursors.

import type {
  DeliveryFilter,
  FailureFilter,
  InvoiceFilter,
  JournalFilter,
  ListAsk,
  Page,
  PaymentFilter,
  RegistrationFilter,
  RunFilter,
  RunItemFilter,
  Stored,
} from "../../generated/api";
import type { Customer, Records } from "./data";

type Row = Record<string, unknown>;

function folded(text: string): string {
  return text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replace(/ß/g, "ss");
}

/** Whether all words of a search occur in one of these texts. */
export function finds(search: string | null | undefined, ...texts: Array<string | null | undefined>): boolean {
  if (!search) return true;
  const hay = folded(texts.filter(Boolean).join(" "));
  return folded(search).split(/\s+/).every((word) => hay.includes(word));
}

/** Whether a value is one of the chosen, or nothing is chosen. */
export function among<T>(chosen: T[] | undefined, value: T): boolean {
  return !chosen?.length || chosen.includes(value);
}

function within(value: string, from?: string | null, to?: string | null): boolean {
  return (!from || value.slice(0, from.length) >= from) && (!to || value.slice(0, to.length) <= to);
}

function flag(wanted: boolean | null | undefined, value: boolean): boolean {
  return wanted === null || wanted === undefined || wanted === value;
}

/** A page of rows that match already. */
export function page<R>(rows: Array<Stored<R>>, ask: ListAsk<unknown, unknown>, idOf: (row: R) => string): Page<R> {
  const limit = ask.limit;
  const place = ask.place;
  const idAt = (row: Stored<R>) => (row.type === "whole" ? idOf(row.value) : row.value.id);
  let from = 0;
  if (place.type === "end") from = Math.max(0, rows.length - limit);
  if (place.type === "after") from = Number(place.cursor);
  if (place.type === "before") from = Math.max(0, Number(place.cursor) - limit);
  if (place.type === "at") from = Math.min(Math.max(0, rows.length - 1), place.index);
  if (place.type === "around") from = Math.max(0, rows.findIndex((row) => idAt(row) === place.id) - Math.floor(limit / 2));
  const to = place.type === "before" ? Number(place.cursor) : from + limit;
  const cut = rows.slice(from, to);
  const end = from + cut.length;
  return {
    rows: cut,
    first: from,
    is_first_exact: true,
    before: from > 0 ? String(from) : null,
    after: end < rows.length ? String(end) : null,
    total: ask.with_total ? { rows: rows.length, is_exact: true } : null,
  };
}

/** Sorts rows by a field; equal ones keep their place. */
export function sorted<R>(rows: R[], order: { by: string; descending: boolean } | undefined, value: (row: R, by: string) => unknown): R[] {
  if (!order) return rows;
  const way = order.descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const one = value(a, order.by);
    const other = value(b, order.by);
    if (typeof one === "number" && typeof other === "number") return way * (one - other);
    return way * String(one ?? "").localeCompare(String(other ?? ""), "de");
  });
}

/** The value of a row's field. */
export function fieldOf(row: unknown, by: string): unknown {
  return (row as Row)[by];
}

/** Customers that match. */
export function customers(records: Records, filter: RegistrationFilter): Customer[] {
  return records.customers.filter(({ row }) => {
    const used = ((row.used_bytes ?? 0) / (row.quota_bytes ?? 1)) * 100;
    return (
      finds(filter.search, row.first_name, row.last_name, row.company, row.email, row.mailbox, row.customer, row.invoice?.number) &&
      among(filter.states, row.state) &&
      among(filter.kinds, row.kind) &&
      within(row.registered_at, filter.registered_from, filter.registered_to) &&
      flag(filter.failed_invoice, row.failure !== null) &&
      flag(filter.unsettled_mail, row.failure?.code === "outcome_unknown") &&
      flag(filter.has_mailbox, row.mailbox !== null) &&
      (!filter.used_percent_from || used >= filter.used_percent_from)
    );
  });
}

/** Invoices that match. */
export function invoices(records: Records, filter: InvoiceFilter): Records["invoices"] {
  return records.invoices.filter(
    (row) =>
      finds(filter.search, row.number, row.recipient, row.customer) &&
      (!filter.registration || filter.registration === row.registration) &&
      within(row.period, filter.period_from, filter.period_to) &&
      within(row.issued_on, filter.issued_from, filter.issued_to) &&
      among(filter.states, row.state) &&
      among(filter.kinds, row.kind) &&
      among(filter.mails, row.mail) &&
      flag(filter.failed, row.failure !== null) &&
      flag(filter.reviewed, row.review !== null),
  );
}

/** Mails that match. */
export function deliveries(records: Records, filter: DeliveryFilter): Records["deliveries"] {
  return records.deliveries.filter(
    (row) =>
      finds(filter.search, row.recipient, row.message_id, row.invoice.number, row.customer, row.name) &&
      among(filter.states, row.state) &&
      among(filter.purposes, row.purpose) &&
      flag(filter.unsettled, row.is_unsettled) &&
      among(filter.causes, row.cause?.key ?? "") &&
      within(row.queued_at, filter.queued_from, filter.queued_to),
  );
}

/** Payments that match. */
export function payments(records: Records, filter: PaymentFilter): Records["payments"] {
  return records.payments.filter(
    (row) => finds(filter.search, row.payer, row.reference, row.invoice?.number) && among(filter.states, row.state) && within(row.received_on, filter.received_from, filter.received_to),
  );
}

/** Open invoices that match. */
export function failures(records: Records, filter: FailureFilter): Records["failures"] {
  return records.failures.filter(
    (row) =>
      finds(filter.search, row.invoice?.number, row.customer, row.name, row.email) &&
      among(filter.groups, row.cause.key) &&
      among(filter.hosts, row.host ?? "") &&
      flag(filter.can_run, row.obstacle === null) &&
      among(filter.obstacles, row.obstacle?.key ?? ""),
  );
}

/** Runs that match. */
export function runs(records: Records, filter: RunFilter): Records["runs"] {
  return records.runs.filter((row) => among(filter.states, row.state) && among(filter.occasions, row.occasion) && among(filter.persons, row.by.person));
}

/** Items of a run that match. */
export function items(records: Records, filter: RunItemFilter) {
  return (records.items.get(filter.run) ?? []).filter((row) => among(filter.states, row.state) && among(filter.causes, row.cause?.key ?? ""));
}

/** Entries that match. */
export function journal(records: Records, filter: JournalFilter): Records["journal"] {
  return records.journal.filter(
    (row) =>
      among(filter.persons, row.by.person) &&
      among(filter.actions, row.action) &&
      (!filter.record || row.record?.label === filter.record || row.record?.key === filter.record) &&
      within(row.written_at, filter.written_from, filter.written_to),
  );
}
