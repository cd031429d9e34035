// The words for the codes of the contract. Each lookup is by a template of the message's name, so that a code without words
// does not compile.

import type { IconName } from "../components/icons";
import type {
  AuditFault,
  Cause,
  CauseCode,
  Fault,
  MailState,
  Obstacle,
  RegistrationState,
  InvoiceState,
  RunItemState,
  RunState,
  PaymentState,
  AttemptOutcome,
  Step,
} from "../generated/api";
import { date, exactTime, month, number } from "./format";
import { m } from "./paraglide/messages.js";

/** How a status looks: its colour and icon. The word comes with it, always. */
export type Tone = "ok" | "wait" | "bad" | "run" | "ask" | "off";

/** A status as it is shown. */
export interface Status {
  tone: Tone;
  word: string;
  /** Another icon than that of its tone. */
  icon?: IconName;
}

function ofDeath(code: "process_died" | "process_killed", step: Step): string {
  return m[`cause_${code}_${step}`]();
}

/** A cause's name. */
export function cause({ code, step, key }: Cause): string {
  if (code === "other") return m.cause_other({ key });
  if ((code === "process_died" || code === "process_killed") && step) return ofDeath(code, step);
  return m[`cause_${code}`]();
}

/** What a cause means and what to do. */
export function why({ code }: { code: CauseCode }): string {
  return m[`why_${code}`]();
}

/** The state of a registration. */
export function registrationState(state: RegistrationState): Status {
  const tones: Record<RegistrationState, Tone> = { active: "ok", blocked: "bad", closed: "off" };
  return { tone: tones[state], word: m[`reg_${state}`]() };
}

/** The state of an invoice. */
export function invoiceState(state: InvoiceState): Status {
  const tones: Record<InvoiceState, Tone> = { incomplete: "bad", issued: "wait", archived: "ok", cancelled: "off" };
  return { tone: tones[state], word: m[`inv_${state}`]() };
}

/** The state of a mail. */
export function mailState(state: MailState): Status {
  const tones: Record<MailState, Tone> = {
    none: "off",
    queued: "wait",
    sending: "run",
    accepted: "ok",
    deferred: "wait",
    refused: "bad",
    unknown: "ask",
    bounced: "bad",
  };
  return { tone: tones[state], word: m[`mail_${state}`]() };
}

/** The state of a payment. */
export function paymentState(state: PaymentState): Status {
  const tones: Record<PaymentState, Tone> = { matched: "ok", open: "wait", returned: "bad" };
  return { tone: tones[state], word: m[`pay_${state}`]() };
}

/** The state of a run. */
export function runState(state: RunState): Status {
  const tones: Record<RunState, Tone> = {
    running: "run",
    pausing: "wait",
    paused: "wait",
    cancelling: "wait",
    cancelled: "off",
    done: "ok",
  };
  return { tone: tones[state], word: m[`run_${state}`]() };
}

/** The state of an item of a run. */
export function itemState(state: RunItemState): Status {
  const tones: Record<RunItemState, Tone> = {
    waiting: "wait",
    claimed: "run",
    done: "ok",
    failed: "bad",
    skipped: "off",
    unknown: "ask",
    cancelled: "off",
  };
  return { tone: tones[state], word: m[`item_${state}`]() };
}

/** How an attempt ended. */
export function attemptOutcome(outcome: AttemptOutcome): Status {
  const tones: Record<AttemptOutcome, Tone> = {
    running: "run",
    done: "ok",
    failed: "bad",
    died: "bad",
    skipped: "off",
    unknown: "ask",
  };
  return { tone: tones[outcome], word: m[`try_${outcome}`]() };
}

/** What is wrong with a PDF. */
export function auditFault(fault: AuditFault): string {
  return m[`fault_${fault}`]();
}

/** What is wrong with a field. */
export function fault(of: Fault): string {
  switch (of.code) {
    case "too_long":
      return m.badfield_too_long({ most: number(of.most) });
    case "not_printable":
      return m.badfield_not_printable({ characters: of.characters });
    case "out_of_range":
      return m.badfield_out_of_range({ least: number(of.least), most: number(of.most) });
    case "in_future":
      return m.badfield_in_future({ today: date(of.today) });
    case "not_to_come":
      return m.badfield_not_to_come({ today: date(of.today) });
    case "too_early":
      return m.badfield_too_early({ earliest: date(of.earliest) });
    case "too_far_ahead":
      return m.badfield_too_far_ahead({ latest: month(of.latest) });
    default:
      return m[`badfield_${of.code}`]();
  }
}

/** Why the state of a record does not allow something. */
export function obstacle(of: Obstacle): string {
  switch (of.code) {
    case "cancelled":
      return m.obstacle_cancelled({ by: of.by, on: date(of.on) });
    case "period_taken":
      return m.obstacle_period_taken({ number: of.number });
    case "not_sent_yet":
      return m.obstacle_not_sent_yet({ state: m[`mail_${of.state}`]() });
    case "settled":
      return m.obstacle_settled({ state: m[`mail_${of.state}`]() });
    case "run_is":
      return m.obstacle_run_is({ state: m[`run_${of.state}`]() });
    case "cause":
      return `${cause(of.cause)}. ${why(of.cause)}`;
    case "not_yours":
      return m.obstacle_not_yours({ person: of.person });
    case "host_out":
      return m.obstacle_host_out({ host: of.host, at: exactTime(of.since) });
    case "too_few_inputs":
      return m.obstacle_too_few_inputs({ found: number(of.found), fewest: number(of.fewest) });
    case "confirmed_before":
      return m.obstacle_confirmed_before({ person: of.person });
    case "unreadable":
      return m.obstacle_unreadable({ field: field(of.field) });
    default:
      return m[`obstacle_${of.code}`]();
  }
}

const fieldWords = m as unknown as Record<string, (() => string) | undefined>;

/** A column's name as people say it; a column that has no word here is shown as it is stored. */
export function field(name: string): string {
  return fieldWords[`field_${name}`]?.() ?? name;
}

/** The names of all columns that have one, for what an export writes. */
export function fields(): Record<string, string> {
  const names = Object.keys(fieldWords).filter((key) => key.startsWith("field_") && fieldWords[key]?.length === 0);
  return { ...Object.fromEntries(names.map((key) => [key.slice("field_".length), fieldWords[key]?.() ?? key])), "(row)": m.whole_row() };
}

/** A word of the journal as people say it; one that an older program wrote is shown as it is. */
export function action(word: string): string {
  return fieldWords[`action_${word.replaceAll(".", "_")}`]?.() ?? word;
}

const STATES: Record<string, string> = { registrations: "reg", invoices: "inv", deliveries: "mail", runs: "run", payments: "pay", run_items: "item" };
const KINDS: Record<string, string> = { registrations: "kind", invoices: "invkind", runs: "occasion" };

/** A stored value as people say it; what is not a word of the program is shown as it is. */
export function stored(table: string | null, name: string, value: string | null): string | null {
  if (value === null) return null;
  const prefixes: Record<string, string | undefined> = { state: STATES[table ?? ""], kind: KINDS[table ?? ""], language: "language", purpose: "purpose", mail: "mail", last_step: "step", source: table === "withdrawals" ? "withdrawn_by" : undefined };
  const prefix = prefixes[name];
  return (prefix ? fieldWords[`${prefix}_${value}`]?.() : undefined) ?? value;
}

/** Name of a table as people say it. */
export function table(name: string): string {
  return fieldWords[`table_${name}`]?.() ?? name;
}
