import { describe, expect, it } from "vitest";

import { Chosen, extended } from "./selection.svelte";

describe("chosen rows", () => {
  it("are these, one by one", () => {
    const chosen = new Chosen();
    chosen.toggle("a");
    chosen.toggle("b");
    chosen.toggle("a");
    expect([chosen.has("a"), chosen.has("b"), chosen.count(10)]).toEqual([false, true, 1]);
    expect(chosen.asked({ search: "x" })).toEqual({ type: "these", ids: ["b"] });
  });

  it("are all that match, but for those taken out again", () => {
    const chosen = new Chosen();
    chosen.toggle("a");
    chosen.all();
    expect(chosen.has("a")).toBe(true);
    chosen.toggle("b");
    expect([chosen.has("b"), chosen.count(8532)]).toEqual([false, 8531]);
    expect(chosen.asked({ search: "x" })).toEqual({ type: "all", filter: { search: "x" }, except: ["b"] });
    chosen.toggle("b");
    expect(chosen.count(8532)).toBe(8532);
  });

  it("change as a stretch, in both modes", () => {
    const chosen = new Chosen();
    chosen.setAll(["a", "b", "c"], true);
    chosen.setAll(["b"], false);
    expect(chosen.count(3)).toBe(2);
    chosen.all();
    chosen.setAll(["a", "b"], false);
    expect(chosen.count(3)).toBe(1);
    chosen.setAll(["a"], true);
    expect(chosen.count(3)).toBe(2);
  });

  it("are none after they were cleared", () => {
    const chosen = new Chosen();
    chosen.all();
    chosen.clear();
    expect([chosen.isEmpty, chosen.count(5), chosen.has("a")]).toEqual([true, 0, false]);
  });
});

describe("a choice that is extended", () => {
  it("takes every row between, forwards and backwards", () => {
    expect(extended(3, 3, 20, 5000)).toEqual({ chosen: [3, 20], left: [], isCut: false });
    expect(extended(20, 20, 3, 5000)).toEqual({ chosen: [3, 20], left: [], isCut: false });
  });

  it("leaves what lies beyond on the way back, also across its anchor", () => {
    expect(extended(3, 20, 8, 5000)).toEqual({ chosen: [3, 8], left: [[9, 20]], isCut: false });
    expect(extended(10, 20, 4, 5000)).toEqual({ chosen: [4, 10], left: [[11, 20]], isCut: false });
    expect(extended(10, 4, 10, 5000)).toEqual({ chosen: [10, 10], left: [[4, 9]], isCut: false });
  });

  it("says where it stops", () => {
    expect(extended(0, 0, 7000, 5000)).toEqual({ chosen: [0, 4999], left: [], isCut: true });
    expect(extended(0, 7000, 10, 5000)).toEqual({ chosen: [0, 10], left: [[11, 4999]], isCut: false });
  });

  it("began anew when it was cleared or became all", () => {
    const chosen = new Chosen();
    const before = chosen.era;
    chosen.clear();
    chosen.all();
    expect(chosen.era).toBe(before + 2);
  });
});
