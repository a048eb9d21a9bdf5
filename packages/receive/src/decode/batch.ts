import { setImmediate as nextTurn } from "node:timers/promises";
import { marks } from "@gatepost/core/json";
import { isBlank } from "@gatepost/protocol";
import { JsonWalker } from "./json-bytes.ts";

/** Root members under which senders put several reports at once. docs/formats.md §6, row 0; terminals of Dahua. */
export const listMembers: readonly string[] = ["events", "data", "records", "Events"];

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

/** The places where the lists of a batch open; `lines` if the batch has one value on each line. */
type Batch = readonly number[] | "lines";

/** Bytes that are read in one turn, so that other work gets its turns. */
const turnBytes = 256 * 1024;
/** Longer names cannot be any of the searched ones. */
const maxNameLength = 32;

/**
 * Finds the reports of a batch in its bytes, without parsing them. Null if the bytes are not a complete batch in UTF-8.
 */
async function batchIn(bytes: Buffer): Promise<Batch | null> {
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

/** The members of a body's root, as far as they show what it is. */
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

/** The limits of one piece of a batch. A single report that exceeds them becomes a separate piece. */
export interface PieceLimits {
  reports?: number;
  values?: number;
  bytes?: number;
}

export interface Piece {
  /** A JSON list; lines if the batch has its values on lines. */
  body: Buffer;
  reports: number;
}

/** Lines that are read in one turn, if the batch has its values on lines. */
const turnLines = 50_000;

/**
 * Cuts a batch into pieces, in order, without parsing it: brackets and commas show the end of a report. So its size and
 * content cost neither memory nor the turns of others. Gives nothing for bytes that are not a complete batch in UTF-8.
 *
 * @example for await (const { body } of piecesOf(batch, { bytes: 5_000_000 })) await send(body);
 */
export async function* piecesOf(bytes: Buffer, limits: PieceLimits): AsyncGenerator<Piece> {
  const batch = await batchIn(bytes);
  if (batch === null) return;
  for (const cut of cutsOf(bytes, batch)) {
    const cutter = new Cutter(bytes, limits, batch === "lines" ? asTheyAre : asList);
    for (let to = turnBytes, isDone = false; !isDone; to += turnBytes) {
      isDone = cut(cutter, to);
      if (isDone) cutter.finish();
      yield* cutter.take();
      await nextTurn();
    }
  }
}

/** Adds the reports before byte `to` to the cutter; returns whether all were added. */
type Cut = (cutter: Cutter, to: number) => boolean;

function cutsOf(bytes: Buffer, batch: Batch): Cut[] {
  return batch === "lines" ? [lines(bytes)] : batch.map((list) => elements(bytes, list));
}

/** The elements of the list that opens at `list`. */
function elements(bytes: Buffer, list: number): Cut {
  const walker = new JsonWalker(bytes, list);
  let from = list + 1;
  return (cutter, to) => {
    for (;;) {
      const mark = walker.next(1, to);
      if (mark === 0) return walker.at >= bytes.length;
      if (mark === marks.colon) continue;
      const end = walker.at - 1;
      if (mark !== marks.openList && mark !== marks.openObject && hasContent(bytes, from, end)) {
        cutter.add(from, end, walker.values);
      }
      from = walker.at;
      if (mark === marks.closeList) return true;
    }
  };
}

function lines(bytes: Buffer): Cut {
  const walker = new JsonWalker(bytes);
  let from = 0;
  return (cutter, to) => {
    for (let count = 0; count < turnLines && from < Math.min(to, bytes.length); count++) {
      const newline = bytes.indexOf(0x0a, from);
      const end = newline < 0 ? bytes.length : newline;
      walker.at = from;
      walker.next(Number.NaN, end);
      if (hasContent(bytes, from, end)) cutter.add(from, end, walker.values);
      from = end + 1;
    }
    return from >= bytes.length;
  };
}

function hasContent(bytes: Buffer, from: number, to: number): boolean {
  let at = from;
  while (at < to && isBlank(Number(bytes[at]))) at += 1;
  return at < to;
}

/** Makes pieces of successive reports. */
class Cutter {
  readonly #bytes: Buffer;
  readonly #limits: Required<PieceLimits>;
  readonly #wrap: (inner: Buffer) => Buffer;
  #pieces: Piece[] = [];
  #from = 0;
  #to = 0;
  #reports = 0;
  /** Values of all reports in finished pieces. */
  #valuesBefore = 0;
  #values = 0;

  constructor(bytes: Buffer, limits: PieceLimits, wrap: (inner: Buffer) => Buffer) {
    const { POSITIVE_INFINITY: any } = Number;
    this.#bytes = bytes;
    this.#limits = { reports: any, values: any, bytes: any, ...limits };
    this.#wrap = wrap;
  }

  /** @param values the values of the batch up to the end of this report */
  add(from: number, to: number, values: number): void {
    if (this.#reports > 0 && this.#isFull(to, values)) this.finish();
    if (this.#reports === 0) this.#from = from;
    this.#to = to;
    this.#values = values;
    this.#reports += 1;
  }

  finish(): void {
    if (this.#reports === 0) return;
    this.#pieces.push({ body: this.#wrap(this.#bytes.subarray(this.#from, this.#to)), reports: this.#reports });
    this.#valuesBefore = this.#values;
    this.#reports = 0;
  }

  /** The pieces that were finished since the last call. */
  take(): Piece[] {
    return this.#pieces.splice(0);
  }

  #isFull(to: number, values: number): boolean {
    const { reports, values: maxValues, bytes } = this.#limits;
    const isFullOfValues = values - this.#valuesBefore > maxValues;
    return this.#reports === reports || isFullOfValues || to - this.#from + brackets.length > bytes;
  }
}

const brackets = "[]";

function asList(inner: Buffer): Buffer {
  return Buffer.concat([Buffer.from("["), inner, Buffer.from("]")]);
}

function asTheyAre(inner: Buffer): Buffer {
  return inner;
}
