// Columns and filters of the lists of invoices, mails and payments.

import type { DeliveryRow, InvoiceRow, PaymentRow } from "../../generated/api";
import type { ColumnSpec } from "../../state/columns";
import type { FilterSpec } from "../../state/filters";
import { options, words } from "../../words/choices";
import { cause, invoiceState, mailState, paymentState } from "../../words/codes";
import { date, dateTime, money, month, orDash } from "../../words/format";
import { m } from "../../words/paraglide/messages.js";

/** Columns of invoices: those that fit beside a record, or beside data and paper, at the width of the window. */
export const invoiceColumns: ColumnSpec<InvoiceRow>[] = [
  { name: "number", title: m.field_number, width: 156, sort: "number", text: (row) => row.number, exports: [{ field: "number" }] },
  { name: "recipient", title: m.field_recipient, width: 112, isElastic: true, sort: "recipient", text: (row) => row.recipient, exports: [{ field: "recipient" }] },
  { name: "gross_cents", title: m.field_gross_cents, width: 84, roomFrom: 1280, isFigure: true, sort: "gross_cents", text: (row) => money(row.gross_cents, row.currency), exports: [{ field: "gross_cents" }, { field: "currency", title: m.export_currency }] },
  { name: "mail", title: m.col_mail_state, width: 168, text: (row) => mailState(row.mail).word, status: (row) => mailState(row.mail), exports: [{ field: "mail", words: words.mail }] },
  { name: "issued_on", title: m.field_issued_on, width: 96, roomFrom: 1440, sort: "issued_on", text: (row) => date(row.issued_on), exports: [{ field: "issued_on" }] },
  { name: "state", title: m.field_state, width: 128, roomFrom: 1900, text: (row) => invoiceState(row.state).word, status: (row) => invoiceState(row.state), exports: [{ field: "state", words: words.invoice }] },
  {
    name: "failure",
    title: m.col_failure,
    width: 200,
    roomFrom: 2400,
    text: (row) => (row.failure ? cause(row.failure) : "–"),
    exports: [{ field: "failure.code", words: words.cause }],
  },
  {
    name: "review",
    title: m.col_review,
    width: 96,
    roomFrom: 2400,
    text: (row) => (row.review ? row.review.by.person : "–"),
    status: (row) => (row.review ? { tone: "ok", word: row.review.by.person } : null),
    exports: [{ field: "review.by.person" }],
  },
  { name: "period", title: m.field_period, width: 104, isExtra: true, text: (row) => month(row.period), exports: [{ field: "period" }] },
  { name: "customer", title: m.col_customer, width: 116, isExtra: true, text: (row) => row.customer, exports: [{ field: "customer" }] },
  { name: "kind", title: m.field_kind, width: 112, isExtra: true, text: (row) => m[`invkind_${row.kind}`](), exports: [{ field: "kind", words: words.invoiceKind }] },
  { name: "due_on", title: m.field_due_on, width: 96, isExtra: true, text: (row) => (row.due_on ? date(row.due_on) : "–"), exports: [{ field: "due_on" }] },
  { name: "origin", title: m.col_origin, width: 112, isExtra: true, text: (row) => m[`origin_${row.origin}`](), exports: [{ field: "origin", words: words.origin }] },
];

/** Filters of invoices. */
export const invoiceFilters: FilterSpec[] = [
  { kind: "choice", key: "mails", label: m.col_mail_state, options: () => options(words.mail()) },
  { kind: "choice", key: "states", label: m.field_state, options: () => options(words.invoice()) },
  { kind: "flag", key: "failed", label: m.filter_failed, yes: m.filter_open_yes, no: m.filter_open_no },
  { kind: "flag", key: "reviewed", label: m.col_review, yes: m.filter_reviewed_yes, no: m.filter_reviewed_no },
  { kind: "months", from: "period_from", to: "period_to", label: m.field_period },
  { kind: "days", from: "issued_from", to: "issued_to", label: m.field_issued_on },
  { kind: "choice", key: "kinds", label: m.field_kind, options: () => options(words.invoiceKind()) },
];

/** Columns of mails: those that fit beside a record at the width of the window. */
export const deliveryColumns: ColumnSpec<DeliveryRow>[] = [
  { name: "state", title: m.field_state, width: 168, sort: "state", text: (row) => mailState(row.state).word, status: (row) => mailState(row.state), exports: [{ field: "state", words: words.delivery }] },
  { name: "recipient", title: m.field_recipient, width: 120, isElastic: true, sort: "recipient", text: (row) => row.recipient, exports: [{ field: "recipient" }] },
  { name: "invoice", title: m.record_invoice, width: 156, text: (row) => row.invoice.number, exports: [{ field: "invoice.number" }] },
  { name: "queued_at", title: m.col_queued, width: 144, roomFrom: 1440, sort: "queued_at", text: (row) => dateTime(row.queued_at), exports: [{ field: "queued_at" }] },
  { name: "purpose", title: m.col_purpose, width: 104, roomFrom: 1600, text: (row) => m[`purpose_${row.purpose}`](), exports: [{ field: "purpose", words: words.purpose }] },
  { name: "reply", title: m.col_reply, width: 260, roomFrom: 1800, text: (row) => orDash(row.reply), exports: [{ field: "reply" }] },
  { name: "tries", title: m.col_tries, width: 72, isFigure: true, isExtra: true, text: (row) => String(row.tries), exports: [{ field: "tries" }] },
  { name: "target", title: m.settle_server, width: 144, isExtra: true, text: (row) => orDash(row.target), exports: [{ field: "target" }] },
  { name: "customer", title: m.col_customer, width: 116, isExtra: true, text: (row) => row.customer, exports: [{ field: "customer" }] },
  { name: "message_id", title: () => "Message-ID", width: 240, isExtra: true, isMono: true, text: (row) => row.message_id, exports: [{ field: "message_id" }] },
];

/** Filters of mails. */
export const deliveryFilters: FilterSpec[] = [
  { kind: "choice", key: "states", label: m.field_state, options: () => options(words.delivery()) },
  { kind: "flag", key: "unsettled", label: m.filter_unsettled, yes: m.filter_to_settle, no: m.filter_settled },
  { kind: "choice", key: "purposes", label: m.col_purpose, options: () => options(words.purpose()) },
  { kind: "choice", key: "causes", label: m.col_failure, options: () => options(words.cause()) },
  { kind: "days", from: "queued_from", to: "queued_to", label: m.col_queued },
];

/** Columns of payments: those that fit beside a record at the width of the window. */
export const paymentColumns: ColumnSpec<PaymentRow>[] = [
  { name: "received_on", title: m.col_received, width: 96, sort: "received_on", text: (row) => date(row.received_on), exports: [{ field: "received_on" }] },
  { name: "amount_cents", title: m.col_amount, width: 96, isFigure: true, sort: "amount_cents", text: (row) => money(row.amount_cents, row.currency), exports: [{ field: "amount_cents" }, { field: "currency", title: m.export_currency }] },
  { name: "payer", title: m.col_payer, width: 120, isElastic: true, text: (row) => row.payer, exports: [{ field: "payer" }] },
  { name: "state", title: m.field_state, width: 128, text: (row) => paymentState(row.state).word, status: (row) => paymentState(row.state), exports: [{ field: "state", words: words.payment }] },
  { name: "invoice", title: m.record_invoice, width: 156, roomFrom: 1440, text: (row) => row.invoice?.number ?? "–", exports: [{ field: "invoice.number" }] },
  { name: "reference", title: m.col_reference, width: 208, roomFrom: 1600, text: (row) => orDash(row.reference), exports: [{ field: "reference" }] },
  { name: "iban", title: () => "IBAN", width: 200, isExtra: true, isMono: true, text: (row) => orDash(row.iban), exports: [{ field: "iban" }] },
];

/** Filters of payments. */
export const paymentFilters: FilterSpec[] = [
  { kind: "choice", key: "states", label: m.field_state, options: () => options(words.payment()) },
  { kind: "days", from: "received_from", to: "received_to", label: m.col_received },
];
