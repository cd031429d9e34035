// A value that has come to rest: arrow keys run through a list faster than records should be read.

import { untrack } from "svelte";

import type { Part } from "../generated/api";
import { listen } from "./office.svelte";

const REST = 80;
/** A key that is held down repeats sooner than this. */
const HASTE = 200;
const QUIET = 1000;

/** A value that follows another: at once after a pause, and while it changes quickly once it has not changed for 80 ms. */
export class Settled<T> {
  value: T = $state() as T;

  constructor(source: () => T) {
    this.value = source();
    let changedAt = -Infinity;
    $effect(() => {
      const next = source();
      if (next === untrack(() => this.value)) return;
      const now = performance.now();
      const isHasty = now - changedAt < HASTE;
      changedAt = now;
      if (!isHasty) {
        this.value = next;
        return;
      }
      const timer = setTimeout(() => (this.value = next), REST);
      return () => clearTimeout(timer);
    });
  }
}

/** Does something when parts of the database changed, or F5 was pressed: at once for what this desk did, at most once a second otherwise. */
export function whenChanged(parts: Part[], work: () => void): void {
  $effect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = listen((event) => {
      if (event.type !== "changed" || !event.parts.some((part) => parts.includes(part))) return;
      if (event.is_own) work();
      else
        timer ??= setTimeout(() => {
          timer = undefined;
          work();
        }, QUIET);
    });
    window.addEventListener("kontor-reload", work);
    return () => {
      stop();
      clearTimeout(timer);
      window.removeEventListener("kontor-reload", work);
    };
  });
}
