// A made-up office, for `npm run dev` in a browser and for tests: thousands of rows, every state, reserved domains. It is
// never part of what is built. The address chooses what it shows: `?sample=first|empty|slow|error|lost|production|unchecked|
// corrupt`.

import type { Answer, Document, Event, Request } from "../generated/api";
import { Refused, type Backend } from "./index";
import { answer, type Office } from "./sample/answers";
import { ME, makeRecords } from "./sample/data";
import { makeFindings } from "./sample/findings";
import { paper } from "./sample/paper";
import { profiles, settings } from "./sample/desk";

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A made-up office. */
export function sampleBackend(mode = new URLSearchParams(location.search).get("sample") ?? ""): Backend {
  const listeners = new Set<(event: Event) => void>();
  const office: Office = {
    mode,
    findings: makeFindings(mode),
    repairs: [],
    records: makeRecords(mode === "empty" ? 0 : 8532),
    settings: settings(),
    profiles: mode === "first" ? [] : profiles(mode === "production"),
    connection: null,
    filters: [],
    progress: new Map(),
    details: new Map(),
    jobs: new Map(),
    by: ME,
    tell: (event) => {
      for (const listener of listeners) listener(event);
    },
  };
  if (mode !== "first" && mode !== "start") office.connection = connectionOf(office, mode);
  return {
    async call<R extends Request>(request: R): Promise<Answer<R>> {
      await wait(mode === "slow" && request.type !== "start" ? 60_000 : request.type === "plan_run" || request.type === "save_contact" ? 250 : 12);
      if (mode === "error" && /^(list|show|find)/.test(request.type)) throw new Refused({ code: "unexpected", incident: "0194a2f0-77aa-7c10-9b1e-3f2d5c0a1b2c" });
      return structuredClone(await answer(office, structuredClone(request))) as Answer<R>;
    },
    async document(document: Document) {
      await wait(40);
      return documentOf(office, document);
    },
    async watch(tell) {
      listeners.add(tell);
      tell({ type: "connection", connection: office.connection });
      if (mode === "lost") setTimeout(() => lose(office), 1500);
      await Promise.resolve();
    },
  };
}

function connectionOf(office: Office, mode: string): Office["connection"] {
  const profile = office.profiles[0]!;
  const purpose = mode === "production" ? "production" : "demo";
  return {
    profile: profile.id,
    name: purpose === "demo" ? "Demo Januar 2013" : "Zentrale",
    purpose,
    is_file: purpose === "demo",
    address: purpose === "demo" ? "/home/m.weber/Kontor/demo-2013-01.db" : "db.example.com/kontor",
    business_date: purpose === "demo" ? "2013-02-01" : null,
    state: { type: "ok", since: "2013-02-01T07:01:00Z" },
  };
}

function lose(office: Office): void {
  if (!office.connection) return;
  office.connection = { ...office.connection, state: { type: "lost", since: "2013-02-01T13:32:00Z", answered_at: "2013-02-01T13:32:00Z", next_try_at: "2013-02-01T13:32:10Z" } };
  office.tell({ type: "connection", connection: office.connection });
}

function documentOf(office: Office, document: Document): Uint8Array<ArrayBuffer> {
  const id = document.type === "report" ? office.records.invoices[0]!.id : document.id;
  const index = Number(id.slice(-12));
  const row = office.records.invoices[index];
  if (!row || row.state === "incomplete" || row.state === "issued") throw new Refused({ code: "not_found", record: "document", key: row?.number ?? id, meant: [] });
  if (index % 50 === 21) return Uint8Array.from("%PDF-1.4 damaged", (letter) => letter.charCodeAt(0));
  if (index % 50 === 41) return new Uint8Array(0);
  const { contact } = office.records.customers[index]!;
  const lines: Array<[number, number, number, string]> = [
    [70, 780, 16, "Dat kauf ich für'n Euro GmbH"],
    [70, 680, 11, row.recipient.slice(0, 70)],
    [70, 664, 11, contact.street ?? ""],
    [70, 648, 11, `${contact.postal_code ?? ""} ${contact.city ?? ""}`],
    [70, 600, 14, `Rechnung ${row.number}`],
    [400, 600, 10, "Datum: 31.01.2013"],
    [70, 575, 10, "Leistungszeitraum 01.01.2013 bis 31.01.2013"],
    [70, 540, 10, "1   Postfach 10 GB, Januar 2013"],
    [460, 540, 10, `${(row.gross_cents / 100).toFixed(2).replace(".", ",")} €`],
    [70, 500, 10, "Bitte überweisen Sie den Betrag bis zum 14.02.2013."],
  ];
  return paper([lines, [[70, 780, 12, `${row.number}, Seite 2`], [70, 750, 10, "Allgemeine Hinweise zur Rechnung und zum Postfach."]]]);
}
