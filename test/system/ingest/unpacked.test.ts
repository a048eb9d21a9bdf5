import { createHash } from "node:crypto";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { unpack } from "../../unit/receive/decode/unpacking.ts";

const limit = 64 * 1024 * 1024;
const quickly = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };

/** So many bytes that pack less than 200 to 1. */
const sized = (bytes: number) => {
  const noise = createHash("shake256", { outputLength: 400_000 }).update("x").digest();
  return Buffer.concat([noise, Buffer.alloc(bytes - noise.length)]);
};

describe("a packed body", () => {
  it("may unpack to 64 MB and not a byte more", async () => {
    const tooLarge = { unpacked: "unpacks-too-large", taken: 0 };
    expect((await unpack(gzipSync(sized(limit)), "gzip")).unpacked).toHaveLength(limit);
    expect(await unpack(gzipSync(sized(limit + 1)), "gzip")).toEqual(tooLarge);
    expect(await unpack(brotliCompressSync(sized(limit + 1), quickly), "br")).toEqual(tooLarge);
  });

  it("takes room for one layer at a time, also with two large ones", async () => {
    const noise = createHash("shake256", { outputLength: 3_000_000 }).update("x").digest();
    expect(await unpack(gzipSync(gzipSync(noise)), "gzip, gzip")).toEqual({ unpacked: noise, taken: noise.length });
  });
});
