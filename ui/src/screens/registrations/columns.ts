// Columns and filters of the list of registrations.

import type { RegistrationRow } from "../../generated/api";
import type { ColumnSpec } from "../../state/columns";
import type { FilterSpec } from "../../state/filters";
import { options, words } from "../../words/choices";
import { cause, mailState, registrationState } from "../../words/codes";
import { bytes, dateTime, orDash, percent } from "../../words/format";
import { m } from "../../words/paraglide/messages.js";

/** Name that people call a registration by. */
export function nameOf(row: { company: string | null; first_name: string; last_name: string }): string {
  const person = [row.first_name, row.last_name].filter(Boolean).join(" ");
  return row.company ? [row.company, person].filter(Boolean).join(", ") : person;
}

/** Columns. Beside a record there is room for the first three and the state at 1280 pixels, for the mailbox at 1440, for all at 1800;
    elastic ones share what is left evenly, so that they begin equally wide. */
export const columns: ColumnSpec<RegistrationRow>[] = [
  { name: "customer", title: m.col_customer, width: 116, text: (row) => row.customer, sort: "customer", exports: [{ field: "customer" }] },
  {
    name: "name",
    title: m.field_name,
    width: 112,
    isElastic: true,
    sort: "name",
    text: nameOf,
    exports: [
      { field: "company", title: m.field_company },
      { field: "first_name", title: m.field_first_name },
      { field: "last_name", title: m.field_last_name },
    ],
  },
  {
    name: "failure",
    title: m.col_failure,
    width: 204,
    text: (row) => (row.failure ? cause(row.failure) : "–"),
    status: (row) => (row.failure ? { tone: row.failure.code === "outcome_unknown" ? "ask" : "bad", word: cause(row.failure) } : null),
    exports: [{ field: "failure.code", words: words.cause }],
  },
  { name: "mailbox", title: m.col_mailbox, width: 136, roomFrom: 1440, isElastic: true, sort: "mailbox", text: (row) => orDash(row.mailbox), exports: [{ field: "mailbox" }] },
  { name: "state", title: m.field_state, width: 96, roomFrom: 1280, sort: "state", text: (row) => registrationState(row.state).word, status: (row) => registrationState(row.state), exports: [{ field: "state", words: words.registration }] },
  {
    name: "used_bytes",
    title: m.field_used_bytes,
    width: 80,
    roomFrom: 1800,
    isFigure: true,
    sort: "used_bytes",
    text: (row) => (row.used_bytes === null ? "–" : bytes(row.used_bytes)),
    exports: [{ field: "used_bytes", title: m.export_used_bytes }],
  },
  { name: "registered_at", title: m.col_since, width: 144, roomFrom: 1800, sort: "registered_at", text: (row) => dateTime(row.registered_at), exports: [{ field: "registered_at" }] },
  { name: "invoice", title: m.col_newest_invoice, width: 144, isExtra: true, text: (row) => row.invoice?.number ?? "–", exports: [{ field: "invoice.number" }] },
  {
    name: "mail",
    title: m.col_mail,
    width: 144,
    isExtra: true,
    text: (row) => (row.invoice ? mailState(row.invoice.mail).word : "–"),
    status: (row) => (row.invoice ? mailState(row.invoice.mail) : null),
    exports: [{ field: "invoice.mail", words: words.mail }],
  },
  { name: "email", title: m.field_email, width: 208, isExtra: true, text: (row) => row.email, exports: [{ field: "email" }] },
  { name: "city", title: m.field_city, width: 112, isExtra: true, text: (row) => orDash(row.city), exports: [{ field: "city" }] },
  { name: "kind", title: m.field_kind, width: 104, isExtra: true, text: (row) => m[`kind_${row.kind}`](), exports: [{ field: "kind", words: words.kind }] },
  {
    name: "share",
    title: m.col_share,
    width: 80,
    isFigure: true,
    isExtra: true,
    text: (row) => (row.used_bytes === null || row.quota_bytes === null ? "–" : percent(row.used_bytes, row.quota_bytes)),
    exports: [{ field: "quota_bytes", title: m.export_quota_bytes }],
  },
];

/** Filters. */
export const filters: FilterSpec[] = [
  { kind: "choice", key: "states", label: m.field_state, options: () => options(words.registration()) },
  { kind: "flag", key: "failed_invoice", label: m.filter_failed, yes: m.filter_failed_yes, no: m.filter_failed_no },
  { kind: "flag", key: "unsettled_mail", label: m.filter_unsettled, yes: m.filter_unsettled_yes, no: m.filter_unsettled_no },
  { kind: "days", from: "registered_from", to: "registered_to", label: m.filter_registered },
  { kind: "choice", key: "kinds", label: m.field_kind, options: () => options(words.kind()) },
  { kind: "percent", key: "used_percent_from", label: m.filter_used },
  { kind: "flag", key: "has_mailbox", label: m.filter_mailbox, yes: m.filter_mailbox_yes, no: m.filter_mailbox_no },
];
