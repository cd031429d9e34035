// What applying does altogether, in sentences.

import type { IconName } from "../../components/icons";
import type { RepairTotals } from "../../generated/api";
import { counted, number } from "../../words/format";
import { m } from "../../words/paraglide/messages.js";

/** A sentence with its sign. */
export interface Besides {
  icon: IconName;
  text: string;
  /** It cannot be taken back, or reaches the customer. */
  isGrave?: boolean;
}

/** Records and fields, mails, documents, cancellations, and what cannot be taken back. */
export function besides(totals: RepairTotals): Besides[] {
  const lines: Besides[] = [];
  if (totals.records > 0) lines.push({ icon: "pencil", text: totals.fields === 1 ? m.total_field(counted(totals.records)) : m.total_fields({ ...counted(totals.records), fields: number(totals.fields) }) });
  lines.push(totals.mails > 0 ? { icon: "send", text: m.total_mails(counted(totals.mails)), isGrave: true } : { icon: "off", text: m.total_no_mails() });
  if (totals.drawn > 0) lines.push({ icon: "invoices", text: m.total_drawn(counted(totals.drawn)) });
  if (totals.cancellations > 0) lines.push({ icon: "invoices", text: m.total_cancellations(counted(totals.cancellations)), isGrave: true });
  if (totals.finals > 0) lines.push({ icon: "warning", text: m.total_finals(counted(totals.finals)), isGrave: true });
  else lines.push({ icon: "refresh", text: m.total_undoable() });
  return lines;
}
