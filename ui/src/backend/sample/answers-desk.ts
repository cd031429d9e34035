// The sample's answers about the desk: settings, profiles, demos, exports, dialogs.

import type { Job, JobOutcome, Request } from "../../generated/api";
import { Refused } from "../index";
import { countOf, type Office } from "./answers";
import { id } from "./data";

let jobs = 0;

/** Lets a job go on until it ends. */
export function work(office: Office, kind: Job["kind"], stages: Job["stages"], outcome: () => JobOutcome): Job {
  const job: Job = { id: id(20, ++jobs), kind, started_at: new Date().toISOString(), stages, outcome: null };
  office.jobs.set(job.id, job);
  const timer = setInterval(() => {
    const now = office.jobs.get(job.id);
    if (!now || now.outcome) return clearInterval(timer);
    const next = now.stages.map((stage) => ({ ...stage, done: Math.min(stage.total ?? 0, stage.done + Math.ceil((stage.total ?? 1) / 25)) }));
    const isOver = next.every((stage) => stage.done === stage.total);
    const told: Job = { ...now, stages: next, outcome: isOver ? outcome() : null };
    office.jobs.set(job.id, told);
    office.tell({ type: "job", job: told });
  }, 150);
  return job;
}

function connect(office: Office, profile: string) {
  const of = office.profiles.find((each) => each.id === profile);
  if (!of) throw new Refused({ code: "not_found", record: "profile", key: profile, meant: [] });
  office.connection = {
    profile,
    name: of.name,
    purpose: of.purpose ?? "demo",
    is_file: of.place.type === "file",
    address: of.place.type === "file" ? of.place.path : `${of.place.host}/${of.place.database}`,
    business_date: of.purpose === "production" ? null : "2013-02-01",
    state: { type: "ok", since: new Date().toISOString() },
  };
  office.tell({ type: "connection", connection: office.connection });
  return office.connection;
}

/** Answers what is about the desk; nothing when it is about something else. */
export async function desk(office: Office, request: Request): Promise<unknown> {
  switch (request.type) {
    case "start":
      return {
        version: "0.1.0",
        by: office.by,
        now: new Date().toISOString(),
        settings: office.settings,
        appearance: { is_dark: false, is_motion_reduced: false, language: "de" },
        has_keyring: true,
        profiles: office.profiles,
        connection: office.connection,
        jobs: [...office.jobs.values()].filter((job) => !job.outcome),
        demo_folder: "/home/m.weber/Kontor",
        log_folder: "/home/m.weber/.local/state/kontor",
      };
    case "save_settings":
      office.settings = request.settings;
      localStorage.setItem("kontor-sample", JSON.stringify(request.settings));
      return request.settings;
    case "create_demo": {
      const profile = { id: id(21, office.profiles.length), name: request.name, place: { type: "file" as const, path: "/home/m.weber/Kontor/demo-neu.db" }, purpose: "demo" as const, opened_at: null, password: "none" as const, mail: { target: { type: "folder" as const, path: "/home/m.weber/Kontor/Postausgang" }, password: "none" as const } };
      return work(office, "demo", [{ name: "registrations", done: 0, total: 8532 }, { name: "invoices", done: 0, total: 8532 }], () => {
        office.profiles = [profile, ...office.profiles];
        return { type: "demo", profile: profile.id, registrations: 8532, invoices: 8532 };
      });
    }
    case "open_profile":
      if (request.profile.endsWith("3") && !request.password) throw new Refused({ code: "cannot_open", reason: { code: "password_needed" } });
      if (request.profile.endsWith("3") && request.password?.password !== "geheim") throw new Refused({ code: "cannot_open", reason: { code: "login_refused", user: "m.weber" } });
      return connect(office, request.profile);
    case "open_database":
      if (request.place.type === "server") throw new Refused({ code: "cannot_open", reason: { code: "server_unreachable", host: request.place.host } });
      throw new Refused({ code: "cannot_open", reason: { code: "not_a_database", path: request.place.path } });
    case "save_profile": {
      office.profiles = office.profiles.map((each) => (each.id === request.profile ? { ...each, name: request.name, place: request.place } : each));
      return office.profiles.find((each) => each.id === request.profile);
    }
    case "forget_profile":
      office.profiles = office.profiles.filter((each) => each.id !== request.profile);
      return null;
    case "save_mail_settings": {
      if (request.target.type === "server" && request.target.host !== "127.0.0.1" && office.connection?.purpose !== "production") throw new Refused({ code: "mail_target_not_local" });
      office.profiles = office.profiles.map((each) => (each.id === request.profile ? { ...each, mail: { target: request.target, password: request.password ? "keyring" : each.mail.password } } : each));
      return office.profiles.find((each) => each.id === request.profile);
    }
    case "close_database":
      office.connection = null;
      office.tell({ type: "connection", connection: null });
      return null;
    case "choose_path":
      if (request.choice === "csv_file") return "/home/m.weber/Dokumente/anmeldungen.csv";
      return request.choice === "database" ? "/home/m.weber/Dokumente/urlaub.db" : "/home/m.weber/Kontor/Postausgang";
    case "cancel_job": {
      const job = office.jobs.get(request.job);
      if (job && !job.outcome) {
        const told = { ...job, outcome: { type: "cancelled" as const } };
        office.jobs.set(job.id, told);
        office.tell({ type: "job", job: told });
      }
      return null;
    }
    case "export_list": {
      const rows = request.only?.length ?? countOf(office, request.query) - (request.except?.length ?? 0);
      return work(office, "export", [{ name: "rows", done: 0, total: rows }], () => ({ type: "export", path: `/home/m.weber/Dokumente/${request.file_name}.${request.format}`, rows }));
    }
    case "verify_journal": {
      const entries = office.records.journal.length;
      const head = office.records.journal[0]?.hash ?? "";
      const isOther = !!request.expect && request.expect !== head;
      return work(office, "journal", [{ name: "entries", done: 0, total: entries }], () => ({ type: "journal", verdict: { entries, head, fault: isOther ? { code: "head_unknown" } : null, verified_at: new Date().toISOString() } }));
    }
    case "open_export":
    case "notify":
    case "open_document":
      return null;
    case "save_document":
      return "/home/m.weber/Dokumente/Rechnung.pdf";
    default:
      return undefined;
  }
}
