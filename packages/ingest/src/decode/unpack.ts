import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from "node:zlib";

/** Bytes of a body after unpacking, as many as one may have that came unpacked. docs/architecture.md#limits. */
const unpackedBytes = 64 * 1024 * 1024;

/** Nobody packs twice but by mistake. */
const maxLayers = 3;

type Unpacker = (bytes: Buffer, options: { maxOutputLength: number }) => Buffer;

const unpackers = new Map<string, readonly Unpacker[]>([
  ["gzip", [gunzipSync]],
  ["x-gzip", [gunzipSync]],
  // With and without the header of zlib: senders mean either.
  ["deflate", [inflateSync, inflateRawSync]],
  ["br", [brotliDecompressSync]],
]);

/**
 * The body without its content encoding, also where gzip is not declared. What is not packed as it says, because
 * something on the way has unpacked it already or it is torn, stays as it is. Null where there would be too much of it.
 */
export function unpack(body: Buffer, encoding: string | undefined): Buffer | null {
  const layers = encoding?.toLowerCase().split(",", maxLayers).reverse() ?? [""];
  let bytes = body;
  for (const layer of layers) {
    const unpacked = unpackLayer(bytes, unpackers.get(layer.trim()) ?? guess(bytes));
    if (unpacked === null) return null;
    bytes = unpacked;
  }
  return bytes;
}

function guess(bytes: Buffer): readonly Unpacker[] {
  return bytes.length > 2 && bytes.readUInt16BE() === 0x1f8b ? [gunzipSync] : [];
}

function unpackLayer(bytes: Buffer, candidates: readonly Unpacker[]): Buffer | null {
  for (const unpacker of candidates) {
    try {
      return unpacker(bytes, { maxOutputLength: unpackedBytes });
    } catch (error) {
      if (error instanceof RangeError) return null;
    }
  }
  return bytes;
}
