import { describe, expect, it } from "vitest";

import { drawn, isScaled, lastTop, LONGEST, offsetOf, reveal, scrollOf, stretch, topOf } from "./window";

const short = { total: 8532, row: 28, view: 644 };
const long = { total: 1_000_000, row: 28, view: 644 };

describe("a window of rows", () => {
  it("scrolls pixel by pixel while the list is short enough for a browser", () => {
    expect(isScaled(short)).toBe(false);
    expect(stretch(short)).toBe(8532 * 28);
    expect(topOf(short, 280)).toBe(10);
    expect(scrollOf(short, 10)).toBe(280);
    expect(offsetOf(short, 10, 280, 12)).toBe(336);
  });

  it("scales the scrollbar of a million rows, and reaches both ends", () => {
    expect(isScaled(long)).toBe(true);
    expect(stretch(long)).toBe(LONGEST);
    expect(topOf(long, 0)).toBe(0);
    expect(topOf(long, LONGEST - 644)).toBe(lastTop(long));
    expect(scrollOf(long, lastTop(long))).toBe(LONGEST - 644);
  });

  it("finds back from a row to its place and to the row", () => {
    for (const measures of [short, long]) {
      for (const top of [0, 1, 17.5, 4000, lastTop(measures)]) expect(topOf(measures, scrollOf(measures, top))).toBeCloseTo(top, 4);
    }
  });

  it("draws what shows and a few beyond, never past the ends", () => {
    expect(drawn(short, 0, 4)).toEqual([0, 27]);
    expect(drawn(short, 100, 4)).toEqual([96, 127]);
    expect(drawn(short, lastTop(short), 4)[1]).toBe(8532);
    expect(drawn({ total: 0, row: 28, view: 644 }, 0)).toEqual([0, 0]);
  });

  it("puts the row on top at the top edge, scaled or not", () => {
    for (const measures of [short, long]) {
      const scrolled = scrollOf(measures, 5000);
      expect(offsetOf(measures, 5000, scrolled, 5000) - scrolled).toBeCloseTo(0, 3);
      expect(offsetOf(measures, 5000, scrolled, 5001) - scrolled).toBeCloseTo(28, 3);
    }
  });

  it("moves only as far as a row needs to show", () => {
    expect(reveal(short, 10, 15)).toBe(10);
    expect(reveal(short, 10, 3)).toBe(3);
    expect(reveal(short, 10, 33)).toBe(11);
  });
});
