// What happened, in a line.

import type { TimelineEvent } from "../generated/api";
import type { IconName } from "../components/icons";
import { action, attemptOutcome, cause, type Tone } from "./codes";
import { date, money, month } from "./format";
import { m } from "./paraglide/messages.js";

/** A line of a timeline. */
export interface Line {
  icon: IconName;
  tone?: Tone;
  text: string;
  /** Word for word, shown on demand. */
  raw?: string;
}

/** What happened, in a line. */
export function line(event: TimelineEvent): Line {
  switch (event.code) {
    case "registered":
      return { icon: "registrations", text: m.event_registered({ source: m[`source_${event.source}`]() }) };
    case "subscription_started":
      return { icon: "plus", text: m.event_subscription_started({ on: date(event.on), mailbox: event.mailbox ?? "–" }) };
    case "subscription_ended":
      return { icon: "minus", text: m.event_subscription_ended({ on: date(event.on), mailbox: event.mailbox ?? "–" }) };
    case "invoice_issued":
      return { icon: "invoices", text: m.event_invoice_issued({ kind: m[`invkind_${event.kind}`](), number: event.number, gross: money(event.gross_cents) }) };
    case "document_stored":
      return { icon: "file", text: m.event_document_stored({ number: event.number }) };
    case "attempted": {
      const outcome = attemptOutcome(event.outcome);
      const what = { step: m[`step_${event.step}`](), outcome: outcome.word, host: event.host, what: event.number ?? month(event.period) };
      const text = event.cause ? `${m.event_attempted(what)} ${cause(event.cause)}.` : m.event_attempted(what);
      return { icon: outcome.tone, tone: outcome.tone, text, raw: [event.signal ? m.signal({ n: event.signal }) : "", event.message ?? ""].filter(Boolean).join(" · ") };
    }
    case "mail_queued":
      return { icon: "send", text: m.event_mail_queued({ number: event.number, recipient: event.recipient, purpose: m[`purpose_${event.purpose}`]() }) };
    case "mail_evidence": {
      const tones: Record<typeof event.verdict, Tone> = { accepted: "ok", deferred: "wait", refused: "bad", unknown: "ask", bounced: "bad" };
      const tone = tones[event.verdict];
      return { icon: tone, tone, text: m.event_mail_evidence({ source: m[`evidence_${event.source}`](), verdict: m[`mail_${event.verdict}`](), number: event.number }), raw: event.detail };
    }
    case "invoice_cancelled":
      return { icon: "off", text: m.event_invoice_cancelled({ number: event.number, cancellation: event.cancellation }) };
    case "invoice_restored":
      return { icon: "refresh", text: m.event_invoice_restored({ number: event.number }) };
    case "reviewed":
      return { icon: "check", text: event.is_reviewed ? m.event_reviewed({ number: event.number }) : m.event_unreviewed({ number: event.number }) };
    case "payment_received":
      return { icon: "ok", text: m.event_payment({ amount: money(event.amount_cents), number: event.number ?? "–" }) };
    case "contact_changed":
      return { icon: "pencil", text: m.event_contact_changed() };
    case "note_added":
      return { icon: "note", text: m.event_note_added({ text: event.text }) };
    case "note_edited":
      return { icon: "note", text: m.event_note_edited() };
    case "note_deleted":
      return { icon: "note", text: m.event_note_deleted() };
    case "other":
      return { icon: "dots", text: action(event.action) };
  }
}
