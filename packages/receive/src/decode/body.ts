import { isUtf8 } from "node:buffer";
import { Readable, type Transform } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  brotliDecompressSync,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  gunzipSync,
  inflateRawSync,
  inflateSync,
} from "node:zlib";
import type { Reservation } from "@gatepost/core/room";
import { Crowd } from "./json-bytes.ts";
import { maxValues, TooMany } from "./limits.ts";
import { declaredCharset, mayBeUtf8, readTextOf, wideCharset } from "./text.ts";

/** The body of a request, received as text or as bytes. A text is made into bytes only when they are needed. */
export class Body {
  readonly #sent: string | Buffer;
  readonly #unpacked: Buffer | undefined;
  #made: Buffer | undefined;

  /** @param unpacked the bytes without their content encoding, if they have one */
  constructor(sent: string | Buffer, unpacked?: Buffer) {
    this.#sent = sent;
    this.#unpacked = unpacked;
  }

  /** The text, if the body was received as text; else null. */
  get text(): string | null {
    return typeof this.#sent === "string" ? this.#sent : null;
  }

  /** The bytes as they were sent. */
  get bytes(): Buffer {
    if (typeof this.#sent !== "string") return this.#sent;
    this.#made ??= Buffer.from(this.#sent);
    return this.#made;
  }

  /** The bytes as they are read: without their content encoding. */
  get unpacked(): Buffer {
    return this.#unpacked ?? this.bytes;
  }
}

/** Bytes that are read in one turn, so that other requests get their turns. */
const turnBytes = 4 * 1024 * 1024;

/** A body of more bytes, as sent or unpacked, is large. */
const largeBytes = 1024 * 1024;

/** Bytes that are copied at once to be read. */
const windowBytes = 64 * 1024;

/** A shorter body cannot have more values than are allowed: each takes at least two characters. */
const fewBytes = 2 * maxValues;

/** A body that is not read, because it has more values or reports than may be parsed, or unpacks to too much. */
export interface Unopened {
  unreadable: string;
  /** Bytes that were unpacked before that was known. */
  unpackedBytes: number;
}

/** The body without its content encoding. Throws 503 if memory has no room for the unpacked bytes. */
export function openBody(body: Body, encoding: string | undefined, held: Unpacking["held"]): Promise<Body | Unopened>;

/** The same, but `large` if it has over 1 MB, or unpacks to over 1 MB. */
export function openBody(
  body: Body,
  encoding: string | undefined,
  held: Unpacking["held"],
  bound: "small",
): Promise<Body | Unopened | "large">;

export async function openBody(
  body: Body,
  encoding: string | undefined,
  held: Unpacking["held"],
  bound?: "small",
): Promise<Body | Unopened | "large"> {
  const isBounded = bound !== undefined;
  // A body from Lambda is a text: it has no encoding, and is short.
  if (body.text !== null) return body;
  if (isBounded && body.bytes.length > largeBytes) return "large";
  // Nearly every body ends here: for a small one, trying to unpack it would cost more than parsing it.
  if (body.bytes.length <= fewBytes && !isPacked(body.bytes, encoding)) return body;
  let crowd = new Crowd();
  const watching = () => {
    crowd = new Crowd();
    return (piece: Buffer) => crowd.see(piece);
  };
  try {
    const unpacked = await unpack(body.bytes, encoding, { held, isBounded, watching });
    if (unpacked === "large") return unpacked;
    if (typeof unpacked === "string") return { unreadable: unpacked, unpackedBytes: crowd.bytes };
    const isSeen = unpacked !== body.bytes && crowd.bytes === unpacked.length;
    if (!isSeen && unpacked.length > fewBytes) await seeAll(unpacked);
    return unpacked === body.bytes ? body : new Body(body.bytes, unpacked);
  } catch (error) {
    if (error instanceof TooMany) return { unreadable: error.reason, unpackedBytes: crowd.bytes };
    throw error;
  }
}

/** A body of any length without its content encoding. Empty if there is more than may be unpacked. */
export async function plainOf(
  body: Body,
  headers: Readonly<Record<string, string>>,
  held: Unpacking["held"],
): Promise<Buffer> {
  const unpacked = await unpack(body.bytes, headers["content-encoding"], { held, watching: unwatched });
  return typeof unpacked === "string" ? Buffer.alloc(0) : unpacked;
}

/** Unpacked bytes of any length in UTF-8. */
export async function utf8Of(bytes: Buffer, headers: Readonly<Record<string, string>>): Promise<Buffer> {
  const charset = declaredCharset(headers["content-type"] ?? "");
  if (mayBeUtf8(bytes, charset) && isUtf8(bytes)) return bytes;
  const wide = wideCharset(bytes, charset);
  return wide === null ? Buffer.from(readTextOf(bytes, charset)?.text ?? "") : ofWide(bytes, wide);
}

/** UTF-16 as UTF-8. Empty if the bytes are not UTF-16. */
async function ofWide(bytes: Buffer, charset: string): Promise<Buffer> {
  const decoder = new TextDecoder(charset, { fatal: true });
  const pieces: Buffer[] = [];
  try {
    for (let from = 0; from < bytes.length; from += turnBytes) {
      const stream = from + turnBytes < bytes.length;
      pieces.push(Buffer.from(decoder.decode(bytes.subarray(from, from + turnBytes), { stream })));
      await nextTurn();
    }
  } catch {
    return Buffer.alloc(0);
  }
  return Buffer.concat(pieces);
}

async function seeAll(bytes: Buffer): Promise<void> {
  const crowd = new Crowd();
  // A server may keep large bodies in resizable memory, which V8 reads several times slower byte by byte.
  const window = Buffer.allocUnsafe(windowBytes);
  for (let from = 0; from < bytes.length; from += windowBytes) {
    crowd.see(window.subarray(0, bytes.copy(window, 0, from)));
    if (from % turnBytes === turnBytes - windowBytes) await nextTurn();
  }
}

/**
 * Most bytes of a body after unpacking: as many as a body that is received unpacked may have.
 * docs/architecture.md#limits.
 */
const unpackedBytes = 64 * 1024 * 1024;

/**
 * A body may unpack to so many times its size beyond `maxStep` bytes. JPEG in base64 packs 1.4 to 1, and JSON without
 * pictures seldom over 20 to 1.
 */
const maxRatio = 200;

/** A body is packed twice only by mistake. */
const maxLayers = 3;

/** Bytes that are unpacked at once. Room for them is taken before. */
const maxStep = 1024 * 1024;
const minStep = 16 * 1024;

interface Unpacker {
  stream(options: { chunkSize: number }): Transform;
  /** Throws RangeError if the result has more bytes than `maxOutputLength`. */
  atOnce(bytes: Buffer, options: { maxOutputLength: number }): Buffer;
}

const gzip: Unpacker = { stream: createGunzip, atOnce: gunzipSync };
const inflate: Unpacker = { stream: createInflate, atOnce: inflateSync };
const inflateRaw: Unpacker = { stream: createInflateRaw, atOnce: inflateRawSync };
const brotli: Unpacker = { stream: createBrotliDecompress, atOnce: brotliDecompressSync };

const unpackers = new Map<string, readonly Unpacker[]>([
  ["gzip", [gzip]],
  ["x-gzip", [gzip]],
  // With and without the header of zlib: senders use either.
  ["deflate", [inflate, inflateRaw]],
  ["br", [brotli]],
]);

/** Watches nothing. */
export const unwatched = () => () => {};

export interface Unpacking {
  held: Pick<Reservation, "isBeyond" | "take" | "give">;
  /** Whether a body of over `maxStep` bytes is not unpacked, and the result is `large`. */
  isBounded?: boolean;
  /**
   * Called for each try to unpack the innermost layer. The function it returns gets each piece; an error of that ends
   * the unpacking.
   */
  watching(): (piece: Buffer) => void;
}

/** Why a body is not unpacked. `large`: it would have over 1 MB, and its unpacking is bounded. */
export type NotUnpacked = "unpacks-too-large" | typeof tooDense | "large";

/** The reason for a body that unpacks to far more than anything real. */
export const tooDense = "packed-too-densely";

/**
 * Removes the content encoding of a body, also if gzip is not declared. A body that is not packed as declared stays as
 * it is: something on the way has unpacked it already, or it is cut off. Room for each piece is taken before it is
 * unpacked: throws 503 if there is none.
 */
export async function unpack(
  body: Buffer,
  encoding: string | undefined,
  { watching, ...unpacking }: Unpacking,
): Promise<Buffer | NotUnpacked> {
  const { held } = unpacking;
  const layers = encoding?.toLowerCase().split(",", maxLayers).reverse() ?? [""];
  let bytes = body;
  for (const [index, layer] of layers.entries()) {
    const isLast = index === layers.length - 1;
    const candidates = unpackers.get(layer.trim()) ?? guess(bytes);
    const deps = { ...unpacking, watching: isLast ? watching : unwatched, sentBytes: body.length };
    const unpacked = await unpackLayer(bytes, candidates, deps);
    if (typeof unpacked === "string") return unpacked;
    if (bytes !== body && unpacked !== bytes) held.give(bytes.length);
    bytes = unpacked;
  }
  return bytes;
}

type Layer = Unpacking & { sentBytes: number };

/** Whether a body may be packed, as far as is known without trying. */
function isPacked(body: Buffer, encoding: string | undefined): boolean {
  return encoding !== undefined || guess(body).length > 0;
}

function guess(bytes: Buffer): readonly Unpacker[] {
  return bytes.length > 2 && bytes.readUInt16BE() === 0x1f8b ? [gzip] : [];
}

async function unpackLayer(bytes: Buffer, candidates: readonly Unpacker[], deps: Layer): Promise<Buffer | NotUnpacked> {
  for (const candidate of candidates) {
    const quick = unpackQuickly(candidate, bytes, deps);
    if (quick === "too-large" && deps.isBounded === true) return "large";
    const unpacked = quick === "too-large" ? await drain(candidate, bytes, deps) : quick;
    if (unpacked !== "not-packed") return unpacked;
  }
  return bytes;
}

/** Unpacks a small body at once, as nearly every body is: a stream takes a fifth longer. */
function unpackQuickly(candidate: Unpacker, packed: Buffer, { held }: Unpacking): Buffer | "not-packed" | "too-large" {
  if (held.isBeyond(packed.length + maxStep)) return "too-large";
  if (packed.length > maxStep || (candidate === gzip && statedBytes(packed) > maxStep)) return "too-large";
  held.take(maxStep);
  const unpacked = tryAtOnce(candidate, packed);
  // The unpacked bytes fit into the step whose room was given back just now.
  held.give(maxStep);
  if (typeof unpacked !== "string") held.take(unpacked.length);
  return unpacked;
}

function tryAtOnce(candidate: Unpacker, packed: Buffer): Buffer | "not-packed" | "too-large" {
  try {
    return candidate.atOnce(packed, { maxOutputLength: maxStep });
  } catch (error) {
    return error instanceof RangeError ? "too-large" : "not-packed";
  }
}

/** The unpacked size that gzip states in its last bytes. It may be wrong. */
function statedBytes(packed: Buffer): number {
  return packed.length < 4 ? 0 : packed.readUInt32LE(packed.length - 4);
}

/** Unpacks piece by piece. Afterwards `held` contains the room for the result. */
async function drain(
  candidate: Unpacker,
  packed: Buffer,
  { held, watching, sentBytes }: Layer,
): Promise<Buffer | NotUnpacked | "not-packed"> {
  const step = Math.min(maxStep, Math.max(minStep, packed.length * 4));
  // It grows without a copy. A list of pieces would take the same memory again when they are joined.
  const grown = new ArrayBuffer(0, { maxByteLength: unpackedBytes });
  const watch = watching();
  let bytes = 0;
  let taken = 0;
  try {
    for await (const piece of piecesOf(candidate.stream({ chunkSize: step }), packed)) {
      const before = bytes;
      bytes += piece.length;
      if (bytes > maxStep && bytes > maxRatio * sentBytes) return tooDense;
      // Room for the piece that may come next is taken before it is unpacked.
      const needed = Math.ceil(bytes / step + 1) * step;
      if (bytes > unpackedBytes || held.isBeyond(packed.length + needed)) return "unpacks-too-large";
      watch(piece);
      grown.resize(bytes);
      new Uint8Array(grown).set(piece, before);
      held.take(needed - taken);
      taken = needed;
    }
    held.take(bytes);
    return Buffer.from(grown.transferToFixedLength());
  } catch (error) {
    if (error instanceof NotPacked) return "not-packed";
    throw error;
  } finally {
    held.give(taken);
  }
}

function* slicesOf(packed: Buffer): Generator<Buffer> {
  for (let from = 0; from < packed.length; from += minStep) yield Buffer.from(packed.subarray(from, from + minStep));
}

class NotPacked extends Error {}

async function* piecesOf(stream: Transform, packed: Buffer): AsyncGenerator<Buffer> {
  // Gives copies, because an unpacker that is given up works on for a moment, when the memory of the body may be freed.
  Readable.from(slicesOf(packed)).pipe(stream);
  try {
    for await (const piece of stream) yield piece;
  } catch (cause) {
    throw new NotPacked("not packed as it says, or torn", { cause });
  }
}
