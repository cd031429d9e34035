// Documents that a person will probably look at next, loaded before they are asked for.

import { lists } from "./lists.svelte";
import { bytesOf } from "./pdf";

const AHEAD = 2;

/** Loads the documents of the invoices that follow this place of the list. */
export function loadAhead(index: number): void {
  for (let ahead = 1; ahead <= AHEAD; ahead++) {
    const row = lists.invoices.rows.at(index + ahead);
    // A document that cannot be loaded says so when its turn comes.
    if (row?.type === "whole" && (row.value.state === "archived" || row.value.state === "cancelled")) {
      void bytesOf({ type: "invoice", id: row.value.id }).catch(() => undefined);
    }
  }
}
