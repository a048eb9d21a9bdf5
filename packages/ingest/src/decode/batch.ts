import { setImmediate as nextTurn } from "node:timers/promises";
import { isBlank } from "@gatepost/protocol";
import { JsonWalker, marks } from "./json-walker.ts";

/** Root members under which senders put several reports at once. docs/formats.md §6, row 0. */
export const listMembers: readonly string[] = ["events", "data", "records"];

/**
 * Names of members that APIs send beside a list, in lower case without underscores: they describe the page or the
 * answer, not an event.
 */
const ofAnswers: ReadonlySet<string> = new Set([
  ...["pagination", "page", "pageno", "pagenum", "pageindex", "numpages", "pages", "pagesize", "pagelimit", "perpage"],
  ...["total", "totalcount", "count", "size", "limit", "offset", "cursor", "next", "hasmore"],
  ...["code", "status", "state", "message", "msg", "success", "ok", "error", "version", "apiversion"],
]);

/** Whether a member of this name describes only the answer of an API and not its reports. */
export function isOfAnswers(name: string): boolean {
  return ofAnswers.has(name.toLowerCase().replaceAll("_", ""));
}

/** Where the lists of a batch open; `lines` where the batch has one value on each line. */
export type Batch = readonly number[] | "lines";

/** Bytes that are read in one turn, so that other work gets its turns. */
export const turnBytes = 256 * 1024;
/** Longer names cannot be any of those that are searched for. */
const maxNameLength = 32;

/**
 * Finds the reports of a batch in its bytes, without parsing them. Null where the bytes are not a complete batch in
 * UTF-8.
 */
export async function batchIn(bytes: Buffer): Promise<Batch | null> {
  const hasMark = bytes.length > 2 && bytes.readUIntBE(0, 3) === 0xefbbbf;
  const first = skipBlanks(bytes, hasMark ? 3 : 0);
  const walker = new JsonWalker(bytes, first);
  const root = new Root(walker);
  for (let to = first + turnBytes; !root.isClosed; to += turnBytes) {
    if (walker.at >= bytes.length) return null;
    root.look(to);
    await nextTurn();
  }
  if (skipBlanks(bytes, walker.at) < bytes.length) return bytes[first] === marks.openObject ? "lines" : null;
  if (bytes[first] === marks.openList) return [first];
  return root.isReport || root.lists.length === 0 ? null : root.lists;
}

/** What the members of a body's root say about it. */
class Root {
  readonly lists: number[] = [];
  isReport = false;
  isClosed = false;
  readonly #walker: JsonWalker;

  constructor(walker: JsonWalker) {
    this.#walker = walker;
  }

  look(to: number): void {
    for (let mark = this.#walker.next(1, to); mark !== 0; mark = this.#walker.next(1, to)) {
      if (mark === marks.colon) this.#member();
      this.isClosed = mark === marks.closeList || mark === marks.closeObject;
      if (this.isClosed) return;
    }
  }

  #member(): void {
    const { bytes, stringFrom, stringTo, at } = this.#walker;
    if (stringTo - stringFrom > maxNameLength) return;
    const name = Buffer.from(bytes.subarray(stringFrom, stringTo)).toString();
    this.isReport ||= name === "identity_id";
    const value = skipBlanks(bytes, at);
    if (listMembers.includes(name) && bytes[value] === marks.openList) this.lists.push(value);
  }
}

function skipBlanks(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isBlank(Number(bytes[at]))) at += 1;
  return at;
}
