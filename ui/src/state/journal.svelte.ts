// What the journal can be narrowed by: the people and actions that stand in it.

import type { JournalChoices } from "../generated/api";
import { Loaded } from "./loaded.svelte";
import { read } from "./office.svelte";

/** The choices, as they were read last. */
export const journalChoices = new Loaded<JournalChoices>();

/** Reads them. */
export async function readJournalChoices(): Promise<void> {
  await journalChoices.load(() => read({ type: "show_journal_choices" }));
}
