// Open invoices in groups of one cause.

import type { FailureGroups } from "../generated/api";
import { desk } from "./desk.svelte";
import { Loaded } from "./loaded.svelte";
import { listen, read } from "./office.svelte";

const QUIET = 1500;

class Groups {
  readonly loaded = new Loaded<FailureGroups>();
  private database: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    listen((event) => {
      if (event.type !== "changed" || !event.parts.includes("failures") || !this.database) return;
      this.timer ??= setTimeout(() => {
        this.timer = undefined;
        void this.load();
      }, QUIET);
    });
  }

  /** Reads them, unless they are there. */
  open(): void {
    const now = desk.connection?.profile ?? null;
    if (this.database !== now) this.loaded.clear();
    this.database = now;
    void this.load();
  }

  /** Reads them. */
  async load(): Promise<void> {
    await this.loaded.load(() => read({ type: "show_failure_groups" }));
  }
}

/** Open invoices by cause. */
export const failureGroups = new Groups();
