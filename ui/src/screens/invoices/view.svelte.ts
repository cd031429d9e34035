// An invoice that is looked at: its record, the audit of its PDF, and the mark that somebody reviewed it.

import { untrack } from "svelte";

import type { Audit, InvoiceDetail, InvoiceRow, Review } from "../../generated/api";
import { desk } from "../../state/desk.svelte";
import { requestId } from "../../state/id";
import { lists } from "../../state/lists.svelte";
import { Doing, Loaded } from "../../state/loaded.svelte";
import { read, write } from "../../state/office.svelte";
import { forgetBytes } from "../../state/pdf";
import { whenChanged } from "../../state/settled.svelte";
import { stack } from "../../state/stack.svelte";
import { m } from "../../words/paraglide/messages.js";

/** An invoice that is looked at. */
export class InvoiceView {
  readonly detail = new Loaded<InvoiceDetail>();
  readonly audit = new Loaded<Audit>();
  readonly reviewing = new Doing();
  /** Its id. */
  readonly id: string | null = $derived.by(() => this.source());
  /** Changes when its document may have been made anew. */
  version = $state(0);

  constructor(private readonly source: () => string | null) {
    $effect(() => {
      const id = this.id;
      untrack(() => this.load(id, false));
    });
    whenChanged(["invoices", "failures"], () => {
      forgetBytes();
      this.version++;
    });
    whenChanged(["invoices", "deliveries", "payments", "reviews", "failures", "findings"], () => this.load(this.id, true));
  }

  private load(id: string | null, isAgain: boolean): void {
    if (!id) {
      this.detail.clear();
      this.audit.clear();
      return;
    }
    void this.detail.load(() => read({ type: "show_invoice", id }), isAgain);
    void this.audit.load(() => read({ type: "audit_invoice", invoice: id }), isAgain);
  }

  /** Reads it anew. */
  reload(): void {
    this.version++;
    this.load(this.id, true);
  }

  /** The row, where it can be read. */
  get row(): InvoiceRow | null {
    const row = this.detail.value?.row;
    return row?.type === "whole" ? row.value : null;
  }

  /** The mark, if somebody reviewed it. */
  get review(): Review | null {
    return this.row?.review ?? null;
  }

  /** The number, or what there is of it. */
  get label(): string {
    const row = this.detail.value?.row;
    return row?.type === "whole" ? row.value.number : (row?.value.label ?? "–");
  }

  /** Why it cannot be marked. */
  get reviewObstacle(): string | null {
    if (desk.isLost) return m.locked();
    // A key pressed in haste must not mark the document before the one that the list is at.
    if (!this.row || this.audit.isLoading || this.detail.isLoading || lists.invoices.focus?.id !== this.id) return m.busy();
    return this.audit.value?.document ? null : m.no_document_to_review();
  }

  /** Marks it as reviewed, or takes the mark away; in a stack the next document follows. */
  async toggleReview(isStack: boolean): Promise<void> {
    const [invoice, document] = [this.id, this.audit.value?.document];
    if (!invoice || !document || this.reviewObstacle) return;
    const isReviewed = isStack ? true : !this.review;
    if (!(isStack && this.review)) {
      const done = await this.reviewing.run(() => write({ type: "mark_reviewed", request_id: requestId(), invoice, document, is_reviewed: isReviewed }));
      if (!done) return;
      if (isStack) stack.reviewed++;
    }
    // Whoever went on meanwhile stands at a document that nobody has looked at yet: that one is not passed over.
    if (isStack && lists.invoices.focus?.id === invoice) await stack.step(1);
  }
}
