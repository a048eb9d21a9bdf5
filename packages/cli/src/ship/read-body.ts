import { addAbortSignal, Readable } from "node:stream";

/**
 * Reads a body to its end. It may take any time, while bytes keep coming.
 *
 * @param idleMs ms without a byte after which it throws
 */
export async function readBody(body: unknown, { idleMs, ended }: { idleMs: number; ended: AbortSignal }) {
  if (!(body instanceof Readable)) throw new Error("the store answered without a body");
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(), idleMs);
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of addAbortSignal(AbortSignal.any([idle.signal, ended]), body)) {
      timer.refresh();
      chunks.push(chunk);
    }
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks);
}
