// A thing that is asked for: loading, here, old, or refused. A newer question makes the answer to an older one void.

import type { Failure } from "../generated/api";
import { failureOf } from "./office.svelte";

/** An answer and how it stands. */
export class Loaded<T> {
  /** The newest answer. */
  value = $state.raw<T | null>(null);
  /** Why the last question was not answered. */
  failure = $state.raw<Failure | null>(null);
  /** A question is under way. */
  isLoading = $state(false);
  private turn = 0;

  /** Asks; what is there stays on the screen until the answer comes, unless it is about something else. */
  async load(question: () => Promise<T>, keep = true): Promise<void> {
    const turn = ++this.turn;
    this.isLoading = true;
    if (!keep) {
      this.value = null;
      this.failure = null;
    }
    try {
      const answer = await question();
      if (turn !== this.turn) return;
      this.value = answer;
      this.failure = null;
    } catch (error) {
      if (turn !== this.turn) return;
      this.failure = failureOf(error);
    }
    this.isLoading = false;
  }

  /** Forgets everything. */
  clear(): void {
    this.turn++;
    this.value = null;
    this.failure = null;
    this.isLoading = false;
  }
}

/** Something that is being done, so that a button can say so and cannot be pressed twice. */
export class Doing {
  /** It goes on. */
  isBusy = $state(false);
  /** Why it was not done. */
  failure = $state.raw<Failure | null>(null);

  /** Does it; answers with what came of it, or nothing when it was refused. */
  async run<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.isBusy) return undefined;
    this.isBusy = true;
    this.failure = null;
    try {
      return await work();
    } catch (error) {
      this.failure = failureOf(error);
      return undefined;
    } finally {
      this.isBusy = false;
    }
  }
}
