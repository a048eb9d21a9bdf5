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

/** Bytes of a body after unpacking, as many as one may have that came unpacked. docs/architecture.md#limits. */
const unpackedBytes = 64 * 1024 * 1024;

/** Nobody packs twice but by mistake. */
const maxLayers = 3;

/** Bytes that are unpacked at once, for which room is taken before. */
const maxStep = 1024 * 1024;
const minStep = 16 * 1024;

interface Unpacker {
  stream(options: { chunkSize: number }): Transform;
  /** Throws RangeError where more comes out than it may. */
  atOnce(bytes: Buffer, options: { maxOutputLength: number }): Buffer;
}

const gzip: Unpacker = { stream: createGunzip, atOnce: gunzipSync };
const inflate: Unpacker = { stream: createInflate, atOnce: inflateSync };
const inflateRaw: Unpacker = { stream: createInflateRaw, atOnce: inflateRawSync };
const brotli: Unpacker = { stream: createBrotliDecompress, atOnce: brotliDecompressSync };

const unpackers = new Map<string, readonly Unpacker[]>([
  ["gzip", [gzip]],
  ["x-gzip", [gzip]],
  // With and without the header of zlib: senders mean either.
  ["deflate", [inflate, inflateRaw]],
  ["br", [brotli]],
]);

/** Lets all pass. */
export const unwatched = () => () => {};

export interface Unpacking {
  held: Held;
  /** Makes what sees one try to unpack the innermost layer, piece by piece. What that throws ends the unpacking. */
  watching(): (piece: Buffer) => void;
}

/**
 * The body without its content encoding, also where gzip is not declared. What is not packed as it says, because
 * something on the way has unpacked it already or it is torn, stays as it is. Null where there would be too much of it.
 * Room for each piece is taken before it is unpacked: throws 503 where there is none.
 */
export async function unpack(
  body: Buffer,
  encoding: string | undefined,
  { held, watching }: Unpacking,
): Promise<Buffer | null> {
  const layers = encoding?.toLowerCase().split(",", maxLayers).reverse() ?? [""];
  let bytes = body;
  for (const [index, layer] of layers.entries()) {
    const isLast = index === layers.length - 1;
    const candidates = unpackers.get(layer.trim()) ?? guess(bytes);
    const unpacked = await unpackLayer(bytes, candidates, { held, watching: isLast ? watching : unwatched });
    if (unpacked === null) return null;
    if (bytes !== body && unpacked !== bytes) held.give(bytes.length);
    bytes = unpacked;
  }
  return bytes;
}

/** Whether there is anything to unpack, as far as can be told before it is tried. */
export function isPacked(body: Buffer, encoding: string | undefined): boolean {
  return encoding !== undefined || guess(body).length > 0;
}

function guess(bytes: Buffer): readonly Unpacker[] {
  return bytes.length > 2 && bytes.readUInt16BE() === 0x1f8b ? [gzip] : [];
}

async function unpackLayer(bytes: Buffer, candidates: readonly Unpacker[], deps: Unpacking): Promise<Buffer | null> {
  for (const candidate of candidates) {
    const quick = unpackQuickly(candidate, bytes, deps);
    const unpacked = quick === "too-large" ? await drain(candidate, bytes, deps) : quick;
    if (unpacked !== "not-packed") return unpacked;
  }
  return bytes;
}

/** Unpacks at once what comes to little, as nearly every body does: a stream takes a fifth longer for it. */
function unpackQuickly(candidate: Unpacker, packed: Buffer, { held }: Unpacking): Buffer | "not-packed" | "too-large" {
  if (held.isBeyond(packed.length + maxStep)) return "too-large";
  if (packed.length > maxStep || (candidate === gzip && statedBytes(packed) > maxStep)) return "too-large";
  held.take(maxStep);
  const unpacked = tryAtOnce(candidate, packed);
  // It is no longer than the step whose room is free again.
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

/** What gzip says in its last bytes that it comes to: nothing to rely on. */
function statedBytes(packed: Buffer): number {
  return packed.length < 4 ? 0 : packed.readUInt32LE(packed.length - 4);
}

/** All that comes out of it, of which the caller then holds the bytes; null where it is too much. */
async function drain(
  candidate: Unpacker,
  packed: Buffer,
  { held, watching }: Unpacking,
): Promise<Buffer | null | "not-packed"> {
  const step = Math.min(maxStep, Math.max(minStep, packed.length * 4));
  const pieces: Buffer[] = [];
  const watch = watching();
  let bytes = 0;
  let taken = 0;
  try {
    for await (const piece of piecesOf(candidate.stream({ chunkSize: step }), packed)) {
      bytes += piece.length;
      if (bytes > unpackedBytes || held.isBeyond(packed.length + bytes + step)) return null;
      watch(piece);
      pieces.push(piece);
      for (; taken < bytes + step; taken += step) held.take(step);
    }
    held.take(bytes);
    return Buffer.concat(pieces, bytes);
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
  // Copies, because an unpacker that is given up goes on for a moment, when the memory of the body may be gone.
  Readable.from(slicesOf(packed)).pipe(stream);
  try {
    for await (const piece of stream) yield piece;
  } catch (cause) {
    throw new NotPacked("not packed as it says, or torn", { cause });
  }
}
