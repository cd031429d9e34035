// Words of the contract as choices, for filters and for what an export writes.

import type { CauseCode } from "../generated/api";
import type { Option } from "../state/filters";
import { m } from "./paraglide/messages.js";

/** Choices from words. */
export function options(words: Record<string, string>): Option[] {
  return Object.entries(words).map(([value, label]) => ({ value, label }));
}

/** Words of a state, by its name. */
export const words = {
  registration: () => ({ active: m.reg_active(), blocked: m.reg_blocked(), closed: m.reg_closed() }),
  kind: () => ({ person: m.kind_person(), company: m.kind_company() }),
  invoice: () => ({ incomplete: m.inv_incomplete(), issued: m.inv_issued(), archived: m.inv_archived(), cancelled: m.inv_cancelled() }),
  invoiceKind: () => ({ invoice: m.invkind_invoice(), cancellation: m.invkind_cancellation() }),
  mail: () => ({ none: m.mail_none(), ...words.delivery() }),
  delivery: () => ({
    queued: m.mail_queued(),
    sending: m.mail_sending(),
    accepted: m.mail_accepted(),
    deferred: m.mail_deferred(),
    refused: m.mail_refused(),
    unknown: m.mail_unknown(),
    bounced: m.mail_bounced(),
  }),
  purpose: () => ({ invoice: m.purpose_invoice(), resend: m.purpose_resend(), cancellation: m.purpose_cancellation() }),
  payment: () => ({ matched: m.pay_matched(), open: m.pay_open(), returned: m.pay_returned() }),
  run: () => ({ running: m.run_running(), pausing: m.run_pausing(), paused: m.run_paused(), cancelling: m.run_cancelling(), cancelled: m.run_cancelled(), done: m.run_done() }),
  occasion: () => ({
    invoice: m.occasion_invoice(),
    rerun: m.occasion_rerun(),
    resend: m.occasion_resend(),
    cancellation: m.occasion_cancellation(),
    settlement: m.occasion_settlement(),
  }),
  item: () => ({ waiting: m.item_waiting(), claimed: m.item_claimed(), done: m.item_done(), failed: m.item_failed(), skipped: m.item_skipped(), unknown: m.item_unknown(), cancelled: m.item_cancelled() }),
  subject: () => ({ period: m.subject_period(), cancellation: m.subject_cancellation(), resend: m.subject_resend() }),
  origin: () => ({ kontor: m.origin_kontor(), legacy: m.origin_legacy() }),
  severity: () => ({ critical: m.severity_critical(), high: m.severity_high(), medium: m.severity_medium(), info: m.severity_info() }),
  certainty: () => ({ proven: m.sure_proven(), copy: m.sure_copy(), single: m.sure_single(), several: m.sure_several(), none: m.sure_none() }),
  repair: () => ({
    set_fields: m.repair_set_fields(),
    accept_row: m.repair_accept_row(),
    restore_invoice: m.repair_restore_invoice(),
    restore_document: m.repair_restore_document(),
    settle_delivery: m.repair_settle_delivery(),
    rerun: m.repair_rerun(),
    cancel_invoice: m.repair_cancel_invoice(),
    release_item: m.repair_release_item(),
    decide: m.repair_decide(),
  }),
  repairState: () => ({ staged: m.repaired_staged(), applied: m.repaired_applied(), refused: m.repaired_refused(), undone: m.repaired_undone() }),
  cause: () => Object.fromEntries(CAUSES.map((code) => [code, m[`cause_${code}`]()])),
};

const CAUSES: Exclude<CauseCode, "other">[] = [
  "outcome_unknown",
  "recipient_refused",
  "mail_bounced",
  "address_invalid",
  "character_not_covered",
  "content_contradicts",
  "registration_blocked",
  "mailbox_missing",
  "not_due",
  "settings_missing",
  "render_failed",
  "audit_failed",
  "drawn_otherwise",
  "host_withdrawn",
  "document_damaged",
  "outbox_not_writable",
  "disk_full",
  "server_unreachable",
  "mail_deferred",
  "mail_refused",
  "connection_lost",
  "connection_timeout",
  "process_died",
  "process_killed",
  "workers_lost",
  "done_already",
  "in_work",
  "mailbox_full",
  "message_too_large",
  "login_refused",
  "tls_failed",
  "not_arrived",
  "invoice_cancelled",
  "record_unreadable",
  "quarantined",
  "internal",
  "never_issued",
  "never_archived",
  "never_mailed",
];
