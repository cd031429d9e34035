// Single records of the sample, with everything that belongs to them.

import type {
  Audit,
  CallSentence,
  DeliveryDetail,
  DeliveryRow,
  Evidence,
  InvoiceDetail,
  InvoiceRow,
  NextStep,
  Obstacle,
  MonthReport, Overview,
  RegistrationDetail,
  Stored,
  TimelineEntry,
} from "../../generated/api";
import { attempts, id, ME, PERIOD, TODAY, type Customer, type Records } from "./data";

/** A readable row. */
export function whole<T>(value: T): Stored<T> {
  return { type: "whole", value };
}

function sentence(customer: Customer, invoice: InvoiceRow, delivery: DeliveryRow | undefined): [CallSentence, NextStep | null] {
  const { row } = customer;
  const common = { number: invoice.number, issued_on: invoice.issued_on };
  const cause = row.failure;
  const key = `${row.id}/${PERIOD}/period`;
  if (invoice.cancelled_by) return [{ code: "cancelled", number: invoice.number, cancellation: invoice.cancelled_by.number, on: TODAY, reissued: null }, { type: "show_invoice", invoice: invoice.id }];
  if (!cause) return [{ code: "mail_accepted", ...common, at: delivery?.settled_at ?? "2013-01-31T18:00:00Z", recipient: row.email }, null];
  switch (cause.code) {
    case "recipient_refused":
      return [
        { code: "mail_refused", ...common, at: "2013-01-31T18:22:00Z", recipient: row.email, cause, reply_code: 550 },
        { type: "correct_contact", registration: row.id, field: "email" },
      ];
    case "outcome_unknown":
      return [{ code: "mail_unknown", ...common, at: "2013-01-31T18:22:00Z", recipient: row.email }, { type: "settle", delivery: delivery?.id ?? "" }];
    case "connection_timeout":
      return [
        { code: "mail_waits", ...common, state: "deferred", since: "2013-01-31T18:22:00Z", due_at: "2013-02-01T09:15:00Z", cause },
        { type: "rerun", failure: key },
      ];
    case "process_killed":
      if (invoice.state === "incomplete") return [{ code: "not_issued", period: PERIOD, number: invoice.number, cause, tried_at: "2013-01-31T18:04:12Z" }, { type: "rerun", failure: key }];
      return [{ code: "no_document", ...common, cause, tried_at: "2013-01-31T18:04:12Z" }, { type: "rerun", failure: key }];
    case "address_invalid":
      return [{ code: "not_mailed", ...common, cause, tried_at: "2013-01-31T18:04:12Z" }, { type: "correct_contact", registration: row.id, field: "email" }];
    default:
      return [{ code: "not_mailed", ...common, cause, tried_at: "2013-01-31T18:04:12Z" }, { type: "show_invoice", invoice: invoice.id }];
  }
}

/** Everything about a registration. */
export function registration(records: Records, index: number): RegistrationDetail {
  const customer = records.customers[index]!;
  const { row, contact, version, notes, isUnreadable } = customer;
  const invoice = records.invoices[index]!;
  const delivery = records.deliveries.find((each) => each.registration === row.id);
  const [said, next] = sentence(customer, invoice, delivery);
  return {
    id: row.id,
    customer: row.customer,
    call: { sentence: said, invoice: invoice.id, next, more: row.failure && index % 26 === 6 ? 1 : 0 },
    person: isUnreadable
      ? { type: "unreadable", value: { record: "registration", id: row.id, label: row.customer, fields: [{ field: "registered_at", stored: "2013-13-41T99:00" }] } }
      : whole({ contact, version, state: row.state, source: "signup", registered_at: row.registered_at, updated_at: row.registered_at, updated_by: version > 3 ? ME : null }),
    mailboxes: [
      whole({ id: id(9, index), address: row.mailbox ?? "", quota_bytes: row.quota_bytes ?? 0, used_bytes: row.used_bytes ?? 0, quota_override_reason: null, is_active: row.state !== "closed" }),
    ],
    subscriptions: [
      whole({ id: id(10, index), mailbox: row.mailbox, tariff_de: "Postfach 10 GB", tariff_en: "Mailbox 10 GB", gross_cents: 100, currency: "EUR", started_on: row.registered_at.slice(0, 10), ended_on: null, is_active: row.state === "active" }),
    ],
    invoices: [whole(invoice)],
    deliveries: delivery ? [whole(delivery)] : [],
    payments: records.payments.filter((each) => each.registration === row.id).map(whole),
    notes: notes.map(whole),
    findings: [],
    first_seen_at: null,
  };
}

/** What happened to a registration. */
export function timeline(records: Records, index: number): TimelineEntry[] {
  const { row, notes } = records.customers[index]!;
  const invoice = records.invoices[index]!;
  const delivery = records.deliveries.find((each) => each.registration === row.id);
  const entry = (key: string, at: string, event: TimelineEntry["event"], rest: Partial<TimelineEntry> = {}): TimelineEntry => ({ key, at, event, by: null, reason: null, destination: null, ...rest });
  const entries = [
    entry("r", row.registered_at, { code: "registered", source: "signup" }),
    entry("s", row.registered_at, { code: "subscription_started", on: row.registered_at.slice(0, 10), mailbox: row.mailbox }),
    ...attempts(index, row.failure).map((each) =>
      entry(each.id, each.ended_at ?? each.started_at, { code: "attempted", number: invoice.number, period: PERIOD, step: each.step, outcome: each.outcome, host: each.host, signal: each.signal, cause: each.cause, message: each.message }),
    ),
    ...notes.map((note) => entry(note.id, note.written_at, { code: "note_added", text: note.text }, { by: note.by })),
  ];
  if (invoice.state !== "incomplete") entries.push(entry("i", "2013-01-31T18:04:10Z", { code: "invoice_issued", number: invoice.number, kind: "invoice", gross_cents: invoice.gross_cents }, { destination: { type: "invoice", id: invoice.id } }));
  if (delivery) {
    entries.push(entry("q", delivery.queued_at, { code: "mail_queued", number: invoice.number, purpose: "invoice", recipient: row.email }, { destination: { type: "delivery", id: delivery.id } }));
    if (delivery.reply) entries.push(entry("e", delivery.replied_at ?? delivery.queued_at, { code: "mail_evidence", number: invoice.number, purpose: "invoice", source: "smtp_reply", verdict: delivery.state === "accepted" ? "accepted" : delivery.state === "refused" ? "refused" : "deferred", reply_code: Number(delivery.reply.slice(0, 3)), detail: delivery.reply }));
  }
  if (index % 7 === 2) entries.push(entry("c", "2013-02-01T09:02:00Z", { code: "contact_changed", fields: [{ field: "street", before: "Haupstraße 4", after: "Hauptstraße 4" }] }, { by: ME, reason: "Kunde rief an" }));
  if (index % 31 === 3) entries.push(entry("x", "2013-02-01T09:20:00Z", { code: "invoice_restored", number: invoice.number, fields: [{ field: "recipient", before: "Anla Schmidt", after: "Anna Schmidt" }] }, { by: ME, reason: "Hash stimmt wieder" }));
  return entries.sort((a, b) => (a.at < b.at ? 1 : -1));
}

/** Name of the obstacle, if there is one. */
export function obstacles(invoice: InvoiceRow): { rerun: Obstacle | null; resend: Obstacle | null; cancel: Obstacle | null } {
  if (invoice.cancelled_by) {
    const cancelled: Obstacle = { code: "cancelled", by: invoice.cancelled_by.number, on: TODAY };
    return { rerun: cancelled, resend: cancelled, cancel: cancelled };
  }
  if (invoice.state === "incomplete") return { rerun: null, resend: { code: "never_left" }, cancel: { code: "never_left" } };
  if (invoice.mail === "unknown") return { rerun: { code: "outcome_unknown" }, resend: { code: "outcome_unknown" }, cancel: null };
  if (!invoice.failure) return { rerun: { code: "complete" }, resend: null, cancel: null };
  if (invoice.failure.code === "recipient_refused") return { rerun: { code: "cause", cause: invoice.failure }, resend: null, cancel: null };
  return { rerun: null, resend: { code: "no_document" }, cancel: null };
}

function hash(seed: number): string {
  return Array.from({ length: 64 }, (_, place) => "0123456789abcdef"[(seed * 11 + place * place * 5 + 3) % 16]).join("");
}

/** Everything about an invoice. */
export function invoice(records: Records, index: number): InvoiceDetail {
  const row = records.invoices[index]!;
  const { contact } = records.customers[index]!;
  const found = records.deliveries.filter((each) => each.invoice.id === row.id);
  const why = obstacles(row);
  const net = Math.round(row.gross_cents / 1.19);
  const hasPaper = row.state === "archived" || row.state === "cancelled";
  return {
    row: whole(row),
    content: whole({
      net_cents: net,
      tax_cents: row.gross_cents - net,
      service_from: "2013-01-01",
      service_to: "2013-01-31",
      address: [row.recipient, contact.street ?? "", `${contact.postal_code ?? ""} ${contact.city ?? ""}`].filter((line) => line.trim()),
      snapshot_sha256: row.origin === "legacy" ? null : hash(index),
      created_at: "2013-01-31T18:04:10Z",
    }),
    lines: Array.from({ length: row.gross_cents > 100 ? 12 : 1 }, (_, place) =>
      whole({ position: place + 1, description: "Postfach 10 GB, Januar 2013", quantity: 1, unit_gross_cents: 100, tax_basis_points: 1900, net_cents: 84, tax_cents: 16, gross_cents: 100 }),
    ),
    documents: hasPaper ? [whole({ id: id(11, index), is_original: true, origin: row.origin, renderer: row.origin === "legacy" ? null : "kontor 0.1.0 template 3", sha256: hash(index + 1), bytes: 48213, created_at: "2013-01-31T18:04:12Z" })] : [],
    deliveries: found.map((each) => whole(delivery(each))),
    attempts: attempts(index, row.failure).reverse().map(whole),
    payments: records.payments.filter((each) => each.invoice?.id === row.id).map(whole),
    findings: [],
    actions: { failure: row.failure ? `${row.registration}/${PERIOD}/period` : null, ...why },
    doubt: null,
  };
}

/** Everything about a mail. */
export function delivery(row: DeliveryRow): DeliveryDetail {
  const evidence: Array<Stored<Evidence>> = [];
  if (row.reply) evidence.push(whole({ id: `${row.id}-e`, source: "smtp_reply", verdict: row.state === "accepted" ? "accepted" : row.state === "refused" ? "refused" : "deferred", reply_code: Number(row.reply.slice(0, 3)), detail: row.reply, seen_at: row.replied_at ?? row.queued_at, queue_id: row.state === "accepted" ? "4F2A81C" : null }));
  if (row.is_unsettled) evidence.push(whole({ id: `${row.id}-c`, source: "connection", verdict: "unknown", reply_code: null, detail: "connection reset by peer after final dot", seen_at: row.sending_at ?? row.queued_at, queue_id: null }));
  return {
    row,
    origin: "kontor",
    has_message: true,
    return_path: "rechnung@kontor.example",
    person: null,
    reason: null,
    due_at: row.state === "deferred" ? "2013-02-01T09:15:00Z" : null,
    evidence,
    settle: row.is_unsettled ? null : { code: "settled", state: row.state },
  };
}

/** The four checks of an invoice's PDF. */
export function audit(records: Records, index: number): Audit {
  const row = records.invoices[index]!;
  const hasPaper = row.state === "archived" || row.state === "cancelled";
  const isDamaged = index % 50 === 21;
  const isWrong = index % 50 === 31;
  const check = (name: Audit["checks"][number]["name"], outcome: Audit["checks"][number]["outcome"], fault: Audit["checks"][number]["fault"] = null, detail: string | null = null) => ({ name, outcome, fault, detail });
  if (!hasPaper) return { document: null, checks: [check("present", "failed", "missing"), check("hash", "not_done"), check("structure", "not_done"), check("text", "not_done")], pages: null, is_sound: false };
  if (isDamaged) return { document: id(11, index), checks: [check("present", "passed"), check("hash", "failed", "wrong_hash", "stored 3f9c…, found a014…"), check("structure", "failed", "broken", "invalid cross-reference table"), check("text", "not_done")], pages: null, is_sound: false };
  if (isWrong) return { document: id(11, index), checks: [check("present", "passed"), check("hash", "passed"), check("structure", "passed"), check("text", "failed", "wrong_text", "gross 1.00 on the page, 12.00 in the row")], pages: 1, is_sound: false };
  return { document: id(11, index), checks: (["present", "hash", "structure", "text"] as const).map((name) => check(name, "passed")), pages: 2, is_sound: true };
}

/** The overview. */
export function overview(records: Records, from: string, to: string): Overview {
  const list = (count: number, query: Overview["failures"]["destination"]) => ({ count, destination: query });
  const failures = (filter: object): Overview["failures"]["destination"] => ({ type: "list", query: { list: "failures", filter, order: null } });
  const groups = new Map<string, { cause: NonNullable<InvoiceRow["failure"]>; count: number }>();
  for (const row of records.failures) groups.set(row.cause.key, { cause: row.cause, count: (groups.get(row.cause.key)?.count ?? 0) + 1 });
  const byDay = new Map<string, number>();
  for (const { row } of records.customers) byDay.set(row.registered_at.slice(0, 10), (byDay.get(row.registered_at.slice(0, 10)) ?? 0) + 1);
  const days: Overview["days"] = [];
  for (let day = from; day <= to; day = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10)) {
    days.push({ day, figure: list(byDay.get(day) ?? 0, { type: "list", query: { list: "registrations", filter: { registered_from: day, registered_to: day }, order: null } }) });
  }
  const states = new Map<string, Overview["invoice_states"][number]>();
  for (const row of records.invoices) {
    const key = `${row.kind}/${row.state}/${row.mail}`;
    const known = states.get(key);
    states.set(key, { kind: row.kind, state: row.state, mail: row.mail, figure: list((known?.figure.count ?? 0) + 1, { type: "list", query: { list: "invoices", filter: { states: [row.state], mails: [row.mail] }, order: null } }) });
  }
  const sold = records.customers.length * 10_000_000_000;
  const used = records.customers.reduce((sum, { row }) => sum + (row.used_bytes ?? 0), 0);
  const unsettled = records.deliveries.filter((row) => row.is_unsettled).length;
  return {
    today: TODAY,
    failures: list(records.failures.length, failures({})),
    causes: [...groups.values()].sort((a, b) => b.count - a.count).map(({ cause, count }) => ({ cause, figure: list(count, failures({ groups: [cause.key] })), last_seen: "2013-01-31T23:48:00Z" })),
    hosts_out: [],
    unsettled_mails: list(unsettled, { type: "list", query: { list: "deliveries", filter: { unsettled: true }, order: null } }),
    findings: [],
    checked_at: null,
    runs: [],
    registrations: list(records.customers.length, { type: "list", query: { list: "registrations", filter: {}, order: null } }),
    from,
    to,
    registered: list(days.reduce((sum, day) => sum + day.figure.count, 0), { type: "list", query: { list: "registrations", filter: { registered_from: from, registered_to: to }, order: null } }),
    days,
    invoices: list(records.invoices.length, { type: "list", query: { list: "invoices", filter: {}, order: null } }),
    invoice_states: [...states.values()].sort((a, b) => b.figure.count - a.figure.count),
    storage: {
      sold_bytes: sold,
      used_bytes: used,
      capacity_bytes: records.customers.length ? 200_000_000_000_000 : null,
      samples: records.customers.length ? days.map(({ day }, place) => ({ taken_at: `${day}T03:00:00Z`, sold_bytes: (sold * (place + 1)) / days.length, used_bytes: (used * (place + 1)) / days.length, capacity_bytes: place < 20 ? 120_000_000_000_000 : 200_000_000_000_000 })) : [],
      destination: { type: "list", query: { list: "registrations", filter: {}, order: { by: "used_bytes", descending: true } } },
    },
  };
}

export function report(records: Records, month: string): MonthReport {
  const isJanuary = month === "2013-01";
  const list = (count: number, query: Overview["failures"]["destination"]) => ({ count: isJanuary ? count : 0, destination: query });
  const none = { count: 0, customers: [] };
  const invoices = records.invoices.filter((row) => row.kind === "invoice" && row.state !== "cancelled");
  const mails = [...new Set(invoices.map((row) => row.mail))];
  return {
    month,
    made_on: TODAY,
    registered: list(records.customers.length, { type: "list", query: { list: "registrations", filter: {}, order: null } }),
    registered_before: 0,
    due: isJanuary ? records.customers.length : 0,
    issued: list(invoices.length, { type: "list", query: { list: "invoices", filter: {}, order: null } }),
    cancelled: none,
    quarantined: none,
    failed: isJanuary ? { count: records.customers.length - invoices.length, customers: records.customers.slice(0, 3).map(({ row }) => ({ id: row.id, number: row.customer })) } : none,
    not_begun: none,
    not_due: none,
    unexplained: none,
    mails: mails.map((mail) => ({ mail, figure: list(invoices.filter((row) => row.mail === mail).length, { type: "list", query: { list: "invoices", filter: { mails: [mail] }, order: null } }) })),
    failures: list(records.failures.length, { type: "list", query: { list: "failures", filter: {}, order: null } }),
    rerun: 0,
    repaired: 0,
    journal_entries: records.journal.length,
    journal_hash: records.journal[0]?.hash ?? "",
  };
}
