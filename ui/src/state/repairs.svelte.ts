// What is staged, for everybody; what this desk staged last, so that Ctrl+Z takes it back; and the applying that goes on.

import type { Job, RepairChoice, RepairPlan, RepairsDone } from "../generated/api";
import { desk } from "./desk.svelte";
import { findingGroups } from "./findings.svelte";
import { requestId } from "./id";
import { Doing, Loaded } from "./loaded.svelte";
import { ask, read, write } from "./office.svelte";

/** Repairs that are shown one by one. */
export const SHOWN = 200;

class Repairs {
  /** What is staged. */
  readonly staged = new Loaded<RepairPlan>();
  /** Staging, or taking from the list. */
  readonly staging = new Doing();
  /** Beginning to apply. */
  readonly applying = new Doing();
  /** How many are shown. */
  shown = $state(SHOWN);
  /** Why they are applied; it stays while one looks elsewhere. */
  reason = $state("");
  /** What this desk staged, the last at the end. */
  private acts = $state.raw<string[][]>([]);
  /** The request that is being applied, so that asking again does nothing twice. */
  private request: { key: string; id: string } | null = null;

  /** Forgets everything: another database is open. */
  close(): void {
    this.staged.clear();
    this.acts = [];
    this.reason = "";
    this.request = null;
    for (const job of desk.jobs) if ((job.kind === "repair" || job.kind === "undo") && job.outcome) desk.dismiss(job.id);
  }

  /** Reads what is staged. */
  async load(): Promise<void> {
    await this.staged.load(() => read({ type: "plan_repairs", choice: { type: "staged", repairs: [] }, limit: this.shown }));
  }

  /** Stages. */
  async stage(choice: RepairChoice): Promise<RepairsDone | undefined> {
    const done = await this.staging.run(() => write({ type: "stage_repairs", request_id: requestId(), choice }));
    const noted = (done?.items ?? []).flatMap((item) => (item.outcome === "applied" && item.repair ? [item.repair] : []));
    if (noted.length > 0) this.acts = [...this.acts.slice(-20), noted];
    return done;
  }

  /** Takes repairs from the list. */
  async unstage(repairs: string[]): Promise<number> {
    const done = await this.staging.run(() => write({ type: "unstage_repairs", request_id: requestId(), repairs }));
    if (!done) return 0;
    this.acts = this.acts.map((act) => act.filter((each) => !repairs.includes(each))).filter((act) => act.length > 0);
    return done.count;
  }

  /** There is something that this desk staged last. */
  get canTakeBack(): boolean {
    return this.acts.length > 0;
  }

  /** Takes back what this desk staged last. */
  async takeBack(): Promise<number> {
    const last = this.acts.at(-1);
    return last ? this.unstage(last) : 0;
  }

  /** The applying of this desk, going on or ended. */
  get job(): Job | null {
    return desk.jobs.findLast((job) => job.kind === "repair") ?? null;
  }

  /** It goes on. */
  get isApplying(): boolean {
    return this.job !== null && this.job.outcome === null;
  }

  /** Applies what is staged under these ids. What failed as a whole is asked for again under the same request. */
  async apply(repairs: string[], isConfirmed: boolean): Promise<boolean> {
    const key = JSON.stringify([repairs, this.reason]);
    const job = this.job;
    if (this.request?.key !== key || job?.outcome?.type === "repairs") this.request = { key, id: requestId() };
    const { id } = this.request;
    const started = await this.applying.run(() => write({ type: "apply_repairs", request_id: id, repairs, reason: this.reason.trim(), is_confirmed: isConfirmed }));
    if (!started) return false;
    for (const old of desk.jobs) if (old.kind === "repair" && old.id !== started.id) desk.dismiss(old.id);
    desk.note(started);
    return true;
  }

  /** Ends the applying that goes on. */
  async cancel(): Promise<void> {
    const job = this.job;
    if (job) await this.applying.run(() => ask({ type: "cancel_job", job: job.id }));
  }

  /** How many are staged. */
  get count(): number {
    return findingGroups.loaded.value?.staged ?? 0;
  }
}

/** What is staged. */
export const repairs = new Repairs();
