// Dialogs that any screen may open: planning a run, sending again, settling, cancelling, correcting contact data,
// putting findings aside, staging repairs, applying and undoing them, replays and the damage of a
// host, and taking it out of service.

import type { ContactField, DamageScope, DeliveryFilter, FindingFilter, InvoiceFilter, RepairChoice, RepairTotals, Replay, RunSelection, Selection, UndoChoice } from "../generated/api";

/** A dialog with what it is about, and what follows once it was done, such as choosing nothing any more. */
export type DialogAsk =
  | { type: "plan"; selection: RunSelection; done?: () => void }
  | { type: "resend"; invoices: Selection<InvoiceFilter, string>; done?: () => void }
  | { type: "settle"; mails: Selection<DeliveryFilter, string>; count: number; done?: () => void }
  | { type: "aside"; findings: Selection<FindingFilter, string>; count: number; done?: () => void }
  | { type: "bring_back"; findings: Selection<FindingFilter, string>; count: number; done?: () => void }
  | { type: "stage"; choice: RepairChoice; done?: () => void }
  | { type: "damage"; host: string; from?: string; to?: string }
  | { type: "stage_damage"; scope: DamageScope; back: { host: string; from?: string; to?: string } }
  | { type: "apply"; repairs: string[]; totals: RepairTotals }
  | { type: "undo"; choice: UndoChoice }
  | { type: "conflict"; repair: string }
  | { type: "withdraw_host"; host: string; from: string; to: string }
  | { type: "return_host"; host: string }
  | { type: "cancel"; invoice: string }
  | { type: "replay"; host: string; others: string[] }
  | { type: "settle_replay"; replay: Replay; what: "confirm" | "cancel" }
  | { type: "contact"; registration: string; field: ContactField | null };

class Dialogs {
  /** The open one. */
  asked = $state.raw<DialogAsk | null>(null);

  /** Opens one. */
  open(ask: DialogAsk): void {
    this.asked = ask;
  }

  /** Closes it. */
  close(): void {
    this.asked = null;
  }
}

/** Dialogs of the window. */
export const dialogs = new Dialogs();
