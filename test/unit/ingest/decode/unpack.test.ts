import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { unpack } from "../../../../packages/ingest/src/decode/unpack.ts";

const plain = Buffer.from('{"a":1}');
const most = 64 * 1024 * 1024;

describe("a packed body", () => {
  it.each([
    ["gzip", "gzip", gzipSync(plain)],
    ["gzip in capitals", " GZIP ", gzipSync(plain)],
    ["gzip by its old name", "x-gzip", gzipSync(plain)],
    ["gzip that nothing tells of", undefined, gzipSync(plain)],
    ["gzip called identity", "identity", gzipSync(plain)],
    ["deflate", "deflate", deflateSync(plain)],
    ["deflate without zlib's header", "deflate", deflateRawSync(plain)],
    ["brotli", "br", brotliCompressSync(plain)],
    ["two layers", "deflate, gzip", gzipSync(deflateSync(plain))],
    ["no encoding", undefined, plain],
    ["an encoding that was undone on the way", "gzip", plain],
    ["an encoding that nobody knows", "zstd", plain],
  ])("is unpacked from %s", (_, encoding, body) => {
    expect(unpack(body, encoding)).toEqual(plain);
  });

  it("that is torn stays as it is", () => {
    const torn = gzipSync(plain).subarray(0, 15);
    expect(unpack(torn, "gzip")).toEqual(torn);
  });

  it("may unpack to 64 MB and not a byte more", () => {
    expect(unpack(gzipSync(Buffer.alloc(most)), "gzip")).toHaveLength(most);
    expect(unpack(gzipSync(Buffer.alloc(most + 1)), "gzip")).toBeNull();
    expect(unpack(brotliCompressSync(Buffer.alloc(most + 1)), "br")).toBeNull();
  });
});
