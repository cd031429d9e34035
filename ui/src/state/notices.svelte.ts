// What was done or happened, said on top of the screen until it is dismissed: never a message that flies away.

/** A thing that was done, or that happened. */
export interface Done {
  id: number;
  what: string;
  then?: string;
  /** A warning where it happened to the office rather than being done by somebody here. */
  tone?: "done" | "warning";
  /** The run that it began: once that is over, its end is what there is to say. */
  run?: string;
  /** Where one can look at it. */
  go?: { label: string; run: () => void };
}

class Notices {
  all = $state.raw<Done[]>([]);
  private last = 0;

  /** Says it. Only the newest two stay. */
  say(done: Omit<Done, "id">): void {
    this.all = [...this.all.slice(-1), { ...done, id: ++this.last }];
  }

  /** A run is over. */
  runEnded(run: string): void {
    this.all = this.all.filter((each) => each.run !== run);
  }

  /** Forgets everything: another database is open. */
  close(): void {
    this.all = [];
  }

  /** Takes it off the screen. */
  dismiss(id: number): void {
    this.all = this.all.filter((each) => each.id !== id);
  }
}

/** What was done. */
export const notices = new Notices();
