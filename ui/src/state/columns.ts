// Columns of a list as the program knows them, and as a person arranged them.

import type { Column, ListName } from "../generated/api";
import type { Status } from "../words/codes";

/** A column. */
export interface ColumnSpec<Row> {
  /** Its name: that of the row's field. */
  name: string;
  /** Its heading. */
  title: () => string;
  /** Its width in pixels at 100 %. */
  width: number;
  /** What stands in it. */
  text: (row: Row) => string;
  /** A status, shown as icon and word. */
  status?: (row: Row) => Status | null;
  /** Figures stand right, so that their places align. */
  isFigure?: boolean;
  /** Hashes and ids. */
  isMono?: boolean;
  /** The word of the contract that sorts by it. */
  sort?: string;
  /** Whether it shows unless somebody says otherwise. */
  isExtra?: boolean;
  /** From which width of the window, at 100 %, it shows unless somebody says otherwise: below, the list would scroll sideways. */
  roomFrom?: number;
  /** Takes what room is left. */
  isElastic?: boolean;
  /** What an export writes; none leaves the column out of it. */
  exports?: Array<{ field: string; title?: () => string; words?: () => Record<string, string> }>;
}

/** A column in its place. */
export interface PlacedColumn<Row> {
  spec: ColumnSpec<Row>;
  width: number;
  isShown: boolean;
}

/** Narrowest and widest column. */
export const NARROWEST = 48;
export const WIDEST = 900;

/** The columns as they were arranged, or as a window of this width has room for; columns that the arrangement does not know follow at the end. */
export function placed<Row>(specs: ColumnSpec<Row>[], kept: Column[] | null | undefined, room: number): PlacedColumn<Row>[] {
  const plain = (spec: ColumnSpec<Row>) => ({ spec, width: spec.width, isShown: !spec.isExtra && room >= (spec.roomFrom ?? 0) });
  if (!kept || kept.length === 0) return specs.map(plain);
  const arranged = kept.flatMap((column) => {
    const spec = specs.find((each) => each.name === column.name);
    const width = Math.min(WIDEST, Math.max(NARROWEST, column.width));
    return spec ? [{ spec, width, isShown: column.is_shown }] : [];
  });
  const missing = specs.filter((spec) => !kept.some((column) => column.name === spec.name));
  return [...arranged, ...missing.map(plain)];
}

/** The columns as the contract keeps them. */
export function arranged<Row>(columns: PlacedColumn<Row>[]): Column[] {
  return columns.map(({ spec, width, isShown }) => ({ name: spec.name, width: Math.round(width), is_shown: isShown }));
}

/** Moves a column by one place. */
export function moved<Row>(columns: PlacedColumn<Row>[], name: string, step: -1 | 1): PlacedColumn<Row>[] {
  const from = columns.findIndex((column) => column.spec.name === name);
  const to = from + step;
  if (from < 0 || to < 0 || to >= columns.length) return columns;
  const next = [...columns];
  [next[from], next[to]] = [next[to]!, next[from]!];
  return next;
}

/** Lists whose columns are kept. */
export type ListKey = ListName;
