import { Readable, type Transform } from "node:stream";
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
import type { Held } from "../room.ts";

/** Most bytes of a body after unpacking: as many as a body that came unpacked may have. docs/architecture.md#limits. */
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
  /** Throws RangeError where more comes out than `maxOutputLength`. */
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
  held: Pick<Held, "isBeyond" | "take" | "give">;
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
export function isPacked(body: Buffer, encoding: string | undefined): boolean {
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

/** Unpacks piece by piece. The caller then holds room for the result. */
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
