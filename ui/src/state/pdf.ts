// pdf.js, loaded when the first PDF shows. The legacy build, with a worker of its own, because that is what runs in WebKitGTK.

import type { PDFDocumentProxy, PDFPageProxy, TextLayer } from "pdfjs-dist";

import type { Document } from "../generated/api";
import { documentBytes } from "./office.svelte";

type Pdf = typeof import("pdfjs-dist/legacy/build/pdf.mjs");

let library: Promise<Pdf> | null = null;

async function load(): Promise<Pdf> {
  addStreamIteration();
  const [pdf, { default: Worker }] = await Promise.all([
    import("pdfjs-dist/legacy/build/pdf.mjs"),
    import("pdfjs-dist/legacy/build/pdf.worker.mjs?worker"),
  ]);
  pdf.GlobalWorkerOptions.workerPort = new Worker();
  return pdf;
}

/** WebKit's streams cannot be iterated (https://bugs.webkit.org/show_bug.cgi?id=194379); parts of pdf.js rely on it. */
function addStreamIteration(): void {
  const prototype = ReadableStream.prototype as ReadableStream & { [Symbol.asyncIterator]?: unknown };
  prototype[Symbol.asyncIterator] ??= async function* (this: ReadableStream) {
    const reader = this.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        yield value as unknown;
      }
    } finally {
      reader.releaseLock();
    }
  };
}

/** Opens a PDF. Whoever opens it destroys it, or memory grows. */
export async function openPdf(bytes: Uint8Array): Promise<PDFDocumentProxy> {
  library ??= load();
  const pdf = await library;
  // The worker takes the buffer away, so it gets a copy. Letters are drawn as shapes, because WebKitGTK never gives back the
  // memory of a document's own fonts (3 MB a document).
  return pdf.getDocument({ data: bytes.slice(), verbosity: 0, disableFontFace: true }).promise;
}

/** The texts of a page, piece by piece as they are drawn. */
export async function textOf(page: PDFPageProxy): Promise<string[]> {
  const reader = page.streamTextContent().getReader() as ReadableStreamDefaultReader<{ items: Array<{ str?: string }> }>;
  const texts: string[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return texts;
    for (const item of value.items) if (item.str !== undefined) texts.push(item.str);
  }
}

/** Lays selectable text over a drawn page. */
export async function layText(page: PDFPageProxy, container: HTMLElement, scale: number): Promise<TextLayer> {
  const pdf = await (library ?? load());
  const layer = new pdf.TextLayer({ textContentSource: page.streamTextContent() as ReadableStream, container, viewport: page.getViewport({ scale }) });
  await layer.render();
  return layer;
}

const KEPT = 6;
const kept = new Map<string, Promise<Uint8Array>>();

/** The bytes of a document, kept for a moment, so that the next one of a stack is there before it is asked for. */
export function bytesOf(document: Document): Promise<Uint8Array> {
  // A report is drawn anew from what the figures are now.
  if (document.type === "report") return documentBytes(document);
  const key = `${document.type}/${document.id}`;
  const known = kept.get(key);
  if (known) return known;
  const bytes = documentBytes(document);
  kept.set(key, bytes);
  bytes.catch(() => kept.delete(key));
  while (kept.size > KEPT) kept.delete(kept.keys().next().value ?? "");
  return bytes;
}

/** Forgets kept bytes: a document may have been made anew. */
export function forgetBytes(): void {
  kept.clear();
}
