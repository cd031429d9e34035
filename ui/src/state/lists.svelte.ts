// The lists there are, one of each.

import type {
  DeliveryFilter,
  DeliveryRow,
  DeliverySort,
  FailureFilter,
  FailureRow,
  FailureSort,
  FindingFilter,
  FindingRow,
  FindingSort,
  FindingState,
  InvoiceFilter,
  InvoiceRow,
  InvoiceSort,
  JournalFilter,
  JournalRow,
  JournalSort,
  PaymentFilter,
  PaymentRow,
  PaymentSort,
  RegistrationFilter,
  RegistrationRow,
  RegistrationSort,
  RepairFilter,
  RepairRow,
  RepairSort,
  RunFilter,
  RunItemFilter,
  RunItemRow,
  RunItemSort,
  RunRow,
  RunSort,
} from "../generated/api";
import { List } from "./list.svelte";
import { read } from "./office.svelte";

/** Findings of one state: each has its tab, and a saved filter does not lead out of it. */
function findings(state: FindingState): List<FindingFilter, FindingSort, FindingRow> {
  return new List<FindingFilter, FindingSort, FindingRow>({
    name: "findings",
    ask: (ask) => read({ type: "list_findings", ...ask }),
    id: (row) => row.id,
    parts: ["findings"],
    plain: { states: [state] },
    order: { by: "opened_at", descending: true },
    fixed: { states: [state] },
  });
}

/** Every list, by its name; findings are in three, by their state. */
export const lists = {
  findings: findings("open"),
  findings_aside: findings("set_aside"),
  findings_closed: findings("closed"),
  registrations: new List<RegistrationFilter, RegistrationSort, RegistrationRow>({
    name: "registrations",
    ask: (ask) => read({ type: "list_registrations", ...ask }),
    id: (row) => row.id,
    parts: ["registrations", "invoices", "deliveries", "failures"],
    plain: {},
    order: { by: "customer", descending: false },
  }),
  invoices: new List<InvoiceFilter, InvoiceSort, InvoiceRow>({
    name: "invoices",
    ask: (ask) => read({ type: "list_invoices", ...ask }),
    id: (row) => row.id,
    parts: ["invoices", "deliveries", "reviews"],
    plain: {},
    order: { by: "number", descending: false },
  }),
  deliveries: new List<DeliveryFilter, DeliverySort, DeliveryRow>({
    name: "deliveries",
    ask: (ask) => read({ type: "list_deliveries", ...ask }),
    id: (row) => row.id,
    parts: ["deliveries"],
    plain: {},
    order: { by: "queued_at", descending: true },
  }),
  payments: new List<PaymentFilter, PaymentSort, PaymentRow>({
    name: "payments",
    ask: (ask) => read({ type: "list_payments", ...ask }),
    id: (row) => row.id,
    parts: ["payments"],
    plain: {},
    order: { by: "received_on", descending: true },
  }),
  failures: new List<FailureFilter, FailureSort, FailureRow>({
    name: "failures",
    ask: (ask) => read({ type: "list_failures", ...ask }),
    id: (row) => row.key,
    parts: ["failures", "runs"],
    plain: {},
    order: { by: "last_seen", descending: true },
  }),
  runs: new List<RunFilter, RunSort, RunRow>({
    name: "runs",
    ask: (ask) => read({ type: "list_runs", ...ask }),
    id: (row) => row.id,
    parts: ["runs"],
    plain: {},
    order: { by: "started_at", descending: true },
  }),
  run_items: new List<RunItemFilter, RunItemSort, RunItemRow>({
    name: "run_items",
    ask: (ask) => read({ type: "list_run_items", ...ask }),
    id: (row) => row.id,
    parts: ["runs", "deliveries"],
    plain: { run: "" },
    order: { by: "ordinal", descending: false },
  }),
  repairs: new List<RepairFilter, RepairSort, RepairRow>({
    name: "repairs",
    ask: (ask) => read({ type: "list_repairs", ...ask }),
    id: (row) => row.id,
    parts: ["repairs"],
    plain: {},
    order: { by: "acted_at", descending: true },
  }),
  journal: new List<JournalFilter, JournalSort, JournalRow>({
    name: "journal",
    ask: (ask) => read({ type: "list_journal", ...ask }),
    id: (row) => String(row.seq),
    parts: ["journal"],
    plain: {},
    order: { by: "seq", descending: true },
  }),
};

/** Forgets all lists: another database is open. */
export function closeLists(): void {
  for (const list of Object.values(lists)) list.close();
}
