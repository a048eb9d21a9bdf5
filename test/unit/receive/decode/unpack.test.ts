import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { Room } from "@gatepost/core/room";
import { describe, expect, it } from "vitest";
import * as unpacking from "../../../../packages/receive/src/decode/body.ts";

/** The unpacked body, and the room that it took. */
export async function unpack(body: Buffer, encoding: string | undefined, room = new Room(512 * 1024 * 1024)) {
  const held = room.hold();
  const unpacked = await unpacking.unpack(body, encoding, { held, watching: () => () => {} });
  return { unpacked, taken: held.bytes };
}

const plain = Buffer.from('{"a":1}');

describe("a packed body", () => {
  it("is unpacked step by step if there is little room", async () => {
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

  it.each([0, 1, 3])("stays unchanged if its %i bytes are too few for any encoding", async (length) => {
    const body = Buffer.alloc(length, "a");
    expect((await unpack(body, "gzip")).unpacked).toEqual(body);
  });

  it("stays unchanged if it is torn", async () => {
    const torn = gzipSync(plain).subarray(0, 15);
    expect(await unpack(torn, "gzip")).toEqual({ unpacked: torn, taken: 0 });
  });
});
