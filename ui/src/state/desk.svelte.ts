// This desk: who sits here, how the window looks, which databases it knows, which one is open, and its long work.

import type {
  Appearance,
  By,
  Column,
  Connection,
  Event,
  Failure,
  Job,
  ListName,
  Profile,
  Settings,
  StartState,
} from "../generated/api";
import { rememberLogFolder } from "../words/failures";
import { locale } from "./locale.svelte";
import { ask, failureOf, listen, openOffice } from "./office.svelte";

const ZOOMS = [75, 80, 90, 100, 110, 125, 150, 175, 200];
const SAVE_AFTER = 400;

const plain: Settings = {
  language: "system",
  theme: "system",
  density: "compact",
  motion: "system",
  zoom_percent: 100,
  joins_runs: true,
  notifies: true,
  lists: {},
  panes: {},
};

class Desk {
  /** The office has answered once. */
  isReady = $state(false);
  /** Why the window could not draw itself. */
  failure = $state.raw<Failure | null>(null);
  version = $state("");
  by = $state.raw<By>({ person: "", desk: "" });
  settings = $state<Settings>(plain);
  appearance = $state.raw<Appearance>({ is_dark: false, is_motion_reduced: false, language: "de" });
  profiles = $state.raw<Profile[]>([]);
  connection = $state.raw<Connection | null>(null);
  jobs = $state.raw<Job[]>([]);
  hasKeyring = $state(false);
  demoFolder = $state("");
  logFolder = $state("");
  /** Difference between the desk's clock and this window's, in milliseconds. */
  private saving: ReturnType<typeof setTimeout> | undefined;

  /** The profile that is open. */
  get profile(): Profile | null {
    return this.profiles.find((each) => each.id === this.connection?.profile) ?? null;
  }

  /** Writing is locked while the connection is lost. */
  get isLost(): boolean {
    return this.connection?.state.type === "lost";
  }

  /** Today at the office: a demo lives in its own time. */
  get today(): string {
    return this.connection?.business_date ?? new Date().toISOString().slice(0, 10);
  }

  /** Starts the window. */
  async begin(): Promise<void> {
    try {
      await openOffice();
      this.take(await ask({ type: "start" }));
      listen((event) => this.hear(event));
      this.isReady = true;
    } catch (error) {
      this.failure = failureOf(error);
    }
  }

  private take(start: StartState): void {
    this.version = start.version;
    this.by = start.by;
    this.settings = start.settings;
    this.appearance = start.appearance;
    this.profiles = start.profiles;
    this.connection = start.connection;
    this.jobs = start.jobs;
    this.hasKeyring = start.has_keyring;
    this.demoFolder = start.demo_folder;
    this.logFolder = start.log_folder;
    rememberLogFolder(start.log_folder);
    this.apply();
  }

  private hear(event: Event): void {
    if (event.type === "connection") {
      this.connection = event.connection;
      // A database that was opened for the first time is a new profile.
      if (this.connection && !this.profile) void this.readProfiles().catch(failureOf);
    }
    if (event.type === "appearance") {
      this.appearance = event.appearance;
      this.apply();
    }
    if (event.type === "job") this.note(event.job);
  }

  /** Takes in how a job stands. */
  note(job: Job): void {
    const known = this.jobs.find((each) => each.id === job.id);
    // The end of a short job can be heard before the answer that says it began.
    if (known?.outcome && !job.outcome) return;
    this.jobs = known ? this.jobs.map((each) => (each.id === job.id ? job : each)) : [...this.jobs, job];
  }

  /** Takes a job that is over off the screen. */
  dismiss(job: string): void {
    this.jobs = this.jobs.filter((each) => each.id !== job);
  }

  /** Reads the profiles anew. */
  async readProfiles(): Promise<void> {
    const start = await ask({ type: "start" });
    this.profiles = start.profiles;
    this.connection = start.connection;
  }

  /** Changes settings; they show at once and are kept soon after. */
  change(settings: Partial<Settings>): void {
    Object.assign(this.settings, settings);
    this.apply();
    clearTimeout(this.saving);
    this.saving = setTimeout(() => {
      void ask({ type: "save_settings", settings: $state.snapshot(this.settings) }).catch(failureOf);
    }, SAVE_AFTER);
  }

  /** Makes everything larger (1), smaller (-1) or as it was (0). */
  zoom(step: -1 | 0 | 1): void {
    const now = ZOOMS.findIndex((each) => each >= this.settings.zoom_percent);
    const next = step === 0 ? 100 : ZOOMS[Math.min(ZOOMS.length - 1, Math.max(0, now + step))];
    this.change({ zoom_percent: next ?? 100 });
  }

  /** Keeps the columns of a list. */
  keepColumns(list: ListName, columns: Column[]): void {
    this.change({ lists: { ...this.settings.lists, [list]: columns } });
  }

  /** Keeps the size of a pane. */
  keepPane(name: string, size: number): void {
    this.change({ panes: { ...this.settings.panes, [name]: Math.round(size) } });
  }

  private apply(): void {
    const { language, theme, density, motion, zoom_percent } = this.settings;
    locale.current = language === "system" ? this.appearance.language : language;
    const isDark = theme === "system" ? this.appearance.is_dark : theme === "dark";
    const isReduced = motion === "reduced" || this.appearance.is_motion_reduced;
    const root = document.documentElement;
    root.lang = locale.current;
    root.dataset.theme = isDark ? "dark" : "light";
    root.style.colorScheme = isDark ? "dark" : "light";
    root.style.removeProperty("background-color");
    root.dataset.density = density;
    root.dataset.motion = isReduced ? "reduced" : "full";
    root.style.fontSize = `${(16 * zoom_percent) / 100}px`;
    localStorage.setItem("kontor-theme", isDark ? "dark" : "light");
    viewport.measure();
  }
}

class Viewport {
  /** Width of the window in pixels at 100 %. */
  width = $state(1280);
  /** Height of the window in pixels at 100 %. */
  height = $state(800);

  /** The factor between a pixel of the design and one of the screen. */
  get scale(): number {
    return desk.settings.zoom_percent / 100;
  }

  /** Measures the window. */
  measure(): void {
    this.width = window.innerWidth / this.scale;
    this.height = window.innerHeight / this.scale;
  }

  /** One column at a time. */
  get isNarrow(): boolean {
    return this.width < 760;
  }

  /** The navigation shows icons only. */
  get isRail(): boolean {
    return this.width < 1120;
  }

  /** List, data and paper side by side. */
  get isWide(): boolean {
    return this.width >= 1600;
  }
}

/** This desk. */
export const desk = new Desk();
/** The window's measures. */
export const viewport = new Viewport();
