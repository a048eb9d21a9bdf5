import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from "node:zlib";

/** Bytes of a body after unpacking: as many as a body may have that was not packed. docs/architecture.md#limits. */
const unpackedBytes = 64 * 1024 * 1024;

/** Nobody packs twice, except by mistake. */
const maxLayers = 3;

type Unpacker = (bytes: Buffer, options: { maxOutputLength: number }) => Buffer;

const unpackers = new Map<string, readonly Unpacker[]>([
  ["gzip", [gunzipSync]],
  ["x-gzip", [gunzipSync]],
  // Senders use deflate with and without the header of zlib.
  ["deflate", [inflateSync, inflateRawSync]],
  ["br", [brotliDecompressSync]],
]);

/**
 * Unpacks a body; gzip also where it is not declared. A body that is not packed as declared stays as it is: something
 * on the way has unpacked it, or it is torn. Null where it would become too large.
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
