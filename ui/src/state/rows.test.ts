import { describe, expect, it } from "vitest";

import type { Page, Place } from "../generated/api";
import { RowWindow } from "./rows.svelte";

interface Row {
  id: string;
}

/** A list of so many rows, with the places that it was asked for. */
function listOf(total: number, isExact = true) {
  const asked: Place["type"][] = [];
  const ask = async (place: Place, limit: number, withTotal: boolean): Promise<Page<Row>> => {
    if (limit > 0) asked.push(place.type);
    let from = 0;
    if (place.type === "at") from = Math.min(place.index + (isExact ? 0 : 3), Math.max(0, total - 1));
    if (place.type === "after") from = Number(place.cursor);
    if (place.type === "before") from = Math.max(0, Number(place.cursor) - limit);
    if (place.type === "around") from = Math.max(0, Number(place.id) - 20);
    const to = place.type === "before" ? Number(place.cursor) : Math.min(total, from + limit);
    return {
      rows: Array.from({ length: Math.max(0, to - from) }, (_, index) => ({ type: "whole" as const, value: { id: String(from + index) } })),
      first: isExact ? from : Math.max(0, from - 3),
      is_first_exact: isExact,
      before: from > 0 ? String(from) : null,
      after: to < total ? String(to) : null,
      total: withTotal ? { rows: total, is_exact: isExact } : null,
    };
  };
  return { rows: new RowWindow<Row>(ask, (row) => row.id), asked };
}

const idAt = (rows: RowWindow<Row>, index: number) => {
  const row = rows.at(index);
  return row?.type === "whole" ? row.value.id : undefined;
};
const rest = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("rows of a list", () => {
  it("are read from the start, with their number", async () => {
    const { rows } = listOf(1000);
    await rows.reset();
    expect([rows.count, idAt(rows, 0), idAt(rows, 199), idAt(rows, 200)]).toEqual([1000, "0", "199", undefined]);
  });

  it("are joined by cursors when they lie side by side", async () => {
    const { rows, asked } = listOf(1000);
    await rows.reset();
    rows.need(190, 420);
    await rest();
    expect([idAt(rows, 420), asked]).toEqual(["420", ["start", "after", "after"]]);
  });

  it("begin a new stretch after a jump, and grow from there in both directions", async () => {
    const { rows, asked } = listOf(1_000_000);
    await rows.reset();
    rows.need(500_000, 500_030);
    await rest();
    expect(idAt(rows, 500_000)).toBe("500000");
    expect(idAt(rows, 0)).toBeUndefined();
    rows.need(499_900, 499_930);
    await rest();
    expect([idAt(rows, 499_900), asked.at(-1)]).toEqual(["499900", "before"]);
  });

  it("keep no more pages than they need while one walks through a long list", async () => {
    const { rows } = listOf(100_000);
    await rows.reset();
    for (let at = 0; at < 10_000; at += 150) {
      rows.need(at, at + 40);
      await rest();
    }
    expect(rows.rows.length).toBeLessThanOrEqual(12 * 200);
    expect(idAt(rows, 9_900)).toBe("9900");
  });

  it("know their end once they saw it, even if the database only estimated", async () => {
    const { rows } = listOf(250, false);
    await rows.reset();
    rows.need(180, 260);
    await rest();
    expect([rows.count, idAt(rows, 249)]).toEqual([250, "249"]);
  });

  it("are found around a record", async () => {
    const { rows } = listOf(5000);
    await rows.reset();
    expect(await rows.around("4321")).toBe(4321);
    expect(await rows.around("nobody")).toBe(-1);
  });

  it("give the ids of a stretch, loaded or not", async () => {
    const { rows } = listOf(5000);
    await rows.reset();
    const ids = await rows.idsBetween(1200, 150);
    expect([ids.length, ids[0], ids.at(-1)]).toEqual([1051, "150", "1200"]);
  });

  it("are none once they were forgotten, whatever was under way", async () => {
    const { rows } = listOf(5000);
    await rows.reset();
    const again = rows.refresh();
    rows.clear();
    await again;
    expect([rows.count, rows.rows.length, rows.total, rows.isLoading]).toEqual([0, 0, null, false]);
  });

  it("ignore the answer to a question that is no longer asked", async () => {
    let release = () => {};
    const slow = new Promise<void>((resolve) => (release = resolve));
    let turn = 0;
    const rows = new RowWindow<Row>(
      async (_place, limit) => {
        const mine = limit > 0 ? ++turn : 0;
        if (mine === 1) await slow;
        return { rows: limit ? [{ type: "whole", value: { id: `answer ${mine}` } }] : [], first: 0, is_first_exact: true, before: null, after: null, total: { rows: 1, is_exact: true } };
      },
      (row) => row.id,
    );
    const first = rows.reset();
    await rows.reset();
    release();
    await first;
    expect(idAt(rows, 0)).toBe("answer 2");
  });

  it("say why they could not be read", async () => {
    const rows = new RowWindow<Row>(
      () => Promise.reject(new (class extends Error {})("gone")),
      (row) => row.id,
    );
    const complain = console.error;
    console.error = () => {};
    await rows.reset();
    console.error = complain;
    expect(rows.failure?.code).toBe("unexpected");
    expect(rows.isEmpty).toBe(false);
  });
});
