// The sample's desk: settings that last in the browser, and databases that it knows.

import type { Profile, Settings } from "../../generated/api";

const plain: Settings = { language: "de", theme: "light", density: "compact", motion: "system", zoom_percent: 100, joins_runs: true, notifies: true, lists: {}, panes: {} };

/** The settings; the address may say others, as in `?language=en&theme=dark&zoom_percent=200`. */
export function settings(): Settings {
  const kept = JSON.parse(localStorage.getItem("kontor-sample") ?? "{}") as Partial<Settings>;
  const asked = Object.fromEntries([...new URLSearchParams(location.search)].filter(([key]) => key in plain));
  const zoom = "zoom_percent" in asked ? { zoom_percent: Number(asked.zoom_percent) } : {};
  return { ...plain, ...kept, ...asked, ...zoom };
}

/** Databases. */
export function profiles(isProductionFirst: boolean): Profile[] {
  const folder = { target: { type: "folder" as const, path: "/home/m.weber/Kontor/Postausgang" }, password: "none" as const };
  const server = { target: { type: "server" as const, host: "mail.example.com", port: 587, security: "start_tls" as const, user: "rechnung", ca_file: null, senders: 4, per_minute: 120 }, password: "keyring" as const };
  const all: Profile[] = [
    { id: "01940001-0000-7000-8000-000000000001", name: "Demo Januar 2013", place: { type: "file", path: "/home/m.weber/Kontor/demo-2013-01.db" }, purpose: "demo", opened_at: "2013-02-01T07:01:00Z", password: "none", mail: folder },
    { id: "01940001-0000-7000-8000-000000000002", name: "Zentrale", place: { type: "server", host: "db.example.com", port: null, database: "kontor", user: "m.weber", ca_file: null }, purpose: "production", opened_at: "2013-01-31T16:20:00Z", password: "keyring", mail: server },
    { id: "01940001-0000-7000-8000-000000000003", name: "Übung Außenstelle Köln", place: { type: "server", host: "test.example.com", port: 5433, database: "kontor_test", user: "m.weber", ca_file: null }, purpose: "test", opened_at: "2013-01-22T11:05:00Z", password: "session", mail: { target: null, password: "none" } },
  ];
  return isProductionFirst ? [all[1]!, all[0]!, all[2]!] : all;
}
