// The sample's repairs: what is staged, applied and taken back of its findings.

import type { ConflictField, FindingRow, JobOutcome, ListAsk, PlannedRepair, RepairChoice, RepairDetail, RepairObstacle, RepairPlan, RepairRow, RepairsDone, RepairState, Request } from "../../generated/api";
import { Refused } from "../index";
import type { Office } from "./answers";
import { work } from "./answers-desk";
import { id } from "./data";
import { whole } from "./details";
import { detail, matching } from "./findings";
import { among, finds, page, sorted } from "./pages";

/** A repair of the sample. */
export interface Kept {
  row: RepairRow;
  finding: FindingRow;
  value: string | null;
  applied_at: string | null;
  undone_at: string | null;
}

const NOW = "2013-02-01T08:30:00Z";
let last = 0;

/** The staged repair of a finding. */
export function stagedOf(office: Office, finding: string): Kept | undefined {
  return office.repairs.find((each) => each.finding.id === finding && each.row.state === "staged");
}

/** What the repair of a finding would do. */
export function plannedRepair(office: Office, row: FindingRow, value: string | null = null): PlannedRepair {
  const { candidates, bit } = detail(office.findings, row.id);
  const staged = stagedOf(office, row.id);
  const wanted = staged?.value ?? value;
  const to = wanted ?? row.proposed;
  const isGone = row.state === "closed";
  const isOpen = to === null && row.action !== "restore_document";
  const obstacle: RepairObstacle | null = isGone ? { code: "finding_closed" } : !isOpen ? null : candidates.length > 0 ? { code: "choose_candidate" } : row.field ? { code: "nothing_proposed" } : { code: "needs_person" };
  const isMailed = row.action === "cancel_invoice";
  return {
    finding: row.id,
    rule: row.rule,
    title: row.title,
    severity: row.severity,
    subject: row.subject,
    action: row.action,
    evidence: row.evidence,
    fields: row.field && to !== null && !isGone ? [{ field: row.field, old: row.current, new: to, bit: wanted === null ? bit : null }] : [],
    effects: obstacle ? [] : isMailed ? ["cancellation", "run", "mail", "final"] : ["sealed", "no_mail"],
    is_undoable: !isMailed,
    candidates,
    takes_value: row.field !== null && !isGone,
    obstacle,
    staged: staged ? { repair: staged.row.id, by: staged.row.by, at: staged.row.staged_at, value: staged.value, is_mine: staged.row.by.person === office.by.person } : null,
  };
}

function planned(office: Office, choice: RepairChoice): Array<{ row: FindingRow; value: string | null }> {
  const rows = office.findings.rows;
  switch (choice.type) {
    case "named":
      return choice.orders.flatMap((order) => rows.filter((row) => row.id === order.finding).map((row) => ({ row, value: order.value ?? null })));
    case "proven": {
      const { findings } = choice;
      const chosen = findings.type === "these" ? rows.filter((row) => findings.ids.includes(row.id)) : matching(office.findings, findings.filter).filter((row) => !findings.except.includes(row.id));
      return chosen.map((row) => ({ row, value: null }));
    }
    case "rule":
      return rows.filter((row) => row.rule === choice.rule && row.state === "open").map((row) => ({ row, value: null }));
    case "staged":
      return office.repairs.filter((each) => each.row.state === "staged" && (choice.repairs.length === 0 || choice.repairs.includes(each.row.id))).map((each) => ({ row: each.finding, value: each.value }));
  }
}

function plan(office: Office, choice: RepairChoice, limit: number): RepairPlan {
  const all = planned(office, choice);
  const meant = choice.type === "proven" ? all.filter(({ row }) => row.evidence === "proven") : all;
  const repairs = meant.map(({ row, value }) => plannedRepair(office, row, value)).map((each) => (choice.type !== "staged" && each.staged ? { ...each, obstacle: { code: "staged_already" as const } } : each));
  const able = repairs.filter((each) => each.obstacle === null);
  const having = (effect: PlannedRepair["effects"][number]) => able.filter((each) => each.effects.includes(effect)).length;
  const hindered = repairs.filter((each) => each.obstacle);
  return {
    totals: {
      repairs: repairs.length,
      able: able.length,
      records: new Set(able.map((each) => each.subject.row)).size,
      fields: able.reduce((sum, each) => sum + each.fields.length, 0),
      mails: having("mail"),
      drawn: having("drawn"),
      cancellations: having("cancellation"),
      finals: having("final"),
      unproven: all.length - meant.length,
      mine: choice.type === "staged" ? repairs.filter((each) => each.staged?.is_mine).length : 0,
    },
    refusals: [...new Set(hindered.map((each) => each.obstacle!.code))].map((code) => ({ obstacle: hindered.find((each) => each.obstacle!.code === code)!.obstacle!, count: hindered.filter((each) => each.obstacle!.code === code).length })),
    repairs: repairs.slice(0, limit),
  };
}

function tell(office: Office): void {
  setTimeout(() => office.tell({ type: "changed", parts: ["findings", "repairs", "journal"], is_own: true }), 30);
}

function result(office: Office, kept: Kept[], outcome: "applied" | "undone", batch: string): RepairsDone {
  const items = kept.map((each) => ({ finding: each.finding.id, repair: each.row.id, outcome, obstacle: null, subject: null }));
  tell(office);
  return { batch, done: kept.length, resolved: 0, refused: 0, left: 0, run: null, items };
}

function stage(office: Office, request: Extract<Request, { type: "stage_repairs" }>): RepairsDone {
  const able = planned(office, request.choice).filter(({ row, value }) => (request.choice.type !== "proven" || row.evidence === "proven") && !stagedOf(office, row.id) && plannedRepair(office, row, value).obstacle === null);
  const kept = able.map(({ row, value }): Kept => {
    const planned = plannedRepair(office, row, value);
    const change = planned.fields[0];
    const made: RepairRow = {
      id: id(40, ++last),
      state: "staged",
      finding: row.id,
      rule: row.rule,
      title: row.title,
      subject: row.subject,
      action: value === null ? (row.action ?? "decide") : "set_fields",
      field: change?.field ?? null,
      old: change?.old ?? null,
      new: change?.new ?? null,
      fields: planned.fields.length,
      by: office.by,
      staged_at: NOW,
      applied_by: null,
      acted_at: NOW,
      reason: null,
      refusal: null,
      batch: request.request_id,
    };
    row.staged_by = office.by.person;
    return { row: made, finding: row, value, applied_at: null, undone_at: null };
  });
  office.repairs.push(...kept);
  return result(office, kept, "applied", request.request_id);
}

function unstage(office: Office, ids: string[]) {
  const gone = office.repairs.filter((each) => ids.includes(each.row.id) && each.row.state === "staged");
  for (const each of gone) each.finding.staged_by = null;
  office.repairs = office.repairs.filter((each) => !gone.includes(each));
  tell(office);
  return { count: gone.length };
}

function move(each: Kept, state: RepairState, change: Partial<RepairRow>): void {
  each.row = { ...each.row, ...change, state };
  each.finding.staged_by = null;
  Object.assign(each.finding, state === "applied" ? { state: "closed", closed_at: NOW } : { state: "open", closed_at: null });
}

function apply(office: Office, request: Extract<Request, { type: "apply_repairs" }>) {
  const kept = office.repairs.filter((each) => request.repairs.includes(each.row.id) && each.row.state === "staged");
  return work(office, "repair", [{ name: "repairs", done: 0, total: kept.length }], (): JobOutcome => {
    for (const each of kept) {
      move(each, "applied", { applied_by: office.by.person, reason: request.reason, batch: request.request_id });
      each.applied_at = NOW;
    }
    return { type: "repairs", result: result(office, kept, "applied", request.request_id) };
  });
}

function meant(office: Office, choice: Extract<Request, { type: "plan_undo" }>["choice"]): Kept[] {
  return office.repairs.filter((each) => (choice.type === "batch" ? each.row.batch === choice.batch && each.row.state === "applied" : choice.repairs.includes(each.row.id)));
}

function undo(office: Office, request: Extract<Request, { type: "undo_repairs" }>) {
  const kept = meant(office, request.choice);
  return work(office, "undo", [{ name: "repairs", done: 0, total: kept.length }], (): JobOutcome => {
    for (const each of kept) {
      move(each, "undone", {});
      each.undone_at = NOW;
    }
    return { type: "repairs", result: result(office, kept, "undone", request.request_id) };
  });
}

function found(office: Office, key: string): Kept {
  const kept = office.repairs.find((each) => each.row.id === key);
  if (!kept) throw new Refused({ code: "not_found", record: "repair", key, meant: [] });
  return kept;
}

function shown(office: Office, key: string): RepairDetail {
  const kept = found(office, key);
  const { row } = kept;
  return {
    row,
    changes: row.field ? [{ field: row.field, old: row.old, new: row.new, bit: null }] : [],
    applied_at: kept.applied_at,
    undone_at: kept.undone_at,
    undone_by: kept.undone_at ? office.by.person : null,
    undone_reason: kept.undone_at ? "doch nicht" : null,
    undo_obstacle: row.state === "applied" ? null : { code: "not_applied" },
    batch_applied: office.repairs.filter((each) => each.row.batch === row.batch && each.row.state === "applied").length,
    run: null,
    can_compare: true,
    journal: { type: "list", query: { list: "journal", filter: { record: row.subject.row }, order: null } },
  };
}

/** Answers what is about repairs; nothing when it is about something else. */
export function repaired(office: Office, request: Request): unknown {
  switch (request.type) {
    case "plan_repairs":
      return plan(office, request.choice, request.limit);
    case "stage_repairs":
      return stage(office, request);
    case "unstage_repairs":
      return unstage(office, request.repairs);
    case "apply_repairs":
      return apply(office, request);
    case "plan_undo": {
      const kept = meant(office, request.choice);
      return { able: kept.length, unable: 0, repairs: kept.map(({ row }) => ({ repair: row.id, title: row.title, subject: row.subject, fields: row.field ? [{ field: row.field, old: row.new, new: row.old, bit: null }] : [], obstacle: null })) };
    }
    case "undo_repairs":
      return undo(office, request);
    case "list_repairs": {
      const { filter } = request;
      const rows = office.repairs.map((each) => each.row).filter((row) => row.state !== "staged" && among(filter.states, row.state) && among(filter.rules, row.rule ?? "") && among(filter.persons, row.applied_by ?? row.by.person) && finds(filter.search, row.old, row.new, row.reason, row.subject.label));
      return page(sorted(rows, request.order ?? undefined, (row) => row.acted_at).map(whole), request as ListAsk<unknown, unknown>, (row) => row.id);
    }
    case "show_repair":
      return whole(shown(office, request.id));
    case "compare_repair": {
      const { row, finding } = found(office, request.id);
      const fields: ConflictField[] = [{ field: row.field ?? "last_name", before: row.old, mine: row.new, now: "Anders", is_overlapping: true }];
      return { subject: row.subject, finding: finding.id, state: row.state, changed_by: { person: "m.weber", desk: "zentrale-2" }, changed_at: NOW, fields };
    }
    default:
      return undefined;
  }
}
