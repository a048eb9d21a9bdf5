import { createHash } from "node:crypto";
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { Room } from "@gatepost/ingest";
import { describe, expect, it } from "vitest";
import * as unpacking from "../../../../packages/ingest/src/decode/unpack.ts";

/** What comes out, and the room that is taken for it then. */
async function unpack(body: Buffer, encoding: string | undefined, room = new Room(512 * 1024 * 1024)) {
  const held = room.hold();
  const unpacked = await unpacking.unpack(body, encoding, { held, watching: () => () => {} });
  return { unpacked, taken: held.bytes };
}

const plain = Buffer.from('{"a":1}');
const most = 64 * 1024 * 1024;
const quickly = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };

describe("a packed body", () => {
  it("is unpacked step by step where there is little room", async () => {
    const { unpacked } = await unpack(gzipSync(plain), "gzip", new Room(200_000));
    expect(unpacked).toEqual(plain);
  });

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
  ])("is unpacked from %s", async (_, encoding, body) => {
    expect(await unpack(body, encoding)).toEqual({ unpacked: plain, taken: body === plain ? 0 : plain.length });
  });

  it.each([0, 1, 3])("of %i bytes, too few for any, stays as it is", async (length) => {
    const body = Buffer.alloc(length, "a");
    expect((await unpack(body, "gzip")).unpacked).toEqual(body);
  });

  it("that is torn stays as it is", async () => {
    const torn = gzipSync(plain).subarray(0, 15);
    expect(await unpack(torn, "gzip")).toEqual({ unpacked: torn, taken: 0 });
  });

  it("may unpack to 64 MB and not a byte more", async () => {
    expect((await unpack(gzipSync(Buffer.alloc(most)), "gzip")).unpacked).toHaveLength(most);
    expect(await unpack(gzipSync(Buffer.alloc(most + 1)), "gzip")).toEqual({ unpacked: null, taken: 0 });
    expect(await unpack(brotliCompressSync(Buffer.alloc(most + 1), quickly), "br")).toEqual({
      unpacked: null,
      taken: 0,
    });
  });

  it("in two layers, the outer one of many megabytes, takes room for one at a time", async () => {
    const noise = createHash("shake256", { outputLength: 3_000_000 }).update("x").digest();
    expect(await unpack(gzipSync(gzipSync(noise)), "gzip, gzip")).toEqual({ unpacked: noise, taken: noise.length });
  });
});
