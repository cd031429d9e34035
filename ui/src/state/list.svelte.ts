// A list with everything that belongs to it: filter, order, rows, focus, what is chosen, columns, and its saved filters. It
// outlives its screen, so that a person comes back to where they were.

import type {
  Column,
  ListAsk,
  ListName,
  ListQuery,
  Order,
  Page,
  Part,
  SavedFilter,
  Stored,
} from "../generated/api";
import { arranged, moved, placed, type ColumnSpec, type PlacedColumn } from "./columns";
import { desk, viewport } from "./desk.svelte";
import { listen } from "./office.svelte";
import { RowWindow } from "./rows.svelte";
import { Chosen } from "./selection.svelte";

const QUIET = 2000;

/** Rows that are read around one that is gone to, and how patiently they are waited for. */
const AROUND = 20;
const TRIES = 100;
const AGAIN = 30;

/** What a list is made of. */
export interface ListSource<F, S extends string, Row> {
  name: ListName;
  /** Asks the office. */
  ask: (ask: ListAsk<F, S>) => Promise<Page<Row>>;
  /** Id of a row. */
  id: (row: Row) => string;
  /** Parts of the database that its rows are made of. */
  parts: Part[];
  /** The filter that does not narrow. */
  plain: F;
  /** The list's own order, as it is shown when nobody chose another. */
  order: Order<S>;
  /** What no saved filter changes. */
  fixed?: Partial<F>;
}

/** The row with the focus. */
export interface Focus {
  index: number;
  id: string;
}

/** A list. */
export class List<F extends object, S extends string, Row> {
  readonly name: ListName;
  readonly rows: RowWindow<Row>;
  readonly chosen = new Chosen();
  /** What narrows it. */
  filter = $state.raw<F>({} as F);
  /** How it is sorted. */
  order = $state.raw<Order<S>>({ by: "" as S, descending: false });
  /** The row with the focus; its record shows beside the list. */
  focus = $state.raw<Focus | null>(null);
  /** Row on top, with its fraction. */
  top = $state(0);
  /** The saved filter that is open. */
  saved = $state.raw<SavedFilter | null>(null);
  /** Columns that a saved filter brought, until somebody arranges them. */
  private columnsOfSaved = $state.raw<Column[] | null>(null);
  /** The list was asked for. */
  isOpen = false;
  /** Counts up when the focus was put on a record by a link, so that it shows. */
  revealed = $state(0);
  /** A link's record is being looked for; the screen's own focus does not take its place meanwhile. */
  isFollowing = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private due = Infinity;
  private readAt = 0;

  constructor(readonly source: ListSource<F, S, Row>) {
    this.name = source.name;
    this.filter = source.plain;
    this.order = source.order;
    this.rows = new RowWindow<Row>(
      (place, limit, withTotal) =>
        source.ask({ filter: this.filter, order: this.order, place, limit, with_total: withTotal }),
      source.id,
    );
    listen((event) => {
      if (event.type === "changed" && event.parts.some((part) => source.parts.includes(part))) this.hear(event.is_own);
    });
  }

  /** Reads it, unless it is there. */
  open(): void {
    if (this.isOpen) return;
    this.isOpen = true;
    void this.rows.reset();
  }

  /** Forgets everything: another database was opened. */
  close(): void {
    this.isOpen = false;
    this.filter = this.source.plain;
    this.order = this.source.order;
    this.saved = null;
    this.columnsOfSaved = null;
    this.focus = null;
    this.isFollowing = false;
    this.top = 0;
    this.chosen.clear();
    this.rows.clear();
  }

  /** The row with the focus, where it is loaded. */
  get focused(): Stored<Row> | null {
    const focus = this.focus;
    const row = focus ? this.rows.at(focus.index) : undefined;
    return row && focus && this.rows.id(row) === focus.id ? row : null;
  }

  /** Whether anything narrows the list. */
  get isNarrowed(): boolean {
    return Object.keys(this.filter).some((key) => !(key in this.source.plain) && isSet(this.filter[key as keyof F]));
  }

  /** Narrows it. What was chosen belonged to the old list, so nothing is chosen. */
  narrow(filter: F): void {
    this.filter = filter;
    this.restart();
  }

  /** Changes a part of the filter. */
  narrowBy(part: Partial<F>): void {
    this.narrow(cleaned({ ...this.filter, ...part }));
  }

  /** Sorts it by a column, the other way round when it is sorted by it already. */
  sortBy(by: S): void {
    const descending = this.order.by === by ? !this.order.descending : false;
    this.order = { by, descending };
    this.restart();
  }

  /** Shows a whole query, such as the one behind a figure. */
  show(filter: F, order: Order<S> | null): void {
    this.saved = null;
    this.columnsOfSaved = null;
    this.filter = cleaned({ ...this.source.plain, ...filter, ...this.source.fixed });
    this.order = order ?? this.source.order;
    this.restart();
  }

  /** Opens a saved filter. */
  openSaved(saved: SavedFilter): void {
    this.show(saved.query.filter as F, saved.query.order as Order<S> | null);
    this.saved = saved;
    this.columnsOfSaved = saved.columns;
  }

  /** The open saved filter says something else than the list. */
  get isSavedChanged(): boolean {
    if (!this.saved) return false;
    const stored = JSON.stringify([cleaned(this.saved.query.filter), this.saved.query.order ?? this.source.order]);
    return stored !== JSON.stringify([cleaned(this.filter), this.order]);
  }

  private restart(): void {
    this.isOpen = true;
    this.chosen.clear();
    this.focus = null;
    this.top = 0;
    void this.rows.reset();
  }

  /** Reads it anew where it stands. */
  async refresh(): Promise<void> {
    const focus = this.focus;
    await this.rows.refresh();
    if (focus && this.focus?.id === focus.id) {
      const index = this.rows.indexOf(focus.id);
      if (index >= 0 && index !== focus.index) this.focus = { index, id: focus.id };
    }
  }

  /** Puts the focus on a record, wherever it stands in the list. */
  async focusOn(id: string): Promise<void> {
    this.isOpen = true;
    this.focus = { index: -1, id };
    this.isFollowing = true;
    const index = await this.rows.around(id);
    if (this.focus?.id !== id) return;
    this.isFollowing = false;
    this.focus = { index, id };
    this.revealed++;
  }

  /** Puts the focus on the row at this place, however far away it is; false beyond an end. */
  async goTo(index: number): Promise<boolean> {
    if (index < 0 || index >= this.rows.count) return false;
    this.rows.need(Math.max(0, index - AROUND), index + AROUND);
    for (let tries = 0; !this.rows.at(index) && tries < TRIES; tries++) await new Promise((resolve) => setTimeout(resolve, AGAIN));
    const row = this.rows.at(index);
    if (!row) return false;
    this.focus = { index, id: this.rows.id(row) };
    return true;
  }

  /** Puts the focus on the next row (1) or the one before (-1); false at an end. A row that is gone was before the one in its place. */
  async step(by: 1 | -1): Promise<boolean> {
    const focus = this.focus;
    const row = focus ? this.rows.at(focus.index) : undefined;
    const isGone = focus !== null && row !== undefined && this.rows.id(row) !== focus.id;
    const done = await this.goTo(isGone && by > 0 ? focus.index : (focus?.index ?? -1) + by);
    if (done) this.revealed++;
    return done;
  }

  /** The list as a query. */
  get query(): ListQuery {
    return { list: this.name, filter: this.filter, order: this.order } as unknown as ListQuery;
  }

  /** Its columns as a person arranged them. */
  columns(specs: ColumnSpec<Row>[]): PlacedColumn<Row>[] {
    return placed(specs, this.columnsOfSaved ?? desk.settings.lists[this.name], viewport.width);
  }

  /** Keeps another arrangement of its columns. */
  arrange(columns: PlacedColumn<Row>[]): void {
    this.columnsOfSaved = null;
    desk.keepColumns(this.name, arranged(columns));
  }

  /** Moves a column. */
  moveColumn(specs: ColumnSpec<Row>[], name: string, step: -1 | 1): void {
    this.arrange(moved(this.columns(specs), name, step));
  }

  private hear(isOwn: boolean): void {
    if (!this.isOpen) return;
    const now = Date.now();
    const due = now + (isOwn && now - this.readAt > 1000 ? 50 : isOwn ? 1000 : QUIET);
    if (due >= this.due) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(() => {
      this.due = Infinity;
      this.readAt = Date.now();
      void (isOwn ? this.refresh() : this.lookAgain());
    }, due - now);
  }

  /** Others changed rows: what shows is read anew, but new rows wait until they are asked for. */
  private async lookAgain(): Promise<void> {
    await this.rows.recount();
    if (this.rows.fresh <= 0) await this.refresh();
  }
}

function isSet(value: unknown): boolean {
  if (value === null || value === undefined || value === "") return false;
  return !Array.isArray(value) || value.length > 0;
}

/** A filter without what does not narrow. */
export function cleaned<F extends object>(filter: F): F {
  const set = Object.entries(filter).filter(([, value]) => isSet(value));
  return Object.fromEntries(set.sort(([a], [b]) => (a < b ? -1 : 1))) as F;
}
