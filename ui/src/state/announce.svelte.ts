// The one live region: what a person who does not see the screen should hear.

import { m } from "../words/paraglide/messages.js";

class Announcer {
  text = $state("");

  /** Says something politely. The same sentence twice is said twice. */
  say(text: string): void {
    this.text = this.text === text ? `${text}\u00a0` : text;
  }
}

/** Copies a text, and says so. */
export async function copyText(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
  announcer.say(m.copied());
}

/** The live region's words. */
export const announcer = new Announcer();
