// Where the window is: which screen, which tab, whether a record is opened, and the way back.

import type { Destination, FindingState, ListName, ListQuery } from "../generated/api";
import { lists } from "./lists.svelte";

/** A screen. */
export type Screen = "overview" | "registrations" | "invoices" | "runs" | "findings" | "causes" | "reports" | "journal" | "settings";

/** Where findings of a state are listed. */
export const FINDING_TABS = { open: "findings", set_aside: "findings_aside", closed: "findings_closed" } as const satisfies Record<FindingState, string>;

/** Repairs that are staged, and those that were applied, refused or taken back. */
export const REPAIR_TABS = { staged: "staged", done: "repairs" } as const;

/** Screens that the navigation leads to, with the digit of Ctrl+digit. Digits of screens to come stay free. */
export const SCREENS: Array<{ screen: Screen; digit: string }> = [
  { screen: "overview", digit: "1" },
  { screen: "registrations", digit: "2" },
  { screen: "invoices", digit: "3" },
  { screen: "runs", digit: "4" },
  { screen: "findings", digit: "5" },
  { screen: "causes", digit: "6" },
  { screen: "reports", digit: "7" },
  { screen: "journal", digit: "8" },
];

interface Spot {
  screen: Screen;
  tab: string;
  isOpened: boolean;
  /** The record with the focus in the list of this spot. */
  focus: string | null;
}

const FIRST_TAB: Record<Screen, string> = {
  overview: "",
  registrations: "registrations",
  invoices: "invoices",
  runs: "groups",
  findings: "findings",
  causes: "",
  reports: "",
  journal: "journal",
  settings: "look",
};

class Place {
  screen = $state<Screen>("overview");
  /** Tab of a screen that has tabs; elsewhere the name of its list. */
  tab = $state<string>("");
  /** A record is opened: it has the room, and the list is a strip. */
  isOpened = $state(false);
  private tabs: Partial<Record<Screen, string>> = {};
  private trail = $state.raw<Spot[]>([]);

  /** The list of this place, where it has one. */
  get list(): (typeof lists)[keyof typeof lists] | null {
    return this.tab in lists ? lists[this.tab as keyof typeof lists] : null;
  }

  /** There is a way back. */
  get canGoBack(): boolean {
    return this.trail.length > 0;
  }

  /** Goes to a screen as it was left. The way back begins anew, unless a link led here. */
  go(screen: Screen, tab?: string, isLink = false): void {
    if (isLink) this.leave();
    else this.trail = [];
    this.screen = screen;
    this.tab = tab ?? this.tabs[screen] ?? FIRST_TAB[screen];
    this.tabs[screen] = this.tab;
    this.isOpened = false;
  }

  /** Opens the record with the focus. */
  open(): void {
    this.isOpened = true;
  }

  /** Closes what is opened. */
  close(): void {
    this.isOpened = false;
  }

  private leave(): void {
    const spot = { screen: this.screen, tab: this.tab, isOpened: this.isOpened, focus: this.list?.focus?.id ?? null };
    this.trail = [...this.trail.slice(-30), spot];
  }

  /** Goes back to where it came from. */
  back(): void {
    const spot = this.trail.at(-1);
    if (!spot) return;
    this.trail = this.trail.slice(0, -1);
    this.screen = spot.screen;
    this.tab = spot.tab;
    this.tabs[spot.screen] = spot.tab;
    this.isOpened = spot.isOpened;
    if (spot.focus && this.list && this.list.focus?.id !== spot.focus) void this.list.focusOn(spot.focus);
  }

  /** Forgets where it was: another database is open. */
  reset(): void {
    this.trail = [];
    this.tabs = {};
    this.screen = "overview";
    this.tab = "";
    this.isOpened = false;
  }

  /** Goes where a figure, a link or a hit leads. */
  show(destination: Destination): void {
    switch (destination.type) {
      case "list":
        this.showList(destination.query);
        return;
      case "registration":
        this.showRecord("registrations", "registrations", destination.id);
        return;
      case "invoice":
        this.showRecord("invoices", "invoices", destination.id);
        return;
      case "delivery":
        this.showRecord("invoices", "deliveries", destination.id);
        return;
      case "run":
        this.showRecord("runs", "runs", destination.id);
        return;
      case "journal_entry":
        this.showRecord("journal", "journal", String(destination.seq));
    }
  }

  /** Goes to a finding, in the list of its state; what narrows that list could hide it. */
  showFinding(id: string, state: FindingState): void {
    const tab = FINDING_TABS[state];
    const isOpened = this.isOpened;
    this.go("findings", tab, true);
    this.isOpened = isOpened;
    if (lists[tab].isNarrowed) lists[tab].filter = lists[tab].source.plain;
    void lists[tab].focusOn(id);
  }

  /** Goes to a finding by its id: to the open ones, where it is again once the rule has found it anew. */
  async reviewFinding(id: string): Promise<void> {
    const list = lists.findings;
    this.go("findings", FINDING_TABS.open, true);
    if (list.isNarrowed) list.filter = list.source.plain;
    await list.focusOn(id);
  }

  /** Goes to a repair that is not staged any more. */
  showRepair(id: string): void {
    this.go("findings", REPAIR_TABS.done, true);
    if (lists.repairs.isNarrowed) lists.repairs.filter = lists.repairs.source.plain;
    void lists.repairs.focusOn(id);
  }

  private showRecord(screen: Screen, tab: ListName, id: string): void {
    this.go(screen, tab, true);
    this.isOpened = screen === "registrations" || tab === "invoices";
    void lists[tab].focusOn(id);
  }

  private showList(query: ListQuery): void {
    switch (query.list) {
      case "registrations":
        this.go("registrations", "registrations", true);
        return lists.registrations.show(query.filter, query.order);
      case "invoices":
        this.go("invoices", "invoices", true);
        return lists.invoices.show(query.filter, query.order);
      case "deliveries":
        this.go("invoices", "deliveries", true);
        return lists.deliveries.show(query.filter, query.order);
      case "payments":
        this.go("invoices", "payments", true);
        return lists.payments.show(query.filter, query.order);
      case "failures":
        this.go("runs", "failures", true);
        return lists.failures.show(query.filter, query.order);
      case "runs":
        this.go("runs", "runs", true);
        return lists.runs.show(query.filter, query.order);
      case "run_items":
        this.showRecord("runs", "runs", query.filter.run);
        return lists.run_items.show(query.filter, query.order);
      case "findings": {
        const tab = FINDING_TABS[query.filter.states?.[0] ?? "open"];
        this.go("findings", tab, true);
        return lists[tab].show(query.filter, query.order);
      }
      case "repairs":
        this.go("findings", REPAIR_TABS.done, true);
        return lists.repairs.show(query.filter, query.order);
      case "journal":
        this.go("journal", "journal", true);
        return lists.journal.show(query.filter, query.order);
    }
  }
}

/** Where the window is. */
export const place = new Place();
