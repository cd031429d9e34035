// Runs that are not over, as the office tells them, wherever they are worked on.

import { SvelteMap } from "svelte/reactivity";

import type { RunProgress, RunRow } from "../generated/api";
import { number } from "../words/format";
import { m } from "../words/paraglide/messages.js";
import { announcer } from "./announce.svelte";
import { desk } from "./desk.svelte";
import { notices } from "./notices.svelte";
import { ask, failureOf, listen } from "./office.svelte";

/** A run that ended while the window was open. */
export interface Ended {
  row: RunRow;
  progress: RunProgress;
}

/** Items of a run that are through, whatever came of them. */
export function through(progress: RunProgress): number {
  return progress.done + progress.failed + progress.skipped + progress.unknown + progress.cancelled;
}

class Runs {
  /** Where the runs stand that are not over, by id. */
  readonly open = new SvelteMap<string, RunProgress>();
  /** The run that ended last and was not looked at yet. */
  ended = $state.raw<Ended | null>(null);
  private readonly quarters = new Map<string, number>();

  /** Begins to listen. */
  begin(): void {
    listen((event) => {
      if (event.type === "run") this.take(event.progress);
      if (event.type === "run_ended") this.end(event.row, event.progress);
      if (event.type === "connection" && event.connection === null) this.open.clear();
    });
  }

  /** Forgets what ended: another database is open. */
  close(): void {
    this.ended = null;
    this.quarters.clear();
  }

  /** The run that the status bar shows. */
  get current(): RunProgress | null {
    return [...this.open.values()].find((each) => each.state === "running") ?? this.open.values().next().value ?? null;
  }

  private take(progress: RunProgress): void {
    if (progress.state === "done" || progress.state === "cancelled") {
      this.open.delete(progress.run);
      return;
    }
    this.open.set(progress.run, progress);
    const quarter = progress.total === 0 ? 0 : Math.floor((through(progress) / progress.total) * 4);
    if (quarter > (this.quarters.get(progress.run) ?? 0)) {
      announcer.say(m.run_spoken({ through: number(through(progress)), total: number(progress.total) }));
    }
    this.quarters.set(progress.run, quarter);
  }

  private end(row: RunRow, progress: RunProgress): void {
    this.open.delete(progress.run);
    this.quarters.delete(progress.run);
    this.ended = { row, progress };
    notices.runEnded(progress.run);
    const text = m.run_ended_text({ done: number(progress.done), failed: number(progress.failed), unknown: number(progress.unknown) });
    announcer.say(`${m.run_ended_title()} ${text}`);
    if (desk.settings.notifies) void ask({ type: "notify", title: m.run_ended_title(), text }).catch(failureOf);
  }
}

/** Runs that are not over. */
export const runs = new Runs();
