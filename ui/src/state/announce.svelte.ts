// The one live region: what a person who does not see the screen should hear.

class Announcer {
  text = $state("");

  /** Says something politely. The same sentence twice is said twice. */
  say(text: string): void {
    this.text = this.text === text ? `${text}\u00a0` : text;
  }
}

/** The live region's words. */
export const announcer = new Announcer();
