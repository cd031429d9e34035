// What the rules found, by rule, what they say of themselves, and the check that goes on at this desk.

import type { FindingGroups, Job, RuleText } from "../generated/api";
import { desk } from "./desk.svelte";
import { Doing, Loaded } from "./loaded.svelte";
import { ask, listen, read } from "./office.svelte";

const QUIET = 500;

class Findings {
  readonly loaded = new Loaded<FindingGroups>();
  /** What the rules say of themselves. */
  readonly rules = new Loaded<RuleText[]>();
  /** Beginning or ending a check. */
  readonly checking = new Doing();
  private isOpen = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    listen((event) => {
      if (event.type !== "changed" || !event.parts.includes("findings") || !this.isOpen) return;
      this.timer ??= setTimeout(() => {
        this.timer = undefined;
        void this.load();
      }, QUIET);
    });
  }

  /** Reads them, for a database that was opened. */
  async open(): Promise<void> {
    this.isOpen = true;
    await Promise.all([this.load(), this.rules.load(() => read({ type: "show_rules" }))]);
  }

  /** Forgets them: another database is open. */
  close(): void {
    this.isOpen = false;
    this.loaded.clear();
    for (const job of desk.jobs) if (job.kind === "check" && job.outcome) desk.dismiss(job.id);
  }

  /** Reads them anew. */
  async load(): Promise<void> {
    await this.loaded.load(() => read({ type: "show_finding_groups" }));
  }

  /** How many are open that are critical or high. */
  get urgent(): number {
    const groups = this.loaded.value?.groups ?? [];
    return groups.filter((group) => group.severity === "critical" || group.severity === "high").reduce((sum, group) => sum + group.open, 0);
  }

  /** The newest check of this desk, going on or ended. */
  get job(): Job | null {
    return desk.jobs.findLast((job) => job.kind === "check") ?? null;
  }

  /** A check goes on. */
  get isChecking(): boolean {
    return this.job !== null && this.job.outcome === null;
  }

  /** Asks all rules. */
  async check(of: { only_changed: boolean; compare?: string } = { only_changed: false }): Promise<void> {
    if (this.isChecking) return;
    const started = await this.checking.run(() => ask({ type: "check_database", rules: [], ...of }));
    if (!started) return;
    for (const job of desk.jobs) if (job.kind === "check" && job.id !== started.id) desk.dismiss(job.id);
    desk.note(started);
  }

  /** Ends the check that goes on. */
  async cancel(): Promise<void> {
    const job = this.job;
    if (job) await this.checking.run(() => ask({ type: "cancel_job", job: job.id }));
  }
}

/** What the rules found. */
export const findingGroups = new Findings();
