// A window of rows over a list that is paged by keys. Stretches that lie side by side are joined by cursors, so that their
// order is certain; a jump far away begins a new stretch there. A million rows cost what the loaded ones cost.

import type { Cursor, Failure, Page, Place, Stored, Total } from "../generated/api";
import { failureOf } from "./office.svelte";

/** Rows asked for at once. */
export const PAGE = 200;
const MOST_PAGES = 12;

/** Asks for a page. */
export type PageAsk<Row> = (place: Place, limit: number, withTotal: boolean) => Promise<Page<Row>>;

interface Stretch<Row> {
  rows: Stored<Row>[];
  before: Cursor | null;
  after: Cursor | null;
}

/** Rows of a list. */
export class RowWindow<Row> {
  /** How many match; none before that was counted. */
  total = $state.raw<Total | null>(null);
  /** The loaded rows, side by side. */
  rows = $state.raw<Stored<Row>[]>([]);
  /** Place of the first loaded row. */
  first = $state(0);
  /** A page is under way. */
  isLoading = $state(false);
  /** What shows belongs to an older question. */
  isStale = $state(false);
  /** Why rows could not be read. */
  failure = $state.raw<Failure | null>(null);
  /** Rows that match since the list was read. */
  fresh = $state(0);
  private stretches: Stretch<Row>[] = [];
  private wanted: [number, number] = [0, PAGE];
  private epoch = 0;
  private isAtWork = false;

  constructor(
    private readonly page: PageAsk<Row>,
    private readonly idOf: (row: Row) => string,
  ) {}

  /** Id of a row, readable or not. */
  id(row: Stored<Row>): string {
    return row.type === "whole" ? this.idOf(row.value) : row.value.id;
  }

  /** The row at a place, where it is loaded. */
  at(index: number): Stored<Row> | undefined {
    return this.rows[index - this.first];
  }

  /** The place of a row, where it is loaded; otherwise -1. */
  indexOf(id: string): number {
    const found = this.rows.findIndex((row) => this.id(row) === id);
    return found < 0 ? -1 : found + this.first;
  }

  /** How many rows there are, as far as is known. */
  get count(): number {
    const end = this.first + this.rows.length;
    const hasMore = (this.stretches.at(-1)?.after ?? null) !== null;
    if (this.rows.length > 0 && !hasMore) return end;
    return Math.max(this.total?.rows ?? 0, end + (hasMore ? 1 : 0));
  }

  /** Nothing matches, and that is certain. */
  get isEmpty(): boolean {
    return !this.isLoading && !this.isStale && !this.failure && this.rows.length === 0 && this.total !== null;
  }

  /** Forgets everything; an answer that is under way is void. */
  clear(): void {
    this.epoch++;
    this.stretches = [];
    this.rows = [];
    this.total = null;
    this.first = 0;
    this.fresh = 0;
    this.wanted = [0, PAGE];
    this.isLoading = false;
    this.isStale = false;
    this.failure = null;
  }

  /** Reads the list anew from its start; what shows stays until the answer is there. */
  async reset(): Promise<void> {
    this.wanted = [0, PAGE];
    await this.begin({ type: "start" }, 0);
  }

  /** Reads the list anew where it stands. */
  async refresh(around?: string): Promise<void> {
    const from = Math.max(0, this.wanted[0] - PAGE / 4);
    await this.begin(around ? { type: "around", id: around } : from === 0 ? { type: "start" } : { type: "at", index: from }, from, true);
  }

  /** Reads the list so that it contains a row; answers with its place, or -1. */
  async around(id: string): Promise<number> {
    const known = this.indexOf(id);
    if (known >= 0 && !this.isStale) return known;
    await this.begin({ type: "around", id }, 0);
    return this.indexOf(id);
  }

  private async begin(place: Place, index: number, isSame = false): Promise<void> {
    const epoch = ++this.epoch;
    this.isStale = !isSame && this.rows.length > 0;
    this.isLoading = true;
    this.fresh = 0;
    const counting = this.page({ type: "start" }, 0, true).then(
      (page) => {
        if (epoch === this.epoch) this.total = page.total;
      },
      (error) => {
        if (epoch === this.epoch) this.failure = failureOf(error);
      },
    );
    try {
      const page = await this.page(place, PAGE, false);
      if (epoch !== this.epoch) return;
      this.stretches = [page];
      this.failure = null;
      this.show(page.is_first_exact || place.type !== "at" ? page.first : index);
      // Until the table says what it shows, what was asked for is what is wanted.
      if (place.type === "around") this.wanted = [this.first, this.first + page.rows.length];
    } catch (error) {
      if (epoch !== this.epoch) return;
      this.failure = failureOf(error);
    }
    this.isStale = false;
    await counting;
    if (epoch === this.epoch) this.isLoading = false;
    void this.fill();
  }

  private show(first: number): void {
    const atStart = (this.stretches[0]?.before ?? null) === null;
    this.rows = this.stretches.flatMap((stretch) => stretch.rows);
    this.first = atStart ? 0 : Math.max(first, 1);
  }

  /** Says which rows show, so that they are there. */
  need(from: number, to: number): void {
    this.wanted = [from, to];
    void this.fill();
  }

  private async fill(): Promise<void> {
    if (this.isAtWork || this.stretches.length === 0) return;
    this.isAtWork = true;
    try {
      while (await this.step());
    } finally {
      this.isAtWork = false;
    }
  }

  /** Loads one page towards what is wanted; false when there is nothing left to load. */
  private async step(): Promise<boolean> {
    const [from, to] = this.wanted;
    const end = this.first + this.rows.length;
    const epoch = this.epoch;
    const head = this.stretches[0];
    const tail = this.stretches.at(-1);
    if (!head || !tail || this.failure) return false;
    try {
      if (from > end + PAGE || to < this.first - PAGE) {
        const index = Math.max(0, from - PAGE / 4);
        const page = await this.page({ type: "at", index }, PAGE, false);
        if (epoch !== this.epoch) return false;
        if (page.rows.length === 0) return false;
        this.stretches = [page];
        this.show(page.is_first_exact ? page.first : index);
        return this.stretches.length > 0 && this.wanted[0] !== from;
      }
      if (from < this.first && head.before) {
        const page = await this.page({ type: "before", cursor: head.before }, PAGE, false);
        if (epoch !== this.epoch) return false;
        this.stretches = [page, ...this.stretches].slice(0, MOST_PAGES);
        this.show(this.first - page.rows.length);
        return page.rows.length > 0;
      }
      if (to > end && tail.after) {
        const page = await this.page({ type: "after", cursor: tail.after }, PAGE, false);
        if (epoch !== this.epoch) return false;
        const kept = [...this.stretches, page];
        const dropped = kept.slice(0, Math.max(0, kept.length - MOST_PAGES));
        this.stretches = kept.slice(dropped.length);
        this.show(this.first + dropped.reduce((sum, stretch) => sum + stretch.rows.length, 0));
        return page.rows.length > 0;
      }
      return false;
    } catch (error) {
      if (epoch === this.epoch) this.failure = failureOf(error);
      return false;
    }
  }

  /** Whether all of these rows are loaded. */
  holds(low: number, high: number): boolean {
    for (let index = low; index <= high; index++) if (!this.at(index)) return false;
    return true;
  }

  /** Ids of a stretch of rows, loading what is missing, up to a bound. */
  async idsBetween(from: number, to: number, most = 5000): Promise<string[]> {
    const [low, high] = from < to ? [from, to] : [to, from];
    const ids: string[] = [];
    let index = low;
    while (index <= high && ids.length < most) {
      const row = this.at(index);
      if (row) {
        ids.push(this.id(row));
        index++;
        continue;
      }
      const page = await this.page({ type: "at", index }, Math.min(500, high - index + 1), false);
      if (page.rows.length === 0) break;
      ids.push(...page.rows.map((each) => this.id(each)));
      index += page.rows.length;
    }
    return ids;
  }

  /** Counts again, so that the list can say how many rows are new. */
  async recount(): Promise<void> {
    const epoch = this.epoch;
    const before = this.total?.rows;
    try {
      const page = await this.page({ type: "start" }, 0, true);
      if (epoch !== this.epoch || !page.total || before === undefined) return;
      this.fresh = page.total.rows - before;
    } catch (error) {
      failureOf(error);
    }
  }
}
