import { describe, expect, it } from "vitest";

import { difference, flippedBit, flippedByte, type Piece } from "./diff";

const text = (pieces: Piece[]) => pieces.map((piece) => piece.text).join("");
const changed = (pieces: Piece[]) => pieces.filter((piece) => piece.isChanged).map((piece) => piece.text);

describe("what differs between two values", () => {
  it("marks the one character that changed", () => {
    const { before, after } = difference("max@exanple.com", "max@example.com");
    expect(changed(before)).toEqual(["n"]);
    expect(changed(after)).toEqual(["m"]);
  });

  it("marks what was inserted, and nothing on the other side", () => {
    const { before, after } = difference("Haupstraße 4", "Hauptstraße 4");
    expect(changed(before)).toEqual([]);
    expect(changed(after)).toEqual(["t"]);
  });

  it("does not scatter marks over words that only share letters by chance", () => {
    const { before, after } = difference("petra.kowalski@example.com", "anna.kowalski@example.com");
    expect(changed(before)).toEqual(["petr"]);
    expect(changed(after)).toEqual(["ann"]);
  });

  it("marks all of a value that became another one", () => {
    const { before, after } = difference("abgelegt", "storniert");
    expect(changed(before)).toEqual(["abgelegt"]);
    expect(changed(after)).toEqual(["storniert"]);
  });

  it("loses no character of either side, whatever they are", () => {
    const letters = ["a", "b", "ä", "ß", "😀", " ", "é"];
    let seed = 7;
    const next = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
    for (let round = 0; round < 400; round++) {
      const [one, other] = [0, 1].map(() => Array.from({ length: next(14) }, () => letters[next(letters.length)]).join("")) as [string, string];
      const { before, after } = difference(one, other);
      expect(text(before)).toBe(one);
      expect(text(after)).toBe(other);
      const kept = (pieces: Piece[]) => text(pieces.filter((piece) => !piece.isChanged));
      expect(kept(before)).toBe(kept(after));
      if (one === other) expect(changed(before)).toEqual([]);
      else expect([...changed(before), ...changed(after)].length).toBeGreaterThan(0);
    }
  });

  it("marks very long texts between their common ends", () => {
    const { before, after } = difference(`x${"a".repeat(5000)}y`, `x${"b".repeat(5000)}y`);
    expect(changed(before)).toEqual(["a".repeat(5000)]);
    expect(text(after)).toBe(`x${"b".repeat(5000)}y`);
  });
});

describe("a flipped bit", () => {
  it("is found in one character", () => {
    expect(flippedBit("Anla", "Anma")?.bit).toBe(0);
    expect(flippedBit("Anka", "Anna")).toBeNull();
    expect(flippedBit("Haul", "Haum")).toMatchObject({ place: 4, before: "l", after: "m", bit: 0, beforeHex: "0x6C", afterHex: "0x6D", beforeBits: "01101100", afterBits: "01101101" });
    expect(flippedBit("A", "a")?.bit).toBe(5);
  });

  it("is none when two characters changed, or the length, or nothing", () => {
    expect(flippedBit("ab", "cd")).toBeNull();
    expect(flippedBit("a", "ab")).toBeNull();
    expect(flippedBit("a", "a")).toBeNull();
  });
});

describe("a flipped bit of the bytes", () => {
  it("is shown with both bytes, letters only where they are letters", () => {
    expect(flippedByte("Maier", "Mayer", { byte: 2, bit: 4 })).toMatchObject({ place: 3, before: "i", after: "y", beforeBits: "01101001", afterBits: "01111001", beforeHex: "0x69", bit: 4 });
    expect(flippedByte("M\u00fcller", "M\u00bcller", { byte: 1, bit: 0 })).toMatchObject({ place: 2, before: "", after: "", beforeHex: "0xC3", afterHex: "0xC2" });
  });

  it("is not shown where the values do not differ in it", () => {
    expect(flippedByte("Maier", "Meyer", { byte: 2, bit: 0 })).toBeNull();
    expect(flippedByte("Mai", "Mai", { byte: 9, bit: 0 })).toBeNull();
  });
});
