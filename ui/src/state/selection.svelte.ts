// Which rows are chosen. Apart from the focus, and able to say "all that match" about a million rows.

import { SvelteSet } from "svelte/reactivity";

import type { Selection } from "../generated/api";

/** Chosen rows, by id. */
export class Chosen {
  /** Everything that matches is chosen, but for `ids`. */
  isAll = $state(false);
  /** The chosen ids, or the ones left out of all. */
  readonly ids = new SvelteSet<string>();

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
    this.isAll = true;
    this.ids.clear();
  }

  /** Chooses nothing. */
  clear(): void {
    this.isAll = false;
    this.ids.clear();
  }

  /** What a bulk action is about; `filter` is that of the list. */
  asked<F>(filter: F): Selection<F, string> {
    const ids = [...this.ids];
    return this.isAll ? { type: "all", filter, except: ids } : { type: "these", ids };
  }
}
