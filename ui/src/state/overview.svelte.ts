// What is to be done: the figures of the overview, and the counts beside the navigation.

import type { Overview, Part } from "../generated/api";
import { desk } from "./desk.svelte";
import { Loaded } from "./loaded.svelte";
import { listen, read } from "./office.svelte";

const PARTS: Part[] = ["failures", "deliveries", "invoices", "registrations", "runs", "findings"];
const QUIET = 3000;

class OverviewState {
  readonly loaded = new Loaded<Overview>();
  /** First and last day of the chart; empty takes the last month. */
  from = $state("");
  to = $state("");
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    listen((event) => {
      if (event.type !== "changed" || !event.parts.some((part) => PARTS.includes(part))) return;
      if (this.timer) return;
      this.timer = setTimeout(() => {
        this.timer = undefined;
        void this.load();
      }, QUIET);
    });
  }

  /** Asks for the figures. */
  async load(): Promise<void> {
    // Not the calendar's month: on its first days there would be nothing to see.
    const stretch = { from: this.from || daysBefore(desk.today, 31), ...(this.to ? { to: this.to } : {}) };
    await this.loaded.load(() => read({ type: "show_overview", ...stretch }));
  }

  /** Forgets them: another database is open. */
  close(): void {
    this.from = "";
    this.to = "";
    this.loaded.clear();
  }
}

function daysBefore(day: string, count: number): string {
  const date = new Date(`${day}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() - count);
  return date.toISOString().slice(0, 10);
}

/** The figures of the overview. */
export const overview = new OverviewState();
