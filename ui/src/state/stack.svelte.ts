// Going through a stack of invoices: the list in its order, one document after the other, the next ones loaded beforehand.

import { lists } from "./lists.svelte";
import { bytesOf } from "./pdf";
import { place } from "./place.svelte";

const AHEAD = 2;

class Stack {
  /** The stack is being gone through. */
  isOn = $state(false);
  /** Documents that were marked as reviewed since it began. */
  reviewed = $state(0);

  /** Place of the document on top, counted from 1. */
  get at(): number {
    return (lists.invoices.focus?.index ?? 0) + 1;
  }

  /** Begins with the focused invoice, or with the first. */
  async begin(): Promise<void> {
    const list = lists.invoices;
    this.reviewed = 0;
    this.isOn = true;
    place.open();
    if (!list.focus || list.focus.index < 0) await this.goTo(0);
    else this.loadAhead(list.focus.index);
  }

  /** Ends it. */
  leave(): void {
    this.isOn = false;
  }

  /** Goes on by so many documents; false at an end. */
  async step(by: 1 | -1): Promise<boolean> {
    return this.goTo((lists.invoices.focus?.index ?? 0) + by);
  }

  private async goTo(index: number): Promise<boolean> {
    if (!(await lists.invoices.goTo(index))) return false;
    this.loadAhead(index);
    return true;
  }

  private loadAhead(index: number): void {
    for (let ahead = 1; ahead <= AHEAD; ahead++) {
      const row = lists.invoices.rows.at(index + ahead);
      // A document that cannot be loaded says so when its turn comes.
      if (row?.type === "whole" && (row.value.state === "archived" || row.value.state === "cancelled")) {
        void bytesOf({ type: "invoice", id: row.value.id }).catch(() => undefined);
      }
    }
  }
}

/** The stack of invoices. */
export const stack = new Stack();
