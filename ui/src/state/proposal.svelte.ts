// The repair of the finding that is looked at: the proposal as it is, one of several candidates, or a value that a person
// types; each planned by the office before it can be staged.

import type { FindingDetail, PlannedRepair, RepairChoice } from "../generated/api";
import { typedValue } from "../words/findings";
import { Loaded } from "./loaded.svelte";
import { read } from "./office.svelte";

const TYPING = 250;

/** What is chosen: the proposal, a candidate by its place, or an own value. */
export type Chosen = "proposal" | "own" | number;

/** The repair of one finding. */
export class Proposal {
  detail = $state.raw<FindingDetail | null>(null);
  chosen = $state<Chosen>("proposal");
  own = $state("");
  /** The plan of a value that a person chose. */
  private readonly planned = new Loaded<PlannedRepair>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** Follows the finding that is shown. What was chosen belongs to that finding. */
  follow(detail: FindingDetail | null): void {
    const isSame = detail !== null && detail.row.id === this.detail?.row.id;
    this.detail = detail;
    if (isSame && !detail.plan.staged) {
      if (this.chosen !== "proposal") this.plan();
      return;
    }
    clearTimeout(this.timer);
    this.chosen = "proposal";
    this.own = "";
    this.planned.clear();
  }

  /** Chooses. */
  choose(chosen: Chosen): void {
    this.chosen = chosen;
    this.plan();
  }

  /** Types an own value. */
  type(own: string): void {
    this.own = own;
    this.chosen = "own";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.plan(), TYPING);
  }

  private plan(): void {
    const detail = this.detail;
    const value = this.value;
    if (!detail || value === null) return void this.planned.clear();
    void this.planned.load(async () => (await read({ type: "plan_repairs", choice: this.choice(detail.row.id, value), limit: 1 })).repairs[0]!);
  }

  private choice(finding: string, value: string | null): RepairChoice {
    return { type: "named", orders: [{ finding, ...(value === null ? {} : { value }) }] };
  }

  /** What a person chose; nothing takes the proposal. */
  get value(): string | null {
    if (this.chosen === "proposal") return null;
    if (this.chosen === "own") return typedValue(this.detail?.row.field ?? "", this.own);
    return this.detail?.plan.candidates[this.chosen]?.value ?? null;
  }

  /** What would be done; nothing while that is being found out. */
  get shown(): PlannedRepair | null {
    if (!this.detail) return null;
    return this.value === null ? this.detail.plan : this.planned.value;
  }

  /** Why the plan of the chosen value could not be made. */
  get failure() {
    return this.planned.failure;
  }

  /** It is being found out. */
  get isPlanning(): boolean {
    return this.value !== null && (this.planned.isLoading || this.planned.value === null);
  }

  /** What staging is about. */
  get order(): RepairChoice | null {
    return this.detail ? this.choice(this.detail.row.id, this.value) : null;
  }
}
