// The sample's findings: every severity, every rung of the ladder, every kind of value that a screen has to stand.

import type { CandidateValue, Certainty, EvidenceReason, FindingDetail, FindingFilter, FindingGroups, FindingRow, FindingState, FindingSubject, JobOutcome, ListAsk, ProposedChange, RepairAction, Request, RuleText, Severity } from "../../generated/api";
import { Refused } from "../index";
import type { Office } from "./answers";
import { work } from "./answers-desk";
import { id } from "./data";
import { whole } from "./details";
import { among, finds, page, sorted } from "./pages";
import { plannedRepair } from "./repairs";

type Of = [id: string, severity: Severity, de: string, en: string, what: string, table: string];
const RULES: Of[] = [
  ["database_corrupt", "critical", "Datenbank beschädigt", "Damaged database", "Die Datei der Datenbank widerspricht sich selbst.", "installation"],
  ["seal_broken", "critical", "Gebrochenes Siegel", "Broken seal", "Die Felder eines Datensatzes passen nicht mehr zu ihrem Siegel: Etwas außerhalb von Kontor hat sie geändert.", "registrations"],
  ["document_damaged", "critical", "PDF beschädigt", "Damaged PDF", "Das abgelegte PDF hat nicht mehr den Hash, mit dem es abgelegt wurde.", "documents"],
  ["price_deviates", "high", "Preis weicht vom Tarif ab", "Price deviates from the tariff", "Eine Rechnung nennt einen anderen Preis als der Tarif.", "invoices"],
  ["recipient_deviates", "high", "Mail an eine andere Adresse", "Mail to another address", "Eine Mail ging an eine andere Adresse, als beim Kunden steht.", "deliveries"],
  ["value_undecodable", "high", "Nicht lesbarer Wert", "Undecodable value", "Ein gespeicherter Wert lässt sich nicht entziffern.", "registrations"],
  ["address_duplicate", "medium", "Zwei Registrierungen mit derselben Adresse und demselben Namen in derselben Straße", "Two registrations of the same address", "Zwei Kunden haben dieselbe Postfachadresse.", "mailboxes"],
  ["email_invalid", "medium", "Ungültige Mailadresse", "Invalid mail address", "Die Mailadresse kann so nicht stimmen.", "registrations"],
  ["number_gap", "info", "Lücke in den Nummern", "Gap in the numbers", "Eine Nummer fehlt in der Reihe.", "number_ranges"],
];

/** What the sample says of its rules. */
export const rules: RuleText[] = RULES.map(([rule, severity, de, en, what]) => ({
  id: rule,
  severity,
  title: { de, en },
  what: { de: what, en: `${en}: the record contradicts this rule.` },
  why: { de: "Rechnungen und Mails könnten falsch hinausgehen, und niemand würde es bemerken.", en: "Invoices and mails could go out wrong, and nobody would notice." },
  how: { de: "Der Wert wird auf den zurückgesetzt, für den es Belege gibt.", en: "The value is set back to the one that the evidence speaks for." },
  when_not: { de: "Nicht, wenn mehrere Werte möglich sind oder die Datenbank selbst beschädigt ist.", en: "Not where several values are possible, or the database itself is damaged." },
}));

interface Case {
  rule: string;
  field: string | null;
  current: string | null;
  proposed: string | null;
  action: RepairAction;
  evidence: Certainty;
  bit?: ProposedChange["bit"];
  candidates?: CandidateValue[];
}
const LONG = "Wohnungsbaugenossenschaft ".repeat(12).trim();
const CASES: Case[] = [
  { rule: "seal_broken", field: "last_name", current: "Mayer", proposed: "Maier", action: "set_fields", evidence: "proven", bit: { byte: 2, bit: 4 } },
  { rule: "seal_broken", field: "last_name", current: "M¼ller", proposed: "Müller", action: "set_fields", evidence: "proven", bit: { byte: 1, bit: 0 } },
  { rule: "seal_broken", field: "company", current: `${LONG} eG.`, proposed: `${LONG} eG`, action: "set_fields", evidence: "copy" },
  { rule: "seal_broken", field: "first_name", current: "יעקב", proposed: "יעקוב", action: "set_fields", evidence: "copy" },
  { rule: "document_damaged", field: null, current: null, proposed: null, action: "restore_document", evidence: "proven" },
  { rule: "price_deviates", field: "gross_cents", current: "101", proposed: "100", action: "cancel_invoice", evidence: "single" },
  { rule: "recipient_deviates", field: "recipient", current: "erika@exbmple.org", proposed: null, action: "decide", evidence: "several", candidates: [{ value: "erika@example.org", from: "bit" }, { value: "erika.muster@example.com", from: "registration" }] },
  { rule: "value_undecodable", field: "registered_at", current: "x'323031332d31332d343154393a3030ff'", proposed: null, action: "decide", evidence: "none" },
  { rule: "address_duplicate", field: "address", current: "e.muster@mail.example", proposed: null, action: "decide", evidence: "none" },
  { rule: "email_invalid", field: "email", current: "hans.wurst.example.org", proposed: "hans.wurst@example.org", action: "set_fields", evidence: "single" },
  { rule: "number_gap", field: "number", current: "RE-2013-000417-2", proposed: null, action: "decide", evidence: "none" },
];
const REASONS: Record<Certainty, Array<[string, string, boolean]>> = {
  proven: [["Das Siegel passt zu diesem Wert.", "The seal fits this value.", false], ["Die Werte unterscheiden sich in genau einem Bit.", "The values differ in exactly one bit.", false]],
  copy: [["Die verglichene Datei sagt es.", "The file that was compared with says so.", false], ["Mehr als ein Bit ist verschieden; ein gekipptes Bit erklärt das nicht.", "More than one bit differs; a flipped bit does not explain it.", true]],
  single: [["Der Tarif sagt es.", "The tariff says so.", false], ["Um eins daneben: so etwas tun auch Programme und Menschen.", "Off by one: programs and people do that too.", true]],
  several: [["„b“ liegt auf der Tastatur neben „v“: vielleicht ein Tippfehler.", "“b” lies beside “v” on the keyboard: perhaps a slip.", true]],
  none: [["Das weiß nur der Kunde.", "Only the customer knows.", false]],
};
const COUNTS: Record<string, number> = { seal_broken: 61, document_damaged: 7, price_deviates: 24, recipient_deviates: 9, value_undecodable: 3, address_duplicate: 4, email_invalid: 14, number_gap: 2 };
const CHECKED = "2013-02-01T07:12:00Z";

/** What the sample remembers of its findings. */
export interface Findings {
  rows: FindingRow[];
  cases: Map<string, Case>;
  checkedAt: string | null;
  isCorrupt: boolean;
}

/** Makes them; `unchecked` has none yet, `corrupt` has one above all others. */
export function makeFindings(mode: string): Findings {
  const made: Findings = { rows: [], cases: new Map(), checkedAt: mode === "unchecked" ? null : CHECKED, isCorrupt: mode === "corrupt" };
  if (mode !== "unchecked" && mode !== "empty") fill(made);
  return made;
}

function fill(made: Findings): void {
  const left: Record<string, number> = { ...COUNTS, ...(made.isCorrupt ? { database_corrupt: 1 } : {}) };
  if (made.isCorrupt) add(made, { rule: "database_corrupt", field: null, current: "*** in database main ***", proposed: null, action: "decide", evidence: "none" });
  for (let turn = 0; turn < 40; turn++) {
    for (const each of CASES) {
      const still = left[each.rule] ?? 0;
      if (still === 0) continue;
      left[each.rule] = still - 1;
      add(made, each);
    }
  }
}

function add(made: Findings, of: Case): void {
  const index = made.rows.length;
  const [rule, severity, de, en, , table] = RULES.find(([rule]) => rule === of.rule)!;
  const state: FindingState = index % 29 === 17 ? "set_aside" : index % 23 === 11 ? "closed" : "open";
  const opened = index % 6 === 0 ? CHECKED : `2013-01-${String(8 + (index % 20)).padStart(2, "0")}T07:12:00Z`;
  const row: FindingRow = {
    id: id(30, index),
    rule,
    title: { de, en },
    severity,
    state,
    subject: subject(table, index),
    field: of.field,
    current: of.current,
    proposed: of.proposed,
    action: of.action,
    evidence: of.evidence,
    opened_at: opened,
    seen_at: CHECKED,
    closed_at: state === "closed" ? CHECKED : null,
    staged_by: null,
    set_aside: state === "set_aside" ? { until: new Date(Date.now() + 5 * 86_400_000).toISOString(), reason: "Der Kunde wird gefragt" } : null,
  };
  made.rows.push(row);
  made.cases.set(row.id, of);
}

function subject(table: string, index: number): FindingSubject {
  const serial = String(index * 7 + 1).padStart(6, "0");
  if (["registrations", "mailboxes"].includes(table)) return { table, row: id(1, index * 7), label: table === "mailboxes" ? `box${serial}@mail.example` : `K-${serial}-3`, destination: { type: "registration", id: id(1, index * 7) } };
  if (["invoices", "documents", "deliveries"].includes(table)) return { table, row: id(2, index * 7), label: table === "deliveries" ? "erika@exbmple.org" : `RE-2013-${serial}-1`, destination: { type: "invoice", id: id(2, index * 7) } };
  return { table, row: "1", label: null, destination: null };
}

/** Findings that match. */
export function matching(made: Findings, filter: FindingFilter): FindingRow[] {
  const states = filter.states?.length ? filter.states : ["open" as const];
  return made.rows.filter((row) => states.includes(row.state) && among(filter.rules, row.rule) && among(filter.severities, row.severity) && among(filter.evidences, row.evidence) && finds(filter.search, row.current, row.subject.label, row.rule));
}

function groups(made: Findings, staged = 0): FindingGroups {
  const open = made.rows.filter((row) => row.state === "open");
  const proven = (rows: FindingRow[]) => rows.filter((row) => row.evidence === "proven").length;
  return {
    checked_at: made.checkedAt,
    is_corrupt: made.isCorrupt,
    open: open.length,
    proven: proven(open),
    set_aside: made.rows.filter((row) => row.state === "set_aside").length,
    staged,
    groups: rules
      .map((rule) => {
        const of = open.filter((row) => row.rule === rule.id);
        return {
          rule: rule.id,
          severity: rule.severity,
          title: rule.title,
          open: of.length,
          proven: proven(of),
          set_aside: made.rows.filter((row) => row.rule === rule.id && row.state === "set_aside").length,
          fresh: of.filter((row) => row.opened_at === CHECKED).length,
          first_opened_at: of.map((row) => row.opened_at).sort()[0] ?? null,
          trend: [of.length + 2, of.length + 1, of.length, of.length],
          destination: { type: "list" as const, query: { list: "findings" as const, filter: { rules: [rule.id] }, order: null } },
        };
      })
      .filter((group) => group.open + group.set_aside > 0),
  };
}

/** A finding with what is known of it. */
export function detail(made: Findings, of: string) {
  const row = made.rows.find((each) => each.id === of);
  const known = made.cases.get(of);
  if (!row || !known) throw new Refused({ code: "not_found", record: "finding", key: of, meant: [] });
  const reasons: EvidenceReason[] = REASONS[row.evidence].map(([de, en, is_against], place) => ({ code: `reason_${place}`, text: { de, en }, is_against, params: {} }));
  const others = made.rows.filter((other) => other.id !== row.id && other.subject.table === row.subject.table).slice(0, made.rows.indexOf(row) % 3);
  return { row, reasons, others, candidates: known.candidates ?? [], bit: known.bit ?? null };
}

function shown(office: Office, of: string): FindingDetail {
  const { row, reasons, others } = detail(office.findings, of);
  const repairs = office.repairs.filter((each) => each.finding.id === of).map((each) => each.row);
  return { row, rule: rules.find((rule) => rule.id === row.rule)!, plan: plannedRepair(office, row), reasons, others, repairs };
}

function aside(office: Office, request: Extract<Request, { type: "set_findings_aside" }>) {
  if (request.until <= "2013-02-01") throw new Refused({ code: "invalid", faults: [{ field: "until", fault: { code: "not_to_come", today: "2013-02-01" } }] });
  const { findings } = request;
  const rows = findings.type === "these" ? office.findings.rows.filter((row) => findings.ids.includes(row.id)) : matching(office.findings, findings.filter).filter((row) => !findings.except.includes(row.id));
  const days = (Date.parse(request.until) - Date.parse("2013-02-01")) / 86_400_000;
  for (const row of rows) Object.assign(row, { state: "set_aside", set_aside: { until: new Date(Date.now() + (days - 0.5) * 86_400_000).toISOString(), reason: request.reason } });
  setTimeout(() => office.tell({ type: "changed", parts: ["findings", "journal"], is_own: true }), 30);
  return { count: rows.length };
}

function checked(office: Office): JobOutcome {
  const { findings } = office;
  findings.checkedAt = CHECKED;
  if (findings.rows.length === 0 && office.mode === "unchecked") fill(findings);
  office.tell({ type: "changed", parts: ["findings"], is_own: true });
  return { type: "check", rules: rules.length, open: groups(findings).open, closed: 3, not_checked: [{ de: "Vergleich mit einer Datei: keine angegeben.", en: "Comparison with a file: none was given." }] };
}

/** How many findings a filter has. */
export function countFindings(office: Office, filter: FindingFilter): number {
  return matching(office.findings, filter).length;
}

/** Answers what is about findings; nothing when it is about something else. */
export function found(office: Office, request: Request): unknown {
  switch (request.type) {
    case "show_rules":
      return rules;
    case "show_finding_groups":
      return groups(office.findings, office.repairs.filter((each) => each.row.state === "staged").length);
    case "list_findings": {
      const order = request.order ?? undefined;
      const rows = sorted(matching(office.findings, request.filter), order, (row, by) => (by === "rule" ? row.rule : row.opened_at));
      return page(rows.map(whole), request as ListAsk<unknown, unknown>, (row) => row.id);
    }
    case "show_finding":
      return shown(office, request.id);
    case "check_database":
      return work(office, "check", [{ name: "rules", done: 0, total: rules.length * 6 }], () => checked(office));
    case "bring_findings_back": {
      const ids = request.findings.type === "these" ? request.findings.ids : office.findings.rows.filter((row) => row.state === "set_aside").map((row) => row.id);
      for (const row of office.findings.rows.filter((each) => ids.includes(each.id))) Object.assign(row, { state: "open", set_aside: null });
      return { count: ids.length };
    }
    case "set_findings_aside":
      return aside(office, request);
    default:
      return undefined;
  }
}
