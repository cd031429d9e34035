// Names of keys as they stand on the keyboard of the language.

import { locale } from "../state/locale.svelte";

const GERMAN: Record<string, string> = {
  Ctrl: "Strg",
  Shift: "Umschalt",
  Space: "Leertaste",
  PgUp: "Bild↑",
  PgDn: "Bild↓",
  Home: "Pos1",
  End: "Ende",
  Enter: "Eingabe",
};

/** A shortcut as it is shown: Strg+K. */
export function keyNames(keys: string): string {
  const arrows = keys.replace("ArrowLeft", "←").replace("ArrowRight", "→");
  if (locale.current !== "de") return arrows;
  return arrows.replace(/[A-Za-z]{3,}/g, (word) => GERMAN[word] ?? word);
}
