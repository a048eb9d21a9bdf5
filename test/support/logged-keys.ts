import { subscribe } from "node:diagnostics_channel";
import type { Readable } from "node:stream";

/**
 * A key, or the token of a cookie, session, invitation or link as Gatepost makes them, also percent-encoded, and a key as
 * Basic auth has it, in base64. The pattern is independent of the code that keeps them out of logs, because it checks
 * that code.
 */
const anyKey = /gp[iraocsve](?:_|%5[Ff])[\w-]{27}|Z3B[phyv]X[\w+/-]{34}/g;
/** Characters of the longest of these, less one: so many of a piece may be the beginning of one. */
const overlap = 40;

/** Characters that are shown before a key that was found. */
const around = 120;

const found: string[] = [];

/** The keys found since the last call: the text before each key, and its first characters. */
export function takeLoggedKeys(): string[] {
  return found.splice(0);
}

/** Looks for keys in what one stream writes, piece by piece. */
export class KeySearch {
  #seen = "";

  add(piece: string | Uint8Array): void {
    const text = this.#seen + (typeof piece === "string" ? piece : Buffer.from(piece).toString("latin1"));
    for (const { index } of text.matchAll(anyKey)) found.push(text.slice(Math.max(0, index - around), index + 8));
    // Keys that were found are not found again in the next piece.
    this.#seen = text.replaceAll(anyKey, "").slice(-overlap);
  }
}

/**
 * Looks for keys in the lines of a log among other lines: functions log to stdout, and commands print keys there, too.
 */
export class LogSearch {
  readonly #search = new KeySearch();
  #line = "";

  add(piece: string | Uint8Array): void {
    const lines = (this.#line + Buffer.from(piece).toString("latin1")).split("\n");
    this.#line = lines.pop() ?? "";
    for (const line of lines) if (/^\{.*"level":"/.test(line)) this.#search.add(`${line}\n`);
  }
}

interface Started {
  stdout: Readable | null;
  stderr: Readable | null;
}

function isStarted(message: unknown): message is { process: Started } {
  return typeof message === "object" && message !== null && "process" in message;
}

/** Searches the output of a stream, without a change for its reader. */
function look(stream: Readable | null, search: KeySearch | LogSearch): void {
  if (stream === null) return;
  const push = stream.push.bind(stream);
  stream.push = (chunk: string | Uint8Array | null, encoding?: BufferEncoding) => {
    if (chunk !== null) search.add(chunk);
    return push(chunk, encoding);
  };
}

// Searches the output of each process that a test starts, and of this one.
subscribe("child_process", (message) => {
  // It has its streams once it was started, and nothing is read of them before the next turn.
  process.nextTick(() => {
    if (!isStarted(message)) return;
    look(message.process.stderr, new KeySearch());
    look(message.process.stdout, new LogSearch());
  });
});
for (const [stream, search] of [
  [process.stderr, new KeySearch()],
  [process.stdout, new LogSearch()],
] as const) {
  const write = stream.write.bind(stream);
  stream.write = (chunk: string | Uint8Array, ...others: never[]) => {
    search.add(chunk);
    return write(chunk, ...others);
  };
}
