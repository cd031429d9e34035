// Which rows are chosen. Apart from the focus, and able to say "all that match" about a million rows.

import { SvelteSet } from "svelte/reactivity";

import type { Selection } from "../generated/api";

/** Chosen rows, by id. */
export class Chosen {
  /** Everything that matches is chosen, but for `ids`. */
  isAll = $state(false);
  /** The chosen ids, or the ones left out of all. */
  readonly ids = new SvelteSet<string>();
  /** Counts up when the choice begins anew; what was asked for the one before must not be added to it. */
  era = 0;

  /** How many are chosen, if `total` match. */
  count(total: number): number {
    return this.isAll ? Math.max(0, total - this.ids.size) : this.ids.size;
  }

  /** Whether nothing is chosen. */
  get isEmpty(): boolean {
    return !this.isAll && this.ids.size === 0;
  }

  /** Whether a row is chosen. */
  has(id: string): boolean {
    return this.isAll !== this.ids.has(id);
  }

  /** Chooses a row, or takes it out again. */
  toggle(id: string): void {
    this.set(id, !this.has(id));
  }

  /** Chooses a row or not. */
  set(id: string, isChosen: boolean): void {
    if (isChosen === this.isAll) this.ids.delete(id);
    else this.ids.add(id);
  }

  /** Chooses a stretch of rows, so that exactly these change. */
  setAll(ids: Iterable<string>, isChosen: boolean): void {
    for (const id of ids) this.set(id, isChosen);
  }

  /** Chooses everything that matches. */
  all(): void {
    this.era++;
    this.isAll = true;
    this.ids.clear();
  }

  /** Chooses nothing. */
  clear(): void {
    this.era++;
    this.isAll = false;
    this.ids.clear();
  }

  /** What a bulk action is about; `filter` is that of the list. */
  asked<F>(filter: F): Selection<F, string> {
    const ids = [...this.ids];
    return this.isAll ? { type: "all", filter, except: ids } : { type: "these", ids };
  }
}

/** Rows from one place to another, both included. */
export type Stretch = [number, number];

/** What extending a choice comes to. */
export interface Extended {
  /** Rows between the anchor and the new end. */
  chosen: Stretch;
  /** Rows that the old end reached and the new one does not. */
  left: Stretch[];
  /** More lay between than are chosen one by one. */
  isCut: boolean;
}

/** Extends a choice from its anchor to another end, at most so many rows away. */
export function extended(anchor: number, from: number, to: number, most: number): Extended {
  const bounded = (end: number) => Math.min(anchor + most - 1, Math.max(anchor - most + 1, end));
  const between = (end: number): Stretch => [Math.min(anchor, bounded(end)), Math.max(anchor, bounded(end))];
  const [old, chosen] = [between(from), between(to)];
  const left: Stretch[] = [[old[0], chosen[0] - 1], [chosen[1] + 1, old[1]]];
  return { chosen, left: left.filter(([low, high]) => low <= high), isCut: bounded(to) !== to };
}
