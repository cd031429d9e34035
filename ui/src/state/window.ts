// The arithmetic of a virtual window of rows: which rows to draw, and how a scrollbar of bounded length leads through a
// list of any length. Browsers stop scrolling near 33 million pixels; below `LONGEST` a pixel is a pixel, above it the
// scrollbar is scaled and the wheel moves by rows.

/** Longest stretch that is scrolled pixel by pixel. */
export const LONGEST = 8_000_000;

/** The measures of a window of rows, in pixels. */
export interface Measures {
  /** Rows of the list. */
  total: number;
  /** Height of a row. */
  row: number;
  /** Height that shows. */
  view: number;
}

/** Length of what is scrolled. */
export function stretch({ total, row, view }: Measures): number {
  return Math.min(Math.max(total * row, view), LONGEST);
}

/** Whether the scrollbar is scaled. */
export function isScaled({ total, row }: Measures): boolean {
  return total * row > LONGEST;
}

/** The greatest row that can stand on top. */
export function lastTop({ total, row, view }: Measures): number {
  return Math.max(0, total - view / row);
}

/** The row on top (with its fraction) at a place of the scrollbar. */
export function topOf(measures: Measures, scrolled: number): number {
  if (!isScaled(measures)) return scrolled / measures.row;
  const longest = stretch(measures) - measures.view;
  return longest <= 0 ? 0 : Math.min(1, scrolled / longest) * lastTop(measures);
}

/** The place of the scrollbar for a row on top. */
export function scrollOf(measures: Measures, top: number): number {
  const bounded = Math.min(Math.max(0, top), lastTop(measures));
  if (!isScaled(measures)) return bounded * measures.row;
  const last = lastTop(measures);
  return last <= 0 ? 0 : (bounded / last) * (stretch(measures) - measures.view);
}

/** Rows to draw: those that show and a few beyond, as [from, to). */
export function drawn(measures: Measures, top: number, beyond = 8): [number, number] {
  const from = Math.max(0, Math.floor(top) - beyond);
  const to = Math.min(measures.total, Math.ceil(top + measures.view / measures.row) + beyond);
  return [Math.min(from, to), to];
}

/** Where a drawn row stands inside what is scrolled. */
export function offsetOf(measures: Measures, top: number, scrolled: number, index: number): number {
  return isScaled(measures) ? scrolled + (index - top) * measures.row : index * measures.row;
}

/** The row on top so that a row shows whole; the same when it shows already. */
export function reveal(measures: Measures, top: number, index: number): number {
  const visible = measures.view / measures.row;
  if (index < top) return index;
  if (index + 1 > top + visible) return Math.max(0, index + 1 - visible);
  return top;
}
