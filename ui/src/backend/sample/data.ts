// The sample's records: a month of a made-up mail service with everything that can go wrong.

import type {
  By,
  Cause,
  CauseCode,
  Contact,
  DeliveryRow,
  FailureRow,
  InvoiceRow,
  JournalRow,
  MailState,
  Note,
  PaymentRow,
  RegistrationRow,
  RunItemRow,
  RunRow,
  Step,
} from "../../generated/api";
import { person, sequence } from "./people";

export const PERIOD = "2013-01";
export const TODAY = "2013-02-01";
export const ME: By = { person: "m.weber", desk: "buero-2" };
const HOSTS = ["node-03", "node-01", "node-02", "node-04"];

const pad = (value: number, length: number) => String(value).padStart(length, "0");

/** An id that says what it is of. */
export function id(kind: number, index: number): string {
  return `0194${pad(kind, 4)}-0000-7000-8000-${pad(index, 12)}`;
}

/** A cause as the contract writes it. */
export function cause(code: CauseCode, step: Step | null = null): Cause {
  return { code, step, key: step ? `${code}.${step}` : code };
}

const CAUSES: Array<[Cause, number]> = [
  [cause("process_killed", "render"), 412],
  [cause("recipient_refused"), 96],
  [cause("process_killed", "archive"), 61],
  [cause("connection_timeout"), 38],
  [cause("outcome_unknown"), 17],
  [cause("address_invalid"), 9],
  [cause("content_contradicts"), 5],
];

/** What a registration has beyond its row. */
export interface Customer {
  row: RegistrationRow;
  contact: Contact;
  version: number;
  notes: Note[];
  isUnreadable: boolean;
}

/** All records of the sample. */
export interface Records {
  customers: Customer[];
  invoices: InvoiceRow[];
  deliveries: DeliveryRow[];
  payments: PaymentRow[];
  failures: FailureRow[];
  runs: RunRow[];
  items: Map<string, RunItemRow[]>;
  journal: JournalRow[];
}

function stamp(day: number, random: () => number): string {
  const hour = 7 + Math.floor(random() * 12);
  return `2013-01-${pad(day, 2)}T${pad(hour, 2)}:${pad(Math.floor(random() * 60), 2)}:${pad(Math.floor(random() * 60), 2)}Z`;
}

function checkDigit(number: string): number {
  return [...number].reduce((sum, digit, place) => sum + Number(digit) * (place % 2 ? 1 : 3), 0) % 10;
}

/** Makes `count` customers and everything that belongs to them. */
export function makeRecords(count: number): Records {
  const random = sequence(20130201);
  const records: Records = { customers: [], invoices: [], deliveries: [], payments: [], failures: [], runs: [], items: new Map(), journal: [] };
  const fates = CAUSES.flatMap(([of, times]) => Array.from({ length: Math.ceil((times * count) / 8532) }, () => of));
  for (let index = 0; index < count; index++) {
    const fate = index % 13 === 6 ? fates[Math.floor(index / 13)] : undefined;
    addCustomer(records, index, fate ?? null, random);
  }
  if (count === 0) return records;
  makeRuns(records, random);
  makeJournal(records, random);
  return records;
}

function addCustomer(records: Records, index: number, fate: Cause | null, random: () => number): void {
  const made = person(index, random);
  const number = pad(index + 1, 6);
  const customer = `K-${number}-${checkDigit(number)}`;
  const state = random() < 0.02 ? "blocked" : random() < 0.02 ? "closed" : "active";
  const registered = stamp(1 + Math.floor(Math.pow(random(), 0.8) * 28), random);
  const mailbox = `${made.email.split("@")[0]}@mail.example`;
  const row: RegistrationRow = {
    id: id(1, index),
    customer,
    kind: made.company ? "company" : "person",
    company: made.company,
    first_name: made.first,
    last_name: made.last,
    email: made.email,
    city: made.city,
    state,
    registered_at: registered,
    mailbox,
    quota_bytes: 10_000_000_000,
    used_bytes: Math.floor(Math.pow(random(), 4) * 10_000_000_000),
    invoice: null,
    failure: fate,
  };
  const { city, first_name, last_name, company, kind, email } = row;
  const contact: Contact = { kind, company, first_name, last_name, email, language: index % 9 === 0 ? "en" : "de", street: made.street, postal_code: made.postal, city, country: "DE", vat_id: company ? "DE123456789" : null };
  records.customers.push({ row, contact, version: 3, notes: [], isUnreadable: index === 23 });
  addInvoice(records, index, row, fate, random);
}

function addInvoice(records: Records, index: number, row: RegistrationRow, fate: Cause | null, random: () => number): void {
  const isIssued = fate?.code !== "process_killed" || fate.step !== "render";
  const name = row.company ?? `${row.first_name} ${row.last_name}`;
  const mail: MailState =
    fate === null ? "accepted" : fate.code === "recipient_refused" ? "refused" : fate.code === "outcome_unknown" ? "unknown" : fate.code === "connection_timeout" ? "deferred" : "none";
  const serial = pad(index + 1, 6);
  const invoice: InvoiceRow = {
    id: id(2, index),
    number: `RE-2013-${serial}-${checkDigit(serial)}`,
    kind: "invoice",
    origin: index % 5 === 0 ? "legacy" : "kontor",
    state: fate?.code === "process_killed" ? (isIssued ? "issued" : "incomplete") : index % 211 === 5 ? "cancelled" : "archived",
    period: PERIOD,
    issued_on: "2013-01-31",
    due_on: "2013-02-14",
    registration: row.id,
    customer: row.customer,
    recipient: name,
    gross_cents: index % 17 === 3 ? 1200 : 100,
    currency: "EUR",
    mail,
    failure: fate,
    cancels: null,
    cancelled_by: index % 211 === 5 && fate === null ? { id: id(2, 900000 + index), number: `ST-2013-${serial}-${checkDigit(serial)}` } : null,
    review: index % 40 === 2 ? { by: { person: "s.koch", desk: "buchhaltung-1" }, at: "2013-02-01T08:40:00Z" } : null,
  };
  records.invoices.push(invoice);
  row.invoice = { id: invoice.id, number: invoice.number, state: invoice.state, mail };
  if (fate) addFailure(records, index, row, invoice, fate, name, random);
  if (mail !== "none") addDelivery(records, index, row, invoice, fate, name, random);
  if (fate === null && random() < 0.4) addPayment(records, index, row, invoice, name, random);
}

function addFailure(records: Records, index: number, row: RegistrationRow, invoice: InvoiceRow, fate: Cause, name: string, random: () => number): void {
  const host = fate.code === "process_killed" ? (random() < 0.96 ? HOSTS[0]! : HOSTS[1]!) : HOSTS[Math.floor(random() * 4)]!;
  const messages: Partial<Record<CauseCode, string>> = {
    process_killed: `worker 4711 killed by signal 9 while writing page 1 (rss 212 MB)`,
    recipient_refused: `550 5.1.1 <${row.email[0]}…@${row.email.split("@")[1]}>: Recipient address rejected: User unknown`,
    connection_timeout: "read timed out after 300 s (mail.example:25)",
    outcome_unknown: "connection reset after final dot, no reply seen",
  };
  records.failures.push({
    key: `${row.id}/${PERIOD}/period`,
    invoice: invoice.state === "incomplete" ? null : { id: invoice.id, number: invoice.number },
    registration: row.id,
    customer: row.customer,
    name,
    email: row.email,
    period: PERIOD,
    subject: "period",
    cause: fate,
    obstacle: ["recipient_refused", "address_invalid", "content_contradicts", "outcome_unknown"].includes(fate.code) ? fate : null,
    host,
    attempts: 1 + Math.floor(random() * 3),
    first_seen: `2013-01-31T${pad(18 + (index % 5), 2)}:${pad(index % 60, 2)}:12Z`,
    last_seen: `2013-01-31T23:${pad(index % 60, 2)}:48Z`,
    message: messages[fate.code] ?? null,
  });
}

function addDelivery(records: Records, index: number, row: RegistrationRow, invoice: InvoiceRow, fate: Cause | null, name: string, random: () => number): void {
  const state = invoice.mail === "none" ? "queued" : invoice.mail;
  const replies = { accepted: "250 2.0.0 Ok: queued as 4F2A81C", refused: `550 5.1.1 <${row.email[0]}…@${row.email.split("@")[1]}>: User unknown`, deferred: "451 4.3.2 Please try again later", unknown: null } as Record<string, string | null>;
  records.deliveries.push({
    id: id(3, index),
    message_id: `${pad(index, 6)}.re-2013@kontor.example`,
    invoice: { id: invoice.id, number: invoice.number },
    registration: row.id,
    customer: row.customer,
    name,
    recipient: row.email,
    purpose: "invoice",
    state,
    cause: fate,
    is_unsettled: state === "unknown",
    queued_at: `2013-01-31T1${index % 10}:${pad(index % 60, 2)}:02Z`,
    sending_at: `2013-01-31T1${index % 10}:${pad(index % 60, 2)}:09Z`,
    settled_at: state === "accepted" || state === "refused" ? `2013-01-31T1${index % 10}:${pad(index % 60, 2)}:11Z` : null,
    target: "mail.example:587",
    tries: 1 + Math.floor(random() * 2),
    reply: replies[state] ?? null,
    replied_at: replies[state] ? `2013-01-31T1${index % 10}:${pad(index % 60, 2)}:11Z` : null,
  });
}

function addPayment(records: Records, index: number, row: RegistrationRow, invoice: InvoiceRow, name: string, random: () => number): void {
  const isMatched = random() < 0.9;
  records.payments.push({
    id: id(4, index),
    received_on: `2013-02-${pad(1 + (index % 20), 2)}`,
    amount_cents: isMatched ? invoice.gross_cents : invoice.gross_cents + 50,
    currency: "EUR",
    payer: name,
    iban: `DE${pad(10 + (index % 89), 2)}${pad(50000000 + index, 8)}${pad(index * 7, 10)}`,
    reference: isMatched ? invoice.number : "Rechnung Januar",
    state: isMatched ? "matched" : random() < 0.3 ? "returned" : "open",
    invoice: isMatched ? { id: invoice.id, number: invoice.number } : null,
    registration: isMatched ? row.id : null,
  });
}

function makeRuns(records: Records, random: () => number): void {
  for (let index = 0; index < 14; index++) {
    const total = index === 0 ? 398 : Math.floor(20 + random() * (index === 13 ? 8500 : 400));
    const failed = index === 0 ? 7 : Math.floor(total * random() * 0.08);
    records.runs.push({
      id: id(5, index),
      occasion: index === 13 ? "invoice" : (["rerun", "resend", "settlement", "cancellation"] as const)[index % 4]!,
      period: index === 13 ? PERIOD : null,
      state: index === 3 ? "cancelled" : "done",
      total,
      done: total - failed - (index % 3),
      failed,
      unknown: index % 3,
      skipped: 0,
      reason: ["Speicher in node-03 getauscht, abgebrochene Rechnungen nachholen", "Adressen berichtigt", "Kunde fand die Mail nicht"][index % 3]!,
      by: index % 2 ? { person: "s.koch", desk: "buchhaltung-1" } : ME,
      started_at: `2013-01-${pad(31 - Math.floor(index / 2), 2)}T${pad(18 - (index % 9), 2)}:12:00Z`,
      ended_at: `2013-01-${pad(31 - Math.floor(index / 2), 2)}T${pad(18 - (index % 9), 2)}:21:30Z`,
      is_worked_on_here: index === 0,
    });
    records.items.set(id(5, index), makeItems(records, records.runs[index]!, index));
  }
}

function makeItems(records: Records, run: RunRow, offset: number): RunItemRow[] {
  return Array.from({ length: run.total }, (_, ordinal) => {
    const at = (ordinal * 13 + 6 + offset) % records.customers.length;
    const { row } = records.customers[at]!;
    const invoice = records.invoices[at]!;
    const isFailed = ordinal < run.failed;
    const isUnknown = !isFailed && ordinal < run.failed + run.unknown;
    const why = isFailed ? cause("recipient_refused") : isUnknown ? cause("outcome_unknown") : null;
    return {
      id: id(6, offset * 100000 + ordinal),
      ordinal: ordinal + 1,
      subject: "period" as const,
      registration: row.id,
      customer: row.customer,
      name: invoice.recipient,
      invoice: { id: invoice.id, number: invoice.number },
      period: PERIOD,
      state: isFailed ? ("failed" as const) : isUnknown ? ("unknown" as const) : ("done" as const),
      cause: why,
      due_at: null,
      attempts: attempts(at, why),
    };
  });
}

/** What was tried on an invoice. */
export function attempts(index: number, why: Cause | null): RunItemRow["attempts"] {
  const first = { id: id(7, index * 2), started_at: "2013-01-31T18:04:11Z", ended_at: "2013-01-31T18:04:12Z", step: "render" as const, outcome: "died" as const, host: HOSTS[0]!, pid: 4711, program_version: "legacy 2.3", signal: 9, cause: cause("process_killed", "render"), message: "worker 4711 killed by signal 9 while writing page 1 (rss 212 MB)" };
  const second = { id: id(7, index * 2 + 1), started_at: "2013-02-01T08:12:03Z", ended_at: "2013-02-01T08:12:04Z", step: "deliver" as const, outcome: why ? (why.code === "outcome_unknown" ? ("unknown" as const) : ("failed" as const)) : ("done" as const), host: "buero-2", pid: 902, program_version: "kontor 0.1.0", signal: null, cause: why, message: why ? "550 5.1.1 <a…@example.com>: Recipient address rejected: User unknown" : null };
  return [first, second];
}

function makeJournal(records: Records, random: () => number): void {
  const actions = ["run.start", "registration.edit", "note.add", "invoice.resend", "delivery.settle", "invoice.review", "run.pause", "run.resume", "invoice.cancel", "saved_filter.save"];
  for (let seq = 640; seq >= 1; seq--) {
    const action = actions[Math.floor(random() * actions.length)]!;
    const customer = records.customers[(seq * 31) % records.customers.length];
    const run = records.runs[seq % records.runs.length];
    if (!customer || !run) return;
    const isRun = action.startsWith("run");
    records.journal.push({
      seq,
      written_at: new Date(Date.parse("2013-02-01T12:00:00Z") - (640 - seq) * 1_260_000).toISOString(),
      by: random() < 0.6 ? ME : { person: "s.koch", desk: "buchhaltung-1" },
      action,
      record: isRun
        ? { table: "runs", key: run.id, label: null, destination: { type: "run", id: run.id } }
        : { table: "registrations", key: customer.row.id, label: customer.row.customer, destination: { type: "registration", id: customer.row.id } },
      reason: action === "note.add" ? "" : "Kunde rief an, Adresse berichtigt",
      changes: action === "registration.edit" ? [{ field: "email", before: "max.muster@exanple.com", after: "max.muster@example.com" }] : action === "run.start" ? [{ field: "state", before: null, after: "running" }] : [],
      request_id: id(8, seq),
      hash: Array.from({ length: 64 }, (_, place) => "0123456789abcdef"[(seq * 7 + place * place * 3) % 16]).join(""),
    });
  }
}
