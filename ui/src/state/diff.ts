// What differs between two values: character by character, and, where one character lost or gained a single bit, which bit.

/** A piece of a text. */
export interface Piece {
  text: string;
  isChanged: boolean;
}

/** Both sides of a difference. */
export interface Difference {
  before: Piece[];
  after: Piece[];
}

/** A character that differs from another by one bit. */
export interface FlippedBit {
  /** Place of the character, counted from 1. */
  place: number;
  before: string;
  after: string;
  /** Both codes in binary, of equal length. */
  beforeBits: string;
  afterBits: string;
  /** Both codes in hexadecimal. */
  beforeHex: string;
  afterHex: string;
  /** The bit, counted from the lowest. */
  bit: number;
}

const LONGEST = 600;

/** The characters that differ, by a longest common subsequence. Values that share little differ as a whole. Very long texts differ as a whole between what they share at both ends. */
export function difference(before: string, after: string): Difference {
  const old = [...before];
  const now = [...after];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start++;
  let end = 0;
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  const middleOld = old.slice(start, old.length - end);
  const middleNow = now.slice(start, now.length - end);
  const isLong = middleOld.length > LONGEST || middleNow.length > LONGEST;
  const pairs = isLong ? [] : readable(common(middleOld, middleNow), middleOld.length, middleNow.length);
  // What shares less than a third is another value, not a changed one: then all of it is marked.
  if ((start + end + pairs.length) * 3 < Math.max(old.length, now.length) && !isLong) {
    const whole = (text: string) => (text ? [{ text, isChanged: true }] : []);
    return { before: whole(before), after: whole(after) };
  }
  const keptOld = new Set(pairs.map(([place]) => place));
  const keptNow = new Set(pairs.map(([, place]) => place));
  const side = (characters: string[], kept: Set<number>) =>
    joined(characters.map((text, place) => {
      const inMiddle = place >= start && place < characters.length - end;
      return { text, isChanged: inMiddle && !kept.has(place - start) };
    }));
  return { before: side(old, keptOld), after: side(now, keptNow) };
}

/** Pairs of places that hold the same character on both sides. */
type Pairs = Array<[number, number]>;

/** Drops islands of one or two letters between longer changes: they agree by chance and only make the difference hard to read. */
function readable(pairs: Pairs, oldLength: number, nowLength: number): Pairs {
  const runs: Pairs[] = [];
  for (const pair of pairs) {
    const last = runs.at(-1)?.at(-1);
    if (last && pair[0] === last[0] + 1 && pair[1] === last[1] + 1) runs.at(-1)?.push(pair);
    else runs.push([pair]);
  }
  const gap = (before: [number, number] | undefined, after: [number, number]) => Math.max(after[0] - (before?.[0] ?? -1), after[1] - (before?.[1] ?? -1)) - 1;
  const kept = runs.filter((run, place) => {
    if (run.length > 2) return true;
    const ahead = gap(runs[place - 1]?.at(-1), run[0]!);
    const behind = gap(run.at(-1), runs[place + 1]?.[0] ?? [oldLength, nowLength]);
    return Math.max(ahead, behind) <= run.length;
  });
  return kept.flat();
}

function common(old: string[], now: string[]): Pairs {
  const width = now.length + 1;
  const lengths = new Uint16Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        old[i] === now[j]
          ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
    }
  }
  const pairs: Pairs = [];
  let i = 0;
  let j = 0;
  while (i < old.length && j < now.length) {
    if (old[i] === now[j]) {
      pairs.push([i++, j++]);
    } else if ((lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0)) i++;
    else j++;
  }
  return pairs;
}

function joined(pieces: Piece[]): Piece[] {
  const all: Piece[] = [];
  for (const piece of pieces) {
    const last = all.at(-1);
    if (last && last.isChanged === piece.isChanged) last.text += piece.text;
    else all.push({ ...piece });
  }
  return all;
}

/** The bit, if the two texts differ by one bit of one character and nothing else. */
export function flippedBit(before: string, after: string): FlippedBit | null {
  const old = [...before];
  const now = [...after];
  if (old.length !== now.length) return null;
  const places = old.flatMap((character, place) => (character === now[place] ? [] : [place]));
  const place = places[0];
  if (places.length !== 1 || place === undefined) return null;
  const one = old[place]?.codePointAt(0) ?? 0;
  const other = now[place]?.codePointAt(0) ?? 0;
  const changed = one ^ other;
  if ((changed & (changed - 1)) !== 0) return null;
  const length = Math.max(one, other) > 0xff ? (Math.max(one, other) > 0xffff ? 24 : 16) : 8;
  const bits = (code: number) => code.toString(2).padStart(length, "0");
  const hex = (code: number) => `0x${code.toString(16).toUpperCase().padStart(length / 4, "0")}`;
  return {
    place: place + 1,
    before: old[place] ?? "",
    after: now[place] ?? "",
    beforeBits: bits(one),
    afterBits: bits(other),
    beforeHex: hex(one),
    afterHex: hex(other),
    bit: Math.log2(changed),
  };
}

/** The bit of the bytes of a text that an office named: with every value of the two bytes, in binary and hexadecimal. */
export function flippedByte(before: string, after: string, { byte, bit }: { byte: number; bit: number }): FlippedBit | null {
  const utf8 = new TextEncoder();
  const [old, now] = [utf8.encode(before)[byte], utf8.encode(after)[byte]];
  if (old === undefined || now === undefined || (old ^ now) !== 1 << bit) return null;
  const bits = (value: number) => value.toString(2).padStart(8, "0");
  const hex = (value: number) => `0x${value.toString(16).toUpperCase().padStart(2, "0")}`;
  const letter = (value: number) => (value > 0x20 && value < 0x7f ? String.fromCharCode(value) : "");
  return { place: byte + 1, before: letter(old), after: letter(now), beforeBits: bits(old), afterBits: bits(now), beforeHex: hex(old), afterHex: hex(now), bit };
}
