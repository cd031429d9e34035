// The call view in words: the sentence for the person on the phone, the answer that can be copied, and the next step.

import type { CallSentence, NextStep } from "../generated/api";
import { cause, field, why } from "./codes";
import { date, dateTime, month } from "./format";
import { m } from "./paraglide/messages.js";

/** What to say on the phone. */
export function sentence(said: CallSentence): string {
  switch (said.code) {
    case "no_subscription":
      return m.call_no_subscription();
    case "not_due_yet":
      return m.call_not_due_yet({ period: month(said.period) });
    case "not_issued": {
      const words = said.number
        ? m.call_not_issued_number({ period: month(said.period), number: said.number })
        : m.call_not_issued({ period: month(said.period) });
      return said.cause ? `${words} ${m.call_because({ cause: cause(said.cause), at: said.tried_at ? dateTime(said.tried_at) : "–" })}` : words;
    }
    case "no_document":
    case "not_mailed": {
      const words = m[`call_${said.code}`]({ number: said.number, on: date(said.issued_on) });
      return said.cause ? `${words} ${m.call_because({ cause: cause(said.cause), at: said.tried_at ? dateTime(said.tried_at) : "–" })}` : words;
    }
    case "mail_waits": {
      const words = m[`call_waits_${said.state === "sending" ? "sending" : said.state === "deferred" ? "deferred" : "queued"}`]({
        number: said.number,
        on: date(said.issued_on),
        since: dateTime(said.since),
      });
      return said.due_at ? `${words} ${m.call_next_try({ at: dateTime(said.due_at) })}` : words;
    }
    case "mail_accepted":
      return m.call_mail_accepted({ number: said.number, on: date(said.issued_on), at: dateTime(said.at), recipient: said.recipient });
    case "mail_refused":
    case "mail_bounced":
      return m[`call_${said.code}`]({ number: said.number, on: date(said.issued_on), at: dateTime(said.at), recipient: said.recipient, cause: cause(said.cause) });
    case "mail_unknown":
      return m.call_mail_unknown({ number: said.number, on: date(said.issued_on), at: dateTime(said.at), recipient: said.recipient });
    case "cancelled": {
      const words = m.call_cancelled({ number: said.number, on: date(said.on), cancellation: said.cancellation });
      return said.reissued ? `${words} ${m.call_reissued({ number: said.reissued })}` : words;
    }
    case "in_work":
      return m.call_in_work({ period: month(said.period) });
    case "unreadable":
      return said.number ? m.call_unreadable_number({ number: said.number, field: field(said.field) }) : m.call_unreadable({ field: field(said.field) });
  }
}

/** What it means and what to do, for the sentences that have a cause. */
export function meaning(said: CallSentence): string | null {
  return "cause" in said && said.cause ? why(said.cause) : null;
}

/** An answer that a customer can be sent as it is. */
export function answer(said: CallSentence): string {
  switch (said.code) {
    case "no_subscription":
      return m.answer_no_subscription();
    case "not_due_yet":
      return m.answer_not_due_yet({ period: month(said.period) });
    case "not_issued":
    case "in_work":
      return m.answer_coming({ period: month(said.period) });
    case "no_document":
    case "not_mailed":
      return m.answer_delayed({ number: said.number, on: date(said.issued_on) });
    case "mail_waits":
      return m.answer_waits({ number: said.number, on: date(said.issued_on) });
    case "mail_accepted":
      return m.answer_accepted({ number: said.number, on: date(said.issued_on), at: dateTime(said.at), recipient: said.recipient });
    case "mail_refused":
    case "mail_bounced":
      return m.answer_refused({ number: said.number, on: date(said.issued_on), recipient: said.recipient });
    case "mail_unknown":
      return m.answer_unknown({ number: said.number, on: date(said.issued_on), recipient: said.recipient });
    case "cancelled":
      return m.answer_cancelled({ number: said.number, on: date(said.on), cancellation: said.cancellation });
    case "unreadable":
      return m.answer_unreadable();
  }
}

/** Label of the next step. */
export function nextStep(step: NextStep): string {
  switch (step.type) {
    case "correct_contact":
      return m.next_correct({ field: field(step.field) });
    case "invoice_month":
      return m.next_invoice_month({ period: month(step.period) });
    default:
      return m[`next_${step.type}`]();
  }
}
