import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { beforeAll, describe, expect, it } from "vitest";

import de from "../../messages/de.json";
import en from "../../messages/en.json";
import { locale } from "../state/locale.svelte";
import { CONTACT_FIELDS } from "../state/contact.svelte";
import { action, field, fields, obstacle } from "./codes";
import { answer, sentence as callSentence } from "./call";
import { sentence } from "./failures";
import { obstacleOf } from "./repairs";

type Words = Record<string, unknown>;
const german = de as Words;
const english = en as Words;
const holes = (message: unknown) => [...new Set(JSON.stringify(message).match(/\{\w+\}/g))].sort();
const api = readFileSync(join(import.meta.dirname, "../generated/api.ts"), "utf8");

/** The codes of a tagged union of the contract. */
function codesOf(type: string): string[] {
  const body = new RegExp(`export type ${type} = ([\\s\\S]*?);\\n\\n`).exec(api)?.[1] ?? "";
  return [...body.matchAll(/"code": "(\w+)"/g)].map((match) => match[1] ?? "");
}

beforeAll(() => {
  locale.current = "de";
});

describe("messages", () => {
  it("have the same names in both languages", () => {
    expect(Object.keys(english).sort()).toEqual(Object.keys(german).sort());
  });

  it("are never empty and have the same places for values", () => {
    for (const [name, words] of Object.entries(german)) {
      expect(JSON.stringify(words).length, name).toBeGreaterThan(2);
      expect(holes(english[name]), name).toEqual(holes(words));
    }
  });

  it("are all used", () => {
    const files = readdirSync(join(import.meta.dirname, ".."), { recursive: true, encoding: "utf8" });
    const sources = files.filter((file) => /\.(svelte|ts)$/.test(file) && !file.includes("paraglide")).map((file) => readFileSync(join(import.meta.dirname, "..", file), "utf8")).join("\n");
    const prefixes = [...sources.matchAll(/`(\w+_)\$\{/g)].map((match) => match[1] ?? "");
    const states = ["reg_", "inv_", "invkind_", "pay_", "item_", "kind_", "language_", "purpose_", "mail_", "withdrawn_by_"];
    const isUsed = (name: string) => new RegExp(`\\bm\\.${name}\\b`).test(sources) || [...prefixes, ...states].some((prefix) => name.startsWith(prefix));
    const unused = Object.keys(german).filter((name) => name !== "$schema" && !isUsed(name));
    expect(unused).toEqual([]);
  });
});

describe("codes of the contract", () => {
  it("that stand for a failure say what happened, and what it means and what to do", () => {
    const parameters = { since: "2013-02-01T10:00:00Z", request_id: "1", place: "database", reason: "missing", record: "invoice", key: "RE-1", meant: ["RE-2"], faults: [{ field: "email", fault: { code: "required" } }], obstacle: { code: "complete" }, planned: 1, now: 2, path: "/x", incident: "7", conflict: { label: "K-1" } };
    for (const code of codesOf("Failure")) {
      const special = code === "cannot_open" ? { reason: { code: "empty" } } : {};
      const words = sentence({ ...parameters, ...special, code } as never);
      expect(words.what, code).toBeTruthy();
      expect(words.then.length, code).toBeGreaterThan(10);
      expect(`${words.what} ${words.then}`, code).not.toMatch(/undefined|\{/);
    }
    expect(codesOf("Failure").length).toBeGreaterThan(14);
  });

  it("that say why a database cannot be opened have both sentences", () => {
    for (const code of codesOf("OpenProblem")) {
      const words = sentence({ code: "cannot_open", reason: { code, path: "/x", pending: 2, applied: "m7", host: "h", database: "d", user: "u" } } as never);
      expect(`${words.what} ${words.then}`, code).not.toMatch(/undefined|\{/);
    }
    expect(codesOf("OpenProblem").length).toBeGreaterThan(12);
  });

  it("that are obstacles have a sentence", () => {
    const parameters = { by: "ST-1", host: "rechnung-03", since: "2013-02-01T10:00:00Z", on: "2013-02-01", number: "RE-1", state: "running", cause: { code: "disk_full", step: null, key: "disk_full" }, person: "m.weber", field: "email", run: null };
    for (const code of codesOf("Obstacle")) {
      const state = code === "not_sent_yet" || code === "settled" ? { state: "queued" } : {};
      expect(obstacle({ ...parameters, ...state, code } as never), code).not.toMatch(/undefined|\{/);
    }
  });

  it("that stand against a repair have a sentence", () => {
    const cause = { code: "disk_full", step: null, key: "disk_full" };
    const parameters = { field: "email", value: "x@", rule: "tax_wrong", title: { de: "Steuer falsch", en: "Wrong tax" }, cause, sentence: "No." };
    for (const code of codesOf("RepairObstacle")) expect(obstacleOf({ ...parameters, code } as never), code).not.toMatch(/undefined|\{/);
    expect(codesOf("RepairObstacle").length).toBeGreaterThan(18);
  });

  it("of the call view have a sentence and an answer, in both languages", () => {
    const parameters = { period: "2013-01", number: "RE-1", cause: { code: "recipient_refused", step: null, key: "recipient_refused" }, tried_at: null, issued_on: "2013-01-31", state: "deferred", since: "2013-02-01T10:00:00Z", due_at: null, at: "2013-02-01T10:00:00Z", recipient: "a@example.com", reply_code: 550, cancellation: "ST-1", on: "2013-02-01", reissued: null, run: "1", field: "email" };
    for (const language of ["de", "en"] as const) {
      locale.current = language;
      for (const code of codesOf("CallSentence")) {
        const said = { ...parameters, code } as never;
        expect(`${callSentence(said)} ${answer(said)}`, code).not.toMatch(/undefined|\{|null/);
      }
    }
    locale.current = "de";
    expect(codesOf("CallSentence").length).toBe(13);
  });

  it("name every field that can be changed, and show what they do not know as it is", () => {
    for (const name of CONTACT_FIELDS) expect(field(name)).not.toBe(name);
    expect(field("odd_column")).toBe("odd_column");
    const all = fields();
    expect([all.postal_code, all.email]).toEqual([field("postal_code"), field("email")]);
    expect(Object.values(all).join()).not.toMatch(/undefined|\{/);
    expect([action("run.start"), action("gremlins.feed")]).toEqual(["Lauf gestartet", "gremlins.feed"]);
  });
});
