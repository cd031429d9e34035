import { describe, expect, it } from "vitest";

import { Chosen } from "./selection.svelte";

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
