// Going through a stack of invoices: the list in its order, one document after the other.

import { lists } from "./lists.svelte";
import { place } from "./place.svelte";

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
    if (!list.focus || list.focus.index < 0) await lists.invoices.goTo(0);
  }

  /** Ends it. */
  leave(): void {
    this.isOn = false;
  }

  /** Goes on by so many documents; false at an end. */
  async step(by: 1 | -1): Promise<boolean> {
    return lists.invoices.step(by);
  }
}

/** The stack of invoices. */
export const stack = new Stack();
