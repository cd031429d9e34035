import { describe, expect, it } from "vitest";

import type { Column } from "../generated/api";
import { arranged, moved, NARROWEST, placed, type ColumnSpec } from "./columns";

const spec = (name: string, isExtra = false): ColumnSpec<string> => ({ name, title: () => name, width: 100, text: (row) => row, isExtra });
const specs = [spec("a"), spec("b"), spec("c", true)];

describe("columns", () => {
  it("stand as the program has them until somebody arranges them", () => {
    expect(placed(specs, null, 1280).map((column) => [column.spec.name, column.isShown])).toEqual([["a", true], ["b", true], ["c", false]]);
  });

  it("show where there is room for them, and as they were arranged whatever the room", () => {
    const roomy = [spec("a"), { ...spec("b"), roomFrom: 1440 }];
    const shown = (room: number, kept: Column[] | null) => placed(roomy, kept, room).filter((column) => column.isShown).map((column) => column.spec.name);
    expect(shown(1439, null)).toEqual(["a"]);
    expect(shown(1440, null)).toEqual(["a", "b"]);
    expect(shown(1280, [{ name: "b", width: 100, is_shown: true }, { name: "a", width: 100, is_shown: false }])).toEqual(["b"]);
  });

  it("stand as they were arranged; new ones follow, unknown ones go, and none is too narrow", () => {
    const kept = [{ name: "c", width: 3, is_shown: true }, { name: "gone", width: 80, is_shown: true }, { name: "a", width: 150, is_shown: false }];
    const columns = placed(specs, kept, 1280);
    expect(columns.map((column) => [column.spec.name, column.width, column.isShown])).toEqual([["c", NARROWEST, true], ["a", 150, false], ["b", 100, true]]);
    expect(arranged(columns)[1]).toEqual({ name: "a", width: 150, is_shown: false });
  });

  it("move by one place, and stay at the ends", () => {
    const names = (step: -1 | 1, name: string) => moved(placed(specs, null, 1280), name, step).map((column) => column.spec.name);
    expect(names(1, "a")).toEqual(["b", "a", "c"]);
    expect(names(-1, "a")).toEqual(["a", "b", "c"]);
  });
});
