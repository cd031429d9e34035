// What the window asks of the office. The types are the contract's; only this folder knows how a question gets there.

import type { Answer, Document, Event, Failure, Request } from "../generated/api";

/** The bridge to the office. */
export interface Backend {
  /** Asks, and answers with the contract's answer or throws a `Refused`. */
  call<R extends Request>(request: R): Promise<Answer<R>>;
  /** The bytes of a document as they are stored, damaged or not. */
  document(document: Document): Promise<Uint8Array<ArrayBuffer>>;
  /** Tells what happens without being asked, beginning with how things stand. */
  watch(tell: (event: Event) => void): Promise<void>;
}

/** A request that was not answered, with the reason as a code. */
export class Refused extends Error {
  constructor(readonly failure: Failure) {
    super(failure.code);
  }
}

/** The failure that an error stands for. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Refused) return error.failure;
  console.error(error);
  return { code: "unexpected", incident: "" };
}

/** The office behind this window: the desktop program's, or, in a browser while developing, a made-up one. */
export async function connect(): Promise<Backend> {
  if (import.meta.env.DEV && !("__TAURI_INTERNALS__" in window)) {
    return (await import("./sample")).sampleBackend();
  }
  return (await import("./tauri")).tauriBackend();
}
