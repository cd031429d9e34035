// The sample's writes. They change what it shows, and runs go on by themselves.

import type { Part, Request, RunDetail, RunProgress, RunSelection } from "../../generated/api";
import { Refused } from "../index";
import type { Office } from "./answers";
import { indexOf } from "./answers";
import { plan, selected } from "./answers-plan";
import { id, TODAY } from "./data";
import * as pages from "./pages";

let made = 1000;

function changed(office: Office, ...parts: Part[]): void {
  setTimeout(() => office.tell({ type: "changed", parts: [...parts, "journal"], is_own: true }), 30);
}

function start(office: Office, selection: RunSelection | null, total: number, reason: string): RunDetail {
  const run = id(5, ++made);
  const rows = selection ? selected(office, selection).filter((row) => row.obstacle === null) : [];
  const progress: RunProgress = { run, state: "running", total, done: 0, failed: 0, skipped: 0, unknown: 0, cancelled: 0, in_hand: 2, waiting: total - 2, put_off: 0, next_try_at: null, causes: [], seconds: 0, per_minute: null, seconds_left: null, hosts_out: [], workers: [{ host: "buero-2", pid: 902, is_here: true, items: 2 }] };
  const row = { id: run, occasion: "rerun" as const, period: null, state: "running" as const, total, done: 0, failed: 0, unknown: 0, skipped: 0, reason, by: office.by, started_at: new Date().toISOString(), ended_at: null, is_worked_on_here: true };
  const detail: RunDetail = { row, progress, issue_on: TODAY, mails: true, covering: null };
  office.details.set(run, detail);
  office.records.runs.unshift(row);
  office.records.items.set(run, []);
  const began = Date.now();
  const timer = setInterval(() => {
    const now = office.details.get(run)!;
    if (now.progress.state === "paused") return;
    const step = Math.max(1, Math.ceil(total / 60));
    const failed = now.progress.failed + (Math.random() < 0.15 ? 1 : 0);
    const done = Math.min(total - failed, now.progress.done + step);
    const through = done + failed;
    const seconds = (Date.now() - began) / 1000;
    const isOver = through >= total || now.progress.state === "cancelling";
    const state = isOver ? (now.progress.state === "cancelling" ? ("cancelled" as const) : ("done" as const)) : now.progress.state === "pausing" ? ("paused" as const) : now.progress.state;
    now.progress = { ...now.progress, state, done, failed, waiting: Math.max(0, total - through - 2), in_hand: isOver ? 0 : 2, seconds, per_minute: Math.round((through / seconds) * 60), seconds_left: isOver || seconds < 10 ? null : ((total - through) / through) * seconds, cancelled: state === "cancelled" ? total - through : 0, workers: isOver || state === "paused" ? [] : now.progress.workers };
    Object.assign(now.row, { state, done, failed, ended_at: isOver ? new Date().toISOString() : null });
    if (!isOver) return office.tell({ type: "run", progress: now.progress });
    clearInterval(timer);
    const keys = new Set(rows.slice(0, done).map((each) => each.key));
    office.records.failures = office.records.failures.filter((each) => !keys.has(each.key));
    office.tell({ type: "run_ended", row: now.row, progress: now.progress });
    office.tell({ type: "changed", parts: ["runs", "failures", "invoices", "deliveries"], is_own: true });
  }, 400);
  office.tell({ type: "run", progress });
  return detail;
}

function detailOf(office: Office, run: string): RunDetail {
  const known = office.details.get(run);
  if (known) return known;
  const row = office.records.runs.find((each) => each.id === run);
  if (!row) throw new Refused({ code: "not_found", record: "run", key: run, meant: [] });
  const progress: RunProgress = { run, state: row.state, total: row.total, done: row.done, failed: row.failed, skipped: row.skipped, unknown: row.unknown, cancelled: 0, in_hand: 0, waiting: 0, put_off: 0, next_try_at: null, causes: row.failed ? [{ cause: { code: "recipient_refused", step: null, key: "recipient_refused" }, count: row.failed }] : [], seconds: 570, per_minute: 41, seconds_left: null, hosts_out: [], workers: [] };
  return { row, progress, issue_on: TODAY, mails: true, covering: row.occasion === "rerun" ? { text: "Wegen einer Störung erhalten Sie diese Rechnung verspätet. Wir bitten um Entschuldigung.", text_en: null } : null };
}

function turn(office: Office, run: string, state: RunProgress["state"]): RunDetail {
  const detail = detailOf(office, run);
  detail.progress = { ...detail.progress, state };
  detail.row.state = state;
  office.details.set(run, detail);
  office.tell({ type: "run", progress: detail.progress });
  changed(office, "runs");
  return detail;
}

/** Answers writes. */
export function written(office: Office, request: Request): unknown {
  const { records, by } = office;
  const now = "2013-02-01T14:32:00Z";
  switch (request.type) {
    case "show_run":
      return detailOf(office, request.id);
    case "join_run":
      return null;
    case "save_contact": {
      const customer = records.customers[indexOf(request.registration)]!;
      if (request.reason === "Konflikt" && customer.version === request.version) {
        customer.version++;
        const email = request.changes[0]!;
        throw new Refused({ code: "conflict", conflict: { record: "registration", id: customer.row.id, label: customer.row.customer, version: customer.version, changed_by: { person: "s.koch", desk: "buchhaltung-1" }, changed_at: now, fields: [{ field: email.field, before: email.old, mine: email.new, now: "anders@example.org", is_overlapping: true }, { field: "street", before: customer.contact.street, mine: customer.contact.street, now: "Neue Straße 9", is_overlapping: false }] } });
      }
      for (const change of request.changes) {
        Object.assign(customer.contact, { [change.field]: change.new });
        if (change.field in customer.row) Object.assign(customer.row, { [change.field]: change.new });
      }
      customer.version++;
      const runs = request.send.length ? [start(office, null, request.send.length, request.reason).row.id] : [];
      changed(office, "registrations");
      return { version: customer.version, runs, is_repeated: false };
    }
    case "add_note": {
      const note = { id: id(12, ++made), version: 1, text: request.text, by, written_at: now, edited_at: null };
      records.customers[indexOf(request.registration)]!.notes.unshift(note);
      changed(office, "notes");
      return note;
    }
    case "edit_note": {
      const note = records.customers.flatMap((each) => each.notes).find((each) => each.id === request.note)!;
      Object.assign(note, { text: request.text, edited_at: now, version: note.version + 1 });
      changed(office, "notes");
      return note;
    }
    case "delete_note":
      for (const customer of records.customers) customer.notes = customer.notes.filter((each) => each.id !== request.note);
      changed(office, "notes");
      return null;
    case "mark_reviewed": {
      const row = records.invoices[indexOf(request.invoice)]!;
      row.review = request.is_reviewed ? { by, at: now } : null;
      changed(office, "reviews");
      return { review: row.review };
    }
    case "cancel_invoice": {
      const row = records.invoices[indexOf(request.invoice)]!;
      const cancellation = { id: id(2, 900000 + ++made), number: row.number.replace("RE", "ST") };
      Object.assign(row, { state: "cancelled", cancelled_by: cancellation });
      const run = start(office, null, request.reissue ? 2 : 1, request.reason).row.id;
      changed(office, "invoices");
      return { invoice: { id: row.id, number: row.number }, cancellation, reissued: null, run, is_repeated: false };
    }
    case "resend_invoices":
      return { run: start(office, null, request.planned, request.reason).row.id, total: request.planned, is_repeated: false };
    case "settle_deliveries": {
      const mails = request.mails.type === "these" ? request.mails.ids : pages.deliveries(records, request.mails.filter).map((row) => row.id);
      const rows = records.deliveries.filter((row) => mails.includes(row.id) && row.is_unsettled);
      const settled = rows.map((row) => ({ id: row.id, message_id: row.message_id, invoice: row.invoice, before: row.state, after: request.arrived ? ("accepted" as const) : ("refused" as const), obstacle: null }));
      for (const row of rows) Object.assign(row, { state: request.arrived ? "accepted" : "refused", is_unsettled: false });
      changed(office, "deliveries", "failures");
      return { settled: rows.length, refused: mails.length - rows.length, run: request.resend ? start(office, null, rows.length, request.reason).row.id : null, is_repeated: false, mails: settled };
    }
    case "start_run": {
      const able = plan(office, request.selection).eligible;
      if (able > request.planned) throw new Refused({ code: "plan_outdated", planned: request.planned, now: able });
      if (able === 0) throw new Refused({ code: "refused", obstacle: { code: "nothing_to_do" } });
      changed(office, "runs");
      return { run: start(office, request.selection, able, request.reason).row.id, total: able, is_repeated: false };
    }
    case "pause_run":
      return turn(office, request.run, "pausing");
    case "resume_run":
      return turn(office, request.run, "running");
    case "cancel_run":
      return turn(office, request.run, "cancelling");
    case "save_filter": {
      if (!request.filter && office.filters.some((each) => each.name === request.name)) throw new Refused({ code: "invalid", faults: [{ field: "name", fault: { code: "taken" } }] });
      const filter = { id: request.filter?.id ?? id(13, ++made), version: (request.filter?.version ?? 0) + 1, name: request.name, query: request.query, columns: request.columns ?? null, is_shared: request.is_shared, person: by.person, is_mine: true };
      office.filters = [...office.filters.filter((each) => each.id !== filter.id), filter];
      return filter;
    }
    case "delete_filter":
      office.filters = office.filters.filter((each) => each.id !== request.filter.id);
      return null;
    default:
      throw new Refused({ code: "unexpected", incident: `no answer for ${request.type}` });
  }
}
