// The damage of a host: drawing it again at this desk, and what was staged.

import type { DamageScope, DamageStaged, Job } from "../generated/api";
import { desk } from "./desk.svelte";
import { Doing } from "./loaded.svelte";
import { ask } from "./office.svelte";

class Damage {
  /** Beginning or ending it. */
  readonly examining = new Doing();
  /** What the last staging came to, for the host it was about. */
  staged = $state.raw<{ host: string; done: DamageStaged } | null>(null);
  private host = $state("");

  /** Forgets everything: another database is open. */
  close(): void {
    this.staged = null;
    this.host = "";
    this.examining.failure = null;
    for (const job of desk.jobs) if (job.kind === "examine" && job.outcome) desk.dismiss(job.id);
  }

  /** The newest job about this host, going on or ended. */
  job(host: string): Job | null {
    return host === this.host ? (desk.jobs.findLast((job) => job.kind === "examine") ?? null) : null;
  }

  /** Something is being drawn again at this desk. */
  get isExamining(): boolean {
    return desk.jobs.some((job) => job.kind === "examine" && job.outcome === null);
  }

  /** Draws everything of a scope again. */
  async examine(scope: DamageScope): Promise<void> {
    if (this.isExamining) return;
    const started = await this.examining.run(() => ask({ type: "examine_damage", scope }));
    if (!started) return;
    for (const job of desk.jobs) if (job.kind === "examine" && job.id !== started.id) desk.dismiss(job.id);
    this.host = scope.host;
    desk.note(started);
  }

  /** Ends what goes on. */
  async cancel(job: Job): Promise<void> {
    await this.examining.run(() => ask({ type: "cancel_job", job: job.id }));
  }
}

/** The damage of hosts. */
export const damage = new Damage();
