// The one way from the screens to the office: questions that wait for a lost connection, writes that are never silently
// done twice, and the stream of what happens.

import { connect, failureOf, Refused, type Backend } from "../backend";
import type { Answer, Document, Event, Failure, Request } from "../generated/api";

type Listener = (event: Event) => void;

let backend: Backend | null = null;
const listeners = new Set<Listener>();
let reconnected: Array<() => void> = [];

/** Connects the window to its office and begins to watch. */
export async function openOffice(): Promise<void> {
  backend = await connect();
  await backend.watch(hear);
}

function hear(event: Event): void {
  for (const listener of listeners) listener(event);
  if (event.type === "connection" && event.connection?.state.type !== "lost") {
    const waiting = reconnected;
    reconnected = [];
    for (const go of waiting) go();
  }
}

/** Hears what happens; the answer stops it. */
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function office(): Backend {
  if (!backend) throw new Error("The office was not opened");
  return backend;
}

const PATIENCE = 3000;

/** Waits until the connection is back, or for a moment, in case it was never told to be gone. */
function untilReconnected(): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PATIENCE);
    reconnected.push(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

class Asking {
  /** Writes whose answer was lost and that are being asked about. */
  again = $state(0);
}

/** What is being asked about again. */
export const asking = new Asking();

function codeOf(error: unknown): Failure["code"] | null {
  return error instanceof Refused ? error.failure.code : null;
}

/** Asks once. */
export function ask<R extends Request>(request: R): Promise<Answer<R>> {
  return office().call(request);
}

/** Asks something that only reads: when the connection is lost it is asked again as soon as it is back. */
export async function read<R extends Request>(request: R, lost?: (failure: Failure) => void): Promise<Answer<R>> {
  for (;;) {
    try {
      return await office().call(request);
    } catch (error) {
      if (!(error instanceof Refused) || error.failure.code !== "connection_lost") throw error;
      lost?.(error.failure);
      await untilReconnected();
    }
  }
}

/** Writes. Only when the answer was lost is it repeated, under the same id, so that it is done once in any case. */
export async function write<R extends Extract<Request, { request_id: string }>>(request: R): Promise<Answer<R>> {
  let isOpen = false;
  try {
    for (;;) {
      try {
        return await office().call(request);
      } catch (error) {
        const code = codeOf(error);
        if (code !== "answer_lost" && !(isOpen && code === "connection_lost")) throw error;
        if (!isOpen) asking.again++;
        isOpen = true;
        await untilReconnected();
      }
    }
  } finally {
    if (isOpen) asking.again--;
  }
}

/** The bytes of a document. */
export function documentBytes(document: Document): Promise<Uint8Array<ArrayBuffer>> {
  return office().document(document);
}

export { failureOf };
