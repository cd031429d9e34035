// The sample's plans: what a run, a resend, a cancellation would do; what changed contact data would mean.

import type { CoveringPreview, FailureGroups, FailureRow, InvoiceRow, Refusal, Request, RunPlan, RunSelection, Selection } from "../../generated/api";
import type { Office } from "./answers";
import { indexOf } from "./answers";
import { TODAY } from "./data";
import { obstacles } from "./details";
import * as pages from "./pages";

function chosen<F, R>(selection: Selection<F, string>, all: R[], match: (filter: F) => R[], idOf: (row: R) => string): R[] {
  if (selection.type === "these") return all.filter((row) => selection.ids.includes(idOf(row)));
  return match(selection.filter).filter((row) => !selection.except.includes(idOf(row)));
}

/** What a run is about. */
export function selected(office: Office, selection: RunSelection): FailureRow[] {
  const { records } = office;
  switch (selection.type) {
    case "failures":
      return chosen(selection.failures, records.failures, (filter) => pages.failures(records, filter), (row) => row.key);
    case "invoices": {
      const ids = chosen(selection.invoices, records.invoices, (filter) => pages.invoices(records, filter), (row) => row.id).map((row) => row.registration);
      return records.failures.filter((row) => ids.includes(row.registration));
    }
    case "registrations": {
      const ids = chosen(selection.registrations, records.customers, (filter) => pages.customers(records, filter), (row) => row.row.id).map((row) => row.row.id);
      return records.failures.filter((row) => ids.includes(row.registration));
    }
    case "failed_in":
      return records.failures.slice(0, 7);
    default:
      return records.failures;
  }
}

function refusals(rows: FailureRow[]): Refusal[] {
  const by = new Map<string, Refusal>();
  for (const row of rows) {
    if (!row.obstacle) continue;
    const known = by.get(row.obstacle.key);
    by.set(row.obstacle.key, {
      obstacle: { code: "cause", cause: row.obstacle },
      count: (known?.count ?? 0) + 1,
      destination: { type: "list", query: { list: "failures", filter: { obstacles: [row.obstacle.key] }, order: null } },
      examples: [...(known?.examples ?? []), row.invoice?.number ?? row.customer].slice(0, 3),
    });
  }
  return [...by.values()];
}

/** What a run would do. */
export function plan(office: Office, selection: RunSelection): RunPlan {
  const rows = selected(office, selection);
  const able = rows.filter((row) => row.obstacle === null);
  const groups = new Map<string, RunPlan["groups"][number]>();
  for (const row of able) groups.set(row.cause.key, { cause: row.cause, count: (groups.get(row.cause.key)?.count ?? 0) + 1 });
  return {
    chosen: rows.length,
    eligible: able.length,
    ineligible: rows.length - able.length,
    refusals: refusals(rows),
    mails: able.length,
    stored_mails: able.filter((row) => row.cause.code === "connection_timeout").length,
    groups: [...groups.values()],
    issue_on: TODAY,
    mail_target: "/home/m.weber/Kontor/Postausgang",
  };
}

function groups(office: Office): FailureGroups {
  const by = new Map<string, FailureRow[]>();
  for (const row of office.records.failures) by.set(row.cause.key, [...(by.get(row.cause.key) ?? []), row]);
  const all = [...by.values()].sort((a, b) => b.length - a.length);
  return {
    total: office.records.failures.length,
    groups: all.map((rows) => {
      const hosts = new Map<string, number>();
      for (const row of rows) hosts.set(row.host ?? "–", (hosts.get(row.host ?? "–") ?? 0) + 1);
      return {
        cause: rows[0]!.cause,
        count: rows.length,
        eligible: rows.filter((row) => row.obstacle === null).length,
        first_seen: "2013-01-31T18:04:12Z",
        last_seen: "2013-01-31T23:48:00Z",
        hosts: [...hosts].map(([host, count]) => ({ host, count })).sort((a, b) => b.count - a.count),
        examples: rows.slice(0, 3),
        destination: { type: "list", query: { list: "failures", filter: { groups: [rows[0]!.cause.key] }, order: null } },
      };
    }),
  };
}

function resend(office: Office, selection: Selection<never, string>) {
  const rows = chosen(selection, office.records.invoices, (filter) => pages.invoices(office.records, filter), (row: InvoiceRow) => row.id);
  const able = rows.filter((row) => obstacles(row).resend === null);
  const unable = rows.filter((row) => obstacles(row).resend !== null);
  const first = unable[0];
  return {
    chosen: rows.length,
    eligible: able.length,
    ineligible: unable.length,
    refusals: first ? [{ obstacle: obstacles(first).resend, count: unable.length, destination: null, examples: unable.slice(0, 3).map((row) => row.number) }] : [],
    examples: able.slice(0, 3).map((row) => ({ invoice: { id: row.id, number: row.number }, name: row.recipient, recipient: office.records.customers[indexOf(row.id)]?.row.email ?? "", mailed_at: "2013-01-31T18:20:00Z", mailed_by: null })),
    mail_target: "/home/m.weber/Kontor/Postausgang",
  };
}

/** Answers plans; nothing when it is about something else. */
export async function planned(office: Office, request: Request): Promise<unknown> {
  switch (request.type) {
    case "show_failure_groups":
      return groups(office);
    case "plan_run":
      return plan(office, request.selection);
    case "preview_covering": {
      const able = selected(office, request.selection).find((row) => row.obstacle === null);
      const preview: CoveringPreview = {
        samples: [
          { language: "de", invoice: able?.invoice?.number ?? null, subject: `Ihre Rechnung ${able?.invoice?.number ?? "RE-2013-000000-0"}`, text: `${request.covering.text}\n\nGuten Tag ${able?.name ?? "Erika Muster"},\n\nanbei erhalten Sie die Rechnung über 1,00 € für Ihr Postfach.\n\nMit freundlichen Grüßen` },
          { language: "en", invoice: null, subject: "Your invoice RE-2013-000000-0", text: `${request.covering.text_en ?? request.covering.text}\n\nDear Customer,\n\nplease find attached the invoice for 1.00 EUR for your mailbox.\n\nKind regards` },
        ],
        stored_mails: 38,
      };
      return preview;
    }
    case "plan_resend":
      return resend(office, request.invoices as Selection<never, string>);
    case "plan_cancellation": {
      const row = office.records.invoices[indexOf(request.invoice)]!;
      return { invoice: { id: row.id, number: row.number }, recipient: row.recipient, gross_cents: row.gross_cents, paid_cents: row.gross_cents, issue_on: request.issue_on ?? TODAY, obstacle: obstacles(row).cancel, is_cancelled: row.cancelled_by !== null, reissue_obstacle: null, differences: [{ field: "street", before: "Haupstraße 4", after: "Hauptstraße 4" }], mail_to: office.records.customers[indexOf(row.id)]?.row.email ?? "", withdrawn_mails: 0 };
    }
    case "check_contact": {
      const { row } = office.records.customers[indexOf(request.registration)]!;
      const email = request.changes.find((each) => each.field === "email")?.new;
      const isBad = email !== undefined && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email ?? "");
      const failed = row.failure !== null;
      return {
        faults: isBad ? [{ field: "email", fault: { code: email ? "not_an_address" : "required" } }] : [],
        same_email: email && !isBad && email.startsWith("a") ? { count: 2, destination: { type: "list", query: { list: "registrations", filter: { search: email }, order: null } } } : null,
        sendable: row.invoice ? [{ send: failed ? { type: "rerun", failure: `${row.id}/2013-01/period` } : { type: "resend", invoice: row.invoice.id }, invoice: { id: row.invoice.id, number: row.invoice.number }, period: "2013-01", mail: row.invoice.mail, recipient: row.email, is_suggested: failed }] : [],
      };
    }
    default:
      return undefined;
  }
}
