import { gzipSync } from "node:zlib";
import { Room } from "@gatepost/core/room";
import { describe, expect, it } from "vitest";
import { decodeForTeaching } from "../../../packages/receive/src/samples/teaching.ts";

const megabyte = 1024 * 1024;
const zones = { of: async () => "Asia/Shanghai" };

const decoded = (body: string | Buffer, { room = new Room(64 * megabyte), packed = false } = {}) => {
  const headers: Record<string, string> = packed ? { "content-encoding": "gzip" } : {};
  const bytes = packed ? gzipSync(body) : Buffer.from(body);
  const sent = { box: "gate-1", path: "/HistoryEvent", receivedAt: 0, headers, body: bytes };
  return decodeForTeaching(sent, { room, zones });
};

describe("the values by which a format is taught", () => {
  it("are those of each report that is an object", async () => {
    const zone = "Asia/Shanghai";
    expect(await decoded('{"a":1}\n{"b"\n{"c":2}', { packed: true })).toEqual({
      values: [{ a: 1 }, { c: 2 }],
      unreadable: null,
      zone,
    });
    expect(await decoded("[1,2]")).toMatchObject({ values: [], unreadable: "not-an-object" });
    expect(await decoded("no report")).toMatchObject({ values: [], unreadable: expect.any(String) });
  });

  it("are none of a body that unpacks to more than there is room for", async () => {
    const room = new Room(2 * megabyte);
    const bomb = Buffer.alloc(16 * megabyte, 0x20);
    expect(await decoded(bomb, { room, packed: true })).toMatchObject({ values: [], unreadable: expect.any(String) });
  });

  it("wait for room that other requests have", async () => {
    const room = new Room(2 * megabyte);
    using other = room.hold("gate-2");
    other.take(1.9 * megabyte);
    await expect(decoded(Buffer.alloc(megabyte, 0x20), { room, packed: true })).rejects.toMatchObject({
      kind: "unavailable",
    });
  });

  it("are refused for bodies over 4 MB, and long ones of nearly JSON", async () => {
    const long = (text: string) => expect(decoded(text)).rejects.toMatchObject({ kind: "too-large" });
    await long(JSON.stringify({ text: "x".repeat(5 * megabyte) }));
    await long(`{'a': '${"x".repeat(300_000)}'}`);
  });
});
