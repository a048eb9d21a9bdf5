import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { Room } from "@gatepost/core/room";
import { replay } from "@gatepost/receive";
import { beforeEach, describe, expect, it } from "vitest";
import { send, success } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { history, longText } from "../../support/reports.ts";

/** Bytes of one share of the room. Unpacked bodies take some of them. */
const share = 512 * 1024;
let deps: MemoryPorts;
let token: string;
beforeEach(() => {
  deps = new MemoryPorts();
  deps.room = new Room(64 * share);
  token = deps.addKey();
});

const post = (body: Buffer, encoding: string) =>
  send(deps, { path: `/${token}/HistoryEvent`, body, headers: { "content-encoding": encoding } });

/** Whole shares that are free. */
function freeOf(room: Room): number {
  using held = room.hold();
  try {
    for (;;) held.take(share);
  } catch {
    return held.bytes / share;
  }
}

const quickly = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
const large = JSON.stringify(history({ url: longText(10 * share).toString() }));

describe("room in memory", () => {
  it.each([
    ["gzip", gzipSync(large)],
    ["br", brotliCompressSync(large, quickly)],
    ["gzip, gzip", gzipSync(gzipSync(large))],
  ])("is taken for the unpacked bytes of %s, and given back", async (encoding, body) => {
    const free: number[] = [];
    const { upsert } = deps.index;
    deps.index.upsert = (entry) => {
      free.push(freeOf(deps.room));
      return upsert(entry);
    };
    expect(await post(body, encoding)).toEqual(success);
    expect(free).toEqual([64 - 11]);
    expect(freeOf(deps.room)).toBe(64);
  });

  it("is refused with 503 at once while it is taken, and nothing is stored", async () => {
    deps.room.take(55 * share);
    const body = gzipSync(large);
    expect(await post(body, "gzip")).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
    expect([deps.events(), deps.reasons()]).toEqual([[], []]);
    deps.room.give(55 * share);
    expect(await post(body, "gzip")).toEqual(success);
  });

  it("is no reason to send again if the whole room is too small", async () => {
    deps.room = new Room(8 * share);
    expect(await post(gzipSync(large), "gzip")).toEqual(success);
    expect(deps.reasons()).toEqual(["unpacks-too-large"]);
  });

  it("is enough if it fits the unpacked body, but not one more step", async () => {
    const body = gzipSync(JSON.stringify(history({ url: "x".repeat(1.5 * share) })));
    deps.room.take(61 * share);
    expect(await post(body, "gzip")).toEqual(success);
    expect([deps.events().length, deps.reasons()]).toEqual([1, ["cut"]]);
    expect(freeOf(deps.room)).toBe(3);
  });

  it("is no more than a body takes", async () => {
    deps.room = new Room(0.1 * share);
    expect(await post(gzipSync(JSON.stringify(history())), "gzip")).toEqual(success);
    expect(deps.events()).toHaveLength(1);
  });

  it("is given back if unpacking fails", async () => {
    deps.room = new Room(15 * share);
    const torn = gzipSync(large).subarray(0, -10);
    for (let i = 0; i < 4; i++) expect(await post(torn, "gzip")).toEqual(success);
    expect(deps.reasons()).toEqual(["unknown-charset"]);
    deps.room.take(15 * share);
  });

  it("is there for one box while another has its share", async () => {
    deps.room = new Room(64 * share, 32 * share);
    deps.room.take(25 * share, "gate-1");
    const body = gzipSync(large);
    expect(await post(body, "gzip")).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
    const other = deps.addKey("ingest", "gate-2");
    const headers = { "content-encoding": "gzip" };
    expect(await send(deps, { path: `/${other}/HistoryEvent`, body, headers })).toEqual(success);
    deps.room.give(25 * share, "gate-1");
    expect(await post(body, "gzip")).toEqual(success);
    deps.room.take(32 * share, "gate-1");
    deps.room.take(32 * share, "gate-2");
  });

  it("is no reason to send again if every share is too small", async () => {
    deps.room = new Room(64 * share, 8 * share);
    expect(await post(gzipSync(large), "gzip")).toEqual(success);
    expect(deps.reasons()).toEqual(["unpacks-too-large"]);
  });

  it("is needed for a replay, too", async () => {
    await post(gzipSync(`[${longText(2 * share)},${"{},".repeat(10_000)}{}]`), "gzip");
    const record = deps.lastRecord;
    deps.room.take(63 * share);
    await expect(replay(record, deps)).rejects.toMatchObject({ status: 503 });
    deps.room.give(63 * share);
    expect(await replay(record, deps)).toHaveLength(10_002);
    deps.room.take(64 * share);
  });
});
