// What is to be done: the figures of the overview, and the counts beside the navigation.

import type { Overview, Part } from "../generated/api";
import { m } from "../words/paraglide/messages.js";
import { desk } from "./desk.svelte";
import { Loaded } from "./loaded.svelte";
import { notices } from "./notices.svelte";
import { listen, read } from "./office.svelte";
import { place } from "./place.svelte";

const PARTS: Part[] = ["failures", "deliveries", "invoices", "registrations", "runs", "findings"];
const QUIET = 3000;

class OverviewState {
  readonly loaded = new Loaded<Overview>();
  /** First and last day of the chart; empty takes the last month. */
  from = $state("");
  to = $state("");
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Hosts that were out of service when it was last looked. */
  private out: Set<string> | null = null;

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

  /** Why this desk neither checks nor repairs, where it is out of service itself; none when it may. */
  get outOfService(): string | null {
    const isOut = this.loaded.value?.hosts_out.some((each) => each.host === desk.by.desk) ?? false;
    return isOut ? m.desk_out() : null;
  }

  /** Asks for the figures. */
  async load(): Promise<void> {
    // Not the calendar's month: on its first days there would be nothing to see.
    const last = this.to && this.to < desk.today ? this.to : desk.today;
    const stretch = { from: this.from || daysBefore(last, 31), ...(this.to ? { to: this.to } : {}) };
    await this.loaded.load(() => read({ type: "show_overview", ...stretch }));
    this.tellHosts();
  }

  /** Takes another first or last day; one that would lie beyond the other end takes that end along. */
  async stretch(end: "from" | "to", day: string): Promise<void> {
    this[end] = day;
    if (end === "from" && day > (this.to || desk.today)) this.to = day;
    if (end === "to" && day && this.from > day) this.from = day;
    await this.load();
  }

  /** Shows the last month again. */
  async resetStretch(): Promise<void> {
    this.from = "";
    this.to = "";
    await this.load();
  }

  /** A host that went out of service while the window was open is told on whatever screen; one's own doing is not. */
  private tellHosts(): void {
    const now = this.loaded.value?.hosts_out;
    if (!now) return;
    const own = desk.by.person;
    const fresh = now.filter((each) => this.out && !this.out.has(each.host) && !(each.withdrawal?.canary === null && each.withdrawal.by === own));
    for (const { host } of fresh) {
      const go = { label: m.show_hosts(), run: () => place.go("causes") };
      notices.say({ tone: "warning", what: m.host_went_out({ host }), then: m.host_went_out_then(), go });
    }
    this.out = new Set(now.map((each) => each.host));
  }

  /** Forgets them: another database is open. */
  close(): void {
    this.from = "";
    this.to = "";
    this.out = null;
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
