import { beforeAll, describe, expect, it } from "vitest";

import { chip, isActive, without, type FilterSpec } from "./filters";
import { cleaned } from "./list.svelte";
import { locale } from "./locale.svelte";

const states: FilterSpec = { kind: "choice", key: "states", label: () => "Zustand", options: () => [{ value: "active", label: "aktiv" }, { value: "blocked", label: "gesperrt" }] };
const days: FilterSpec = { kind: "days", from: "from", to: "to", label: () => "Registriert" };
const failed: FilterSpec = { kind: "flag", key: "failed", label: () => "Fehler", yes: () => "mit", no: () => "ohne" };

beforeAll(() => {
  locale.current = "de";
});

describe("parts of a filter", () => {
  it("say in words what they narrow to", () => {
    expect(chip(states, { states: ["active", "odd"] })).toBe("Zustand: aktiv, odd");
    expect(chip(days, { from: "2013-01-01", to: "2013-01-31" })).toBe("Registriert: 01.01.2013 – 31.01.2013");
    expect(chip(days, { from: "2013-01-31", to: "2013-01-31" })).toBe("Registriert: 31.01.2013");
    expect(chip(days, { to: "2013-01-31" })).toBe("Registriert: bis 31.01.2013");
    expect([chip(failed, { failed: true }), chip(failed, { failed: false })]).toEqual(["mit", "ohne"]);
  });

  it("narrow even when the answer is no, and not when nothing is chosen", () => {
    expect([isActive(failed, { failed: false }), isActive(failed, {}), isActive(states, { states: [] }), isActive(days, { to: "2013-01-31" })]).toEqual([true, false, false, true]);
  });

  it("go without leaving anything behind", () => {
    expect(without(days, { from: "a", to: "b", search: "x" })).toEqual({ search: "x" });
    expect(cleaned({ search: "", states: [], failed: false, from: null, a: "x" })).toEqual({ a: "x", failed: false });
  });
});
