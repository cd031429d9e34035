// What can be done where one is: the one list behind shortcuts, the palette and the help.

import { SvelteMap } from "svelte/reactivity";

/** Something that can be done. */
export interface Action {
  /** Its name, unique where it stands. */
  id: string;
  /** What it is called. */
  label: string;
  /** Its shortcut, such as `Ctrl+K`, `F2` or `G`. Letters alone work only while a list has the focus. */
  keys?: string;
  /** A letter that works anywhere but in a field: there is no list to have the focus. */
  isFree?: boolean;
  /** Does it. */
  run: () => void;
  /** Why it cannot be done now; it is shown, but not done. */
  obstacle?: string | null;
}

class Actions {
  private readonly groups = new SvelteMap<string, Action[]>();

  /** Says what can be done in a part of the window; the answer takes it back. */
  offer(group: string, actions: Action[]): () => void {
    this.groups.set(group, actions);
    return () => {
      if (this.groups.get(group) === actions) this.groups.delete(group);
    };
  }

  /** Everything that can be done now. */
  get all(): Action[] {
    return [...this.groups.values()].flat();
  }

  /** Does what a key stands for; false when it stands for nothing. */
  press(event: KeyboardEvent): boolean {
    const keys = keysOf(event);
    const isLetter = /^[A-Z]$/.test(keys);
    const isTyping = event.target instanceof HTMLElement && event.target.matches("input, textarea, select, [contenteditable]");
    // Whoever types takes back what they typed.
    if ((isLetter || keys === "Ctrl+Z") && isTyping) return false;
    const isInList = event.target instanceof Element && event.target.closest("[role=grid]") !== null;
    const action = [...this.groups.values()].reverse().flat().find((each) => each.keys === keys);
    if (!action || action.obstacle || (isLetter && !isInList && !action.isFree)) return false;
    action.run();
    return true;
  }
}

/** A key press as shortcuts are written. */
export function keysOf(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  return [event.ctrlKey || event.metaKey ? "Ctrl" : "", event.altKey ? "Alt" : "", event.shiftKey && event.key.length > 1 ? "Shift" : "", key]
    .filter(Boolean)
    .join("+");
}

/** What can be done. */
export const actions = new Actions();
