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

/** A part of the bytes, up to before `to`. */
interface Span {
  from: number;
  to: number;
}

/** The value of a batch, and the lists in it with their brackets. The batch itself may be the only list. */
interface Lists {
  root: Span;
  lists: Span[];
}

/** How the reports of a batch are found in its bytes: in lists, one on each line, or one after the other. */
export type BatchShape = Lists | "lines" | "sequence";

/** Bytes that are read in one turn, so that other work gets its turns. */
const turnBytes = 256 * 1024;
const lineEnd = 0x0a;
/** Longer names cannot be any of the searched ones. */
const maxNameLength = 32;
/** Bytes around the lists of a batch. Each piece of the batch has them again. */
const maxFrameBytes = 64 * 1024;

/**
 * Finds the reports of a batch in its bytes, without parsing them. Null if the bytes are not a complete batch in UTF-8.
 */
export async function shapeOf(bytes: Buffer): Promise<BatchShape | null> {
  const hasMark = bytes.length > 2 && bytes.readUIntBE(0, 3) === 0xefbbbf;
  const first = skipBlanks(bytes, hasMark ? 3 : 0);
  const walker = new JsonWalker(bytes, first);
  const root = new Root(walker);
  for (let to = first + turnBytes; !root.isClosed; to += turnBytes) {
    if (walker.at >= bytes.length) return null;
    root.look(to);
    await nextTurn();
  }
  const end = walker.at;
  if (skipBlanks(bytes, end) < bytes.length)
    return bytes[first] === marks.openObject ? manyRoots(bytes, first, end) : null;
  const span = { from: first, to: end };
  if (bytes[first] === marks.openList) return { root: span, lists: [span] };
  const inLists = root.lists.reduce((sum, { from, to }) => sum + to - from, 0);
  const isFramed = end - first - inLists <= maxFrameBytes;
  return root.isReport || root.lists.length === 0 || !isFramed ? null : { root: span, lists: root.lists };
}

/** Lines, if the first of several values fills a line. */
function manyRoots(bytes: Buffer, first: number, end: number): "lines" | "sequence" {
  const line = bytes.indexOf(lineEnd, first);
  const behind = skipBlanks(bytes, end);
  const next = bytes[behind] === marks.comma ? skipBlanks(bytes, behind + 1) : behind;
  return line >= end && next > line ? "lines" : "sequence";
}

/** The members of a body's root, as far as they show what it is. */
class Root {
  readonly lists: Span[] = [];
  isReport = false;
  isClosed = false;
  readonly #walker: JsonWalker;
  #opened: number | null = null;

  constructor(walker: JsonWalker) {
    this.#walker = walker;
  }

  look(to: number): void {
    for (let mark = this.#walker.next(1, to); mark !== 0; mark = this.#walker.next(1, to)) {
      this.#closeList();
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
    if (listMembers.includes(name) && bytes[value] === marks.openList) this.#opened = value;
  }

  /** Only blanks are between the end of a list and the mark that follows it. */
  #closeList(): void {
    const from = this.#opened;
    if (from === null) return;
    const { bytes, at } = this.#walker;
    this.#opened = null;
    this.lists.push({ from, to: bytes.subarray(0, at - 1).lastIndexOf(marks.closeList) + 1 });
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
  /** A JSON list with the bytes around it; lines if the batch has its values on lines. */
  body: Buffer;
  reports: number;
  /** The place in the batch behind it. */
  next: BatchPlace;
}

/** A place in a batch: in which of its lists, and a byte at or before the next report. */
export interface BatchPlace {
  list: number;
  at: number;
}

export const batchBegin: BatchPlace = { list: 0, at: 0 };

/** Lines that are read in one turn, if the batch has its values on lines. */
const turnLines = 50_000;

/**
 * Cuts a batch into pieces, in order, without parsing it: brackets and commas show the end of a report. So its size and
 * content cost neither memory nor the turns of others. Gives nothing for bytes that are not a complete batch in UTF-8.
 *
 * @example for await (const { body } of piecesOf(batch, { bytes: 5_000_000 })) await send(body);
 */
export async function* piecesOf(bytes: Buffer, limits: PieceLimits): AsyncGenerator<Piece> {
  const shape = await shapeOf(bytes);
  if (shape !== null) yield* piecesFrom(bytes, shape, batchBegin, limits);
}

/** The pieces of a batch from a place on. */
export async function* piecesFrom(
  bytes: Buffer,
  shape: BatchShape,
  place: BatchPlace,
  limits: PieceLimits,
): AsyncGenerator<Piece> {
  for (let list = place.list; list < countLists(shape); list++) {
    const cutter = new Cutter(bytes, limits, frameOf(bytes, shape, list), list);
    const from = list === place.list ? place.at : 0;
    const cut = cutOf(bytes, shape, list, from);
    for (let to = from + turnBytes, isDone = false; !isDone; to += turnBytes) {
      isDone = cut(cutter, to);
      if (isDone) cutter.finish();
      yield* cutter.take();
      await nextTurn();
    }
  }
}

const countLists = (shape: BatchShape) => (typeof shape === "string" ? 1 : shape.lists.length);

/** How many reports a batch has. */
export async function countReports(bytes: Buffer, shape: BatchShape): Promise<number> {
  let reports = 0;
  const counter = {
    add() {
      reports += 1;
    },
  };
  for (let list = 0; list < countLists(shape); list++) {
    const cut = cutOf(bytes, shape, list, 0);
    for (let to = turnBytes; !cut(counter, to); to += turnBytes) await nextTurn();
  }
  return reports;
}

/** Gives the reports before byte `to` to the cutter; returns whether all were given. */
type Cut = (cutter: Pick<Cutter, "add">, to: number) => boolean;

function cutOf(bytes: Buffer, shape: BatchShape, list: number, from: number): Cut {
  if (shape === "lines") return lines(bytes, from);
  if (shape === "sequence") return sequence(bytes, from);
  return elements(bytes, Math.max(from, Number(shape.lists[list]?.from) + 1));
}

/** The elements of a list from a byte on, which is at the end of another element or of the bracket. */
function elements(bytes: Buffer, begin: number): Cut {
  const walker = new JsonWalker(bytes, begin);
  walker.level = 1;
  let from = begin;
  return (cutter, to) => {
    for (;;) {
      const mark = walker.next(1, to);
      if (mark === 0) return walker.at >= bytes.length;
      if (mark === marks.colon) continue;
      const end = walker.at - 1;
      if (hasContent(bytes, from, end)) cutter.add(from, end, walker.values);
      from = walker.at;
      if (mark === marks.closeList) return true;
    }
  };
}

function lines(bytes: Buffer, begin: number): Cut {
  const walker = new JsonWalker(bytes);
  let from = begin;
  return (cutter, to) => {
    for (let count = 0; count < turnLines && from < Math.min(to, bytes.length); count++) {
      const newline = bytes.indexOf(lineEnd, from);
      const end = newline < 0 ? bytes.length : newline;
      walker.at = from;
      walker.next(Number.NaN, end);
      if (hasContent(bytes, from, end)) cutter.add(from, end, walker.values);
      from = end + 1;
    }
    return from >= bytes.length;
  };
}

/** Values one after the other, each with the characters before it. */
function sequence(bytes: Buffer, begin: number): Cut {
  const walker = new JsonWalker(bytes, begin);
  let from = begin;
  const add = (cutter: Pick<Cutter, "add">, to: number) => {
    cutter.add(from, to, walker.values);
    from = to;
  };
  return (cutter, to) => {
    while (walker.next(1, to) !== 0) if (walker.level === 0) add(cutter, walker.at);
    if (walker.at < bytes.length) return false;
    if (bytes.subarray(from).some((byte) => !betweenValues.has(byte))) add(cutter, bytes.length);
    return true;
  };
}

/** The bytes that may separate values: blanks, a comma, a semicolon, NUL, and the record separator. */
const betweenValues: ReadonlySet<number> = new Set([..." \t\r\n,;\0\u001e"].map((sign) => sign.charCodeAt(0)));

function hasContent(bytes: Buffer, from: number, to: number): boolean {
  let at = from;
  while (at < to && isBlank(Number(bytes[at]))) at += 1;
  return at < to;
}

/** The bytes before and behind the reports of each piece. */
interface Frame {
  head: Buffer;
  tail: Buffer;
}

/** All around the reports of one list, without the reports of the others; nothing if the batch has no lists. */
function frameOf(bytes: Buffer, shape: BatchShape, list: number): Frame {
  if (typeof shape === "string") return { head: Buffer.alloc(0), tail: Buffer.alloc(0) };
  const { root, lists } = shape;
  const begins = [root.from, ...lists.map(({ to }) => to - 1)];
  const ends = [...lists.map(({ from }) => from + 1), root.to];
  const around = begins.map((from, at) => bytes.subarray(from, ends[at]));
  return { head: Buffer.concat(around.slice(0, list + 1)), tail: Buffer.concat(around.slice(list + 1)) };
}

/** Makes pieces of successive reports. */
class Cutter {
  readonly #bytes: Buffer;
  readonly #limits: Required<PieceLimits>;
  readonly #frame: Frame;
  readonly #list: number;
  #pieces: Piece[] = [];
  #from = 0;
  #to = 0;
  #reports = 0;
  /** Values of all reports in finished pieces. */
  #valuesBefore = 0;
  #values = 0;

  constructor(bytes: Buffer, limits: PieceLimits, frame: Frame, list: number) {
    const { POSITIVE_INFINITY: any } = Number;
    this.#bytes = bytes;
    this.#limits = { reports: any, values: any, bytes: any, ...limits };
    this.#frame = frame;
    this.#list = list;
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
    const { head, tail } = this.#frame;
    const inner = this.#bytes.subarray(this.#from, this.#to);
    const body = head.length === 0 ? inner : Buffer.concat([head, inner, tail]);
    this.#pieces.push({ body, reports: this.#reports, next: { list: this.#list, at: this.#to } });
    this.#valuesBefore = this.#values;
    this.#reports = 0;
  }

  /** The pieces that were finished since the last call. */
  take(): Piece[] {
    return this.#pieces.splice(0);
  }

  #isFull(to: number, values: number): boolean {
    const { reports, values: maxValues, bytes } = this.#limits;
    const { head, tail } = this.#frame;
    const isFullOfValues = values - this.#valuesBefore > maxValues;
    return this.#reports === reports || isFullOfValues || to - this.#from + head.length + tail.length > bytes;
  }
}
