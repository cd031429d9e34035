// What is said when something cannot be done: what happened, and what it means and what to do.

import type { Failure, FieldFault, OpenProblem } from "../generated/api";
import { fault, field, obstacle } from "./codes";
import { counted, dateTime, list, number } from "./format";
import { m } from "./paraglide/messages.js";

/** A failure in words. */
export interface Sentence {
  /** What happened. */
  what: string;
  /** What it means and what to do. */
  then: string;
}

let logFolder = "";

/** Where the log lies, for failures that only the log explains. */
export function rememberLogFolder(folder: string): void {
  logFolder = folder;
}

function open(problem: OpenProblem): Sentence {
  const what = m[`open_${problem.code}`]();
  switch (problem.code) {
    case "file_missing":
    case "file_refused":
    case "not_a_database":
    case "occupied":
    case "ca_file_unreadable":
      return { what, then: m[`open_${problem.code}_do`]({ path: problem.path }) };
    case "older":
      return { what, then: m.open_older_do(counted(problem.pending)) };
    case "newer":
      return { what, then: m.open_newer_do({ applied: problem.applied }) };
    case "server_unreachable":
      return { what, then: m.open_server_unreachable_do({ host: problem.host }) };
    case "database_unknown":
      return { what, then: m.open_database_unknown_do({ database: problem.database }) };
    case "login_refused":
      return { what, then: m.open_login_refused_do({ user: problem.user }) };
    case "certificate_refused":
      return { what, then: m.open_certificate_refused_do({ host: problem.host }) };
    default:
      return { what, then: m[`open_${problem.code}_do`]() };
  }
}

/** Faults of fields in one sentence, for a place that has no fields to mark. */
export function faultList(faults: FieldFault[]): string {
  return faults.map((each) => `${field(each.field)}: ${fault(each.fault)}`).join(" ");
}

/** A failure in words. */
export function sentence(failure: Failure): Sentence {
  switch (failure.code) {
    case "connection_lost":
      return { what: m.fail_connection_lost(), then: m.fail_connection_lost_do({ since: dateTime(failure.since) }) };
    case "disk_full":
      return { what: m.fail_disk_full({ place: m[`place_${failure.place}`]() }), then: m.fail_disk_full_do() };
    case "cannot_open":
      return open(failure.reason);
    case "not_found": {
      const what = m.fail_not_found({ record: m[`record_${failure.record}`](), key: failure.key });
      const meant = failure.meant.length ? ` ${m.fail_not_found_meant({ meant: list(failure.meant) })}` : "";
      return { what, then: m.fail_not_found_do() + meant };
    }
    case "conflict":
      return { what: m.fail_conflict(), then: m.fail_conflict_do({ label: failure.conflict.label }) };
    case "invalid":
      return { what: m.fail_invalid(), then: `${m.fail_invalid_do()} ${faultList(failure.faults)}` };
    case "refused":
      return { what: m.fail_refused(), then: obstacle(failure.obstacle) };
    case "plan_outdated": {
      const numbers = { planned: number(failure.planned), now: number(failure.now) };
      return { what: m.fail_plan_outdated(), then: m.fail_plan_outdated_do(numbers) };
    }
    case "file":
      return { what: m[`fail_file_${failure.reason}`](), then: m.fail_file_do({ path: failure.path }) };
    case "unexpected": {
      // A stumble of the window itself has no number in the log.
      if (!failure.incident) return { what: m.fail_unexpected(), then: m.fail_unexpected_here() };
      return { what: m.fail_unexpected(), then: m.fail_unexpected_do({ incident: failure.incident, folder: logFolder }) };
    }
    default:
      return { what: m[`fail_${failure.code}`](), then: m[`fail_${failure.code}_do`]() };
  }
}
