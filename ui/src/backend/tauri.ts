// The real office: three commands of the shell.

import { Channel, invoke } from "@tauri-apps/api/core";

import type { Answer, Document, Event, Failure, Request } from "../generated/api";
import { Refused, type Backend } from "./index";

function isFailure(error: unknown): error is Failure {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string";
}

async function asked<T>(command: string, parameters: Record<string, unknown>): Promise<T> {
  try {
    return await invoke<T>(command, parameters);
  } catch (error) {
    throw isFailure(error) ? new Refused(error) : error;
  }
}

/** The backend of the desktop program. */
export function tauriBackend(): Backend {
  return {
    call: <R extends Request>(request: R) => asked<Answer<R>>("call", { request }),
    async document(document: Document) {
      return new Uint8Array(await asked<ArrayBuffer>("document", { document }));
    },
    async watch(tell) {
      const channel = new Channel<Event>();
      channel.onmessage = tell;
      await asked<null>("watch", { channel });
    },
  };
}
