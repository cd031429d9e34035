// Filters that were saved under a name: a person's own, and those that are shared.

import type { ListName, SavedFilter } from "../generated/api";
import { listen, read } from "./office.svelte";
import { Loaded } from "./loaded.svelte";

class SavedFilters {
  readonly all = new Loaded<SavedFilter[]>();

  /** Reads them. */
  async load(): Promise<void> {
    await this.all.load(() => read({ type: "show_saved_filters" }));
  }

  /** Keeps them up to date. */
  begin(): void {
    listen((event) => {
      if (event.type === "changed" && event.parts.includes("saved_filters")) void this.load();
    });
  }

  /** Those of a list, the person's own first. */
  of(list: ListName): SavedFilter[] {
    const of = (this.all.value ?? []).filter((each) => each.query.list === list);
    return [...of.filter((each) => each.is_mine), ...of.filter((each) => !each.is_mine)];
  }
}

/** Saved filters. */
export const savedFilters = new SavedFilters();
