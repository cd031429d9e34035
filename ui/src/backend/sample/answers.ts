// How the sample answers.

import type { By, Connection, Event, Job, ListQuery, Profile, Request, RunDetail, RunProgress, SavedFilter, Settings, Stored } from "../../generated/api";
import { Refused } from "../index";
import type { Records } from "./data";
import * as details from "./details";
import { whole } from "./details";
import * as pages from "./pages";
import { page, sorted, fieldOf } from "./pages";
import { desk } from "./answers-desk";
import { written } from "./answers-write";
import { planned } from "./answers-plan";
import { countFindings, found as foundByRules, type Findings } from "./findings";
import { repaired, type Kept } from "./repairs";

/** What the sample remembers. */
export interface Office {
  mode: string;
  records: Records;
  findings: Findings;
  repairs: Kept[];
  settings: Settings;
  profiles: Profile[];
  connection: Connection | null;
  filters: SavedFilter[];
  progress: Map<string, RunProgress>;
  details: Map<string, RunDetail>;
  jobs: Map<string, Job>;
  by: By;
  tell: (event: Event) => void;
}

/** The index that a sample id holds. */
export function indexOf(id: string): number {
  return Number(id.slice(-12));
}

/** Answers a request, or throws a `Refused`. */
export async function answer(office: Office, request: Request): Promise<unknown> {
  const { records } = office;
  const isRead = /^(list|show|find|check|audit|plan|preview|compare)/.test(request.type);
  if (office.connection?.state.type === "lost" && (isRead || "request_id" in request)) {
    throw new Refused({ code: "connection_lost", since: office.connection.state.since });
  }
  switch (request.type) {
    case "list_registrations": {
      const value = (row: Records["customers"][number], by: string) => (by === "name" ? `${row.row.last_name} ${row.row.first_name}` : fieldOf(row.row, by));
      const found = sorted(pages.customers(records, request.filter), request.order, value);
      const rows = found.map((each): Stored<(typeof each)["row"]> =>
        each.isUnreadable ? { type: "unreadable", value: { record: "registration", id: each.row.id, label: each.row.customer, fields: [{ field: "registered_at", stored: "2013-13-41T99:00" }] } } : whole(each.row),
      );
      return page(rows, request, (row) => row.id);
    }
    case "list_invoices":
      return page(sorted(pages.invoices(records, request.filter), request.order, fieldOf).map(whole), request, (row) => row.id);
    case "list_deliveries":
      return page(sorted(pages.deliveries(records, request.filter), request.order, fieldOf).map(whole), request, (row) => row.id);
    case "list_payments":
      return page(sorted(pages.payments(records, request.filter), request.order, fieldOf).map(whole), request, (row) => row.id);
    case "list_failures":
      return page(sorted(pages.failures(records, request.filter), request.order, (row, by) => (by === "invoice" ? row.invoice?.number : fieldOf(row, by))).map(whole), request, (row) => row.key);
    case "list_runs":
      return page(sorted(pages.runs(records, request.filter), request.order, fieldOf).map(whole), request, (row) => row.id);
    case "list_run_items":
      return page(pages.items(records, request.filter).map(whole), request, (row) => row.id);
    case "list_journal":
      return page(sorted(pages.journal(records, request.filter), request.order, fieldOf).map(whole), request, (row) => String(row.seq));
    case "show_causes":
      return { attempts: records.invoices.length, failures: records.failures.length, causes: [] };
    case "show_hosts":
      return { hosts: [] };
    case "show_replays":
      return { others: [], replays: [] };
    case "list_report_months":
      return records.customers.length ? [{ month: "2013-02", is_running: true }, { month: "2013-01", is_running: false }] : [];
    case "show_report":
      return details.report(records, request.month);
    case "show_journal_choices":
      return { persons: [...new Set(records.journal.map((row) => row.by.person))], actions: [...new Set(records.journal.map((row) => row.action))].sort() };
    case "show_registration":
      return details.registration(records, found(records.customers, request.id, "registration"));
    case "show_timeline": {
      const entries = details.timeline(records, found(records.customers, request.registration, "registration"));
      const from = Number(request.before ?? 0);
      const cut = entries.slice(from, from + Math.min(request.limit, 5));
      return { entries: cut, older: from + cut.length < entries.length ? String(from + cut.length) : null };
    }
    case "show_invoice":
      return details.invoice(records, found(records.invoices, request.id, "invoice"));
    case "audit_invoice":
      return details.audit(records, found(records.invoices, request.invoice, "invoice"));
    case "show_delivery": {
      const row = records.deliveries.find((each) => each.id === request.id);
      if (!row) throw new Refused({ code: "not_found", record: "delivery", key: request.id, meant: [] });
      return whole(details.delivery(row));
    }
    case "show_overview":
      return { ...details.overview(records, request.from ?? "2013-01-01", request.to ?? "2013-02-01"), runs: openRuns(office) };
    case "show_saved_filters":
      return office.filters;
    case "find":
      return hits(office, request.text, request.limit);
    default:
      return (await desk(office, request)) ?? (await planned(office, request)) ?? foundByRules(office, request) ?? repaired(office, request) ?? written(office, request);
  }
}

function found(rows: unknown[], id: string, record: "registration" | "invoice"): number {
  const index = indexOf(id);
  if (!rows[index]) throw new Refused({ code: "not_found", record, key: id, meant: [] });
  return index;
}

function openRuns(office: Office) {
  return [...office.details.values()].filter((each) => each.row.state !== "done" && each.row.state !== "cancelled").map(({ row, progress }) => ({ row, progress }));
}

function hits(office: Office, text: string, limit: number) {
  const people = pages.customers(office.records, { search: text }).slice(0, limit);
  const papers = pages.invoices(office.records, { search: text }).slice(0, limit);
  return [
    ...people.map(({ row }) => ({ record: "registration", label: row.customer, name: row.company ?? `${row.first_name} ${row.last_name}`, address: row.email, destination: { type: "registration", id: row.id } })),
    ...papers.map((row) => ({ record: "invoice", label: row.number, name: row.recipient, address: null, destination: { type: "invoice", id: row.id } })),
  ];
}

/** How many rows a query has. */
export function countOf(office: Office, query: ListQuery): number {
  const { records } = office;
  switch (query.list) {
    case "registrations":
      return pages.customers(records, query.filter).length;
    case "invoices":
      return pages.invoices(records, query.filter).length;
    case "deliveries":
      return pages.deliveries(records, query.filter).length;
    case "payments":
      return pages.payments(records, query.filter).length;
    case "findings":
      return countFindings(office, query.filter);
    case "repairs":
      return office.repairs.length;
    case "failures":
      return pages.failures(records, query.filter).length;
    default:
      return records.runs.length;
  }
}
