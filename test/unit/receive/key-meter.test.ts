import { gzipSync } from "node:zlib";
import { hashToken, type KeyLimits, type KeyUse, KeyUses, newToken } from "@gatepost/core/keys";
import { KeyMeters } from "@gatepost/receive";
import { MemoryItems } from "@gatepost/store";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { send, success } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { history, noon } from "../../support/reports.ts";

const second = 1000;
const day = 24 * 60 * 60 * second;

let deps: MemoryPorts;
let usage: KeyUses;
let settled: KeyUse[];
beforeEach(() => {
  deps = new MemoryPorts();
  usage = new KeyUses(new MemoryItems({ clock: deps.clock }));
  settled = [];
  const settle = usage.settle.bind(usage);
  usage.settle = async (id, delivered) => {
    const total = await settle(id, delivered);
    settled.push(total);
    return total;
  };
  startProcess();
});

/** Deliveries that were not settled are lost. */
function startProcess(): KeyMeters {
  deps.keyMeters = new KeyMeters({ usage, log: deps.log, clock: deps.clock });
  return deps.keyMeters;
}

async function keyWith(limits: KeyLimits): Promise<string> {
  const token = newToken("ingest");
  await deps.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token), ...limits });
  return `/${token}/HistoryEvent`;
}

let count = 0;
const body = () => {
  count += 1;
  return JSON.stringify(history({ timestamp: noon + count }));
};
const post = (path: string, sent: unknown = body()) => send(deps, { path, body: sent });
const refused = (seconds: number, what: RegExp) => ({
  status: 429,
  headers: { "content-type": "application/json", "retry-after": `${seconds}` },
  body: expect.stringMatching(what),
});

describe("a key with a rate", () => {
  it("delivers its burst at once, and then one report for each part of a second", async () => {
    const path = await keyWith({ rate: { perSecond: 2, burst: 3 } });
    for (let n = 0; n < 3; n++) expect(await post(path)).toEqual(success);
    expect(await post(path)).toEqual(refused(1, /this key may deliver 2 reports a second/));
    deps.now += 499;
    expect((await post(path)).status).toBe(429);
    deps.now += 1;
    expect((await post(path)).status).toBe(200);
    expect((await post(path)).status).toBe(429);
    deps.now += day;
    for (let n = 0; n < 3; n++) expect((await post(path)).status).toBe(200);
    expect((await post(path)).status).toBe(429);
    expect(deps.events()).toHaveLength(7);
  });

  it("names the seconds to wait if it must wait longer", async () => {
    const path = await keyWith({ rate: { perSecond: 0.1, burst: 1 } });
    await post(path);
    expect(await post(path)).toEqual(refused(10, /0.1 reports/));
  });

  it("pays for every report of a batch", async () => {
    const path = await keyWith({ rate: { perSecond: 1, burst: 2 } });
    const batch = Array.from({ length: 5 }, () => JSON.parse(body()));
    expect((await post(path, batch)).status).toBe(200);
    expect(await post(path)).toEqual(refused(4, /1 reports a second/));
    deps.now += 4 * second;
    expect((await post(path)).status).toBe(200);
  });

  it("takes nothing from another key of its box", async () => {
    const [slow, other] = [await keyWith({ rate: { perSecond: 1, burst: 1 } }), `/${deps.addKey()}`];
    await post(slow);
    expect((await post(slow)).status).toBe(429);
    for (let n = 0; n < 20; n++) expect((await post(other)).status).toBe(200);
  });

  it("gains nothing by a clock that goes back", async () => {
    const path = await keyWith({ rate: { perSecond: 1, burst: 1 } });
    await post(path);
    deps.now -= 10 * second;
    expect((await post(path)).status).toBe(429);
  });
});

describe("a key with bytes a day", () => {
  const bytes = Buffer.byteLength(JSON.stringify(history({ timestamp: noon + 1000 })));
  const sized = (n: number) => JSON.stringify(history({ timestamp: noon + 1000 + n }));

  it("delivers no byte more until the day is over, UTC", async () => {
    const path = await keyWith({ dailyBytes: 2 * bytes + 10 });
    deps.now = Date.UTC(2026, 10, 20, 23, 59, 50);
    for (const n of [1, 2]) expect((await post(path, sized(n))).status).toBe(200);
    expect(await post(path, sized(3))).toEqual(refused(10, /bytes a day \(UTC\)/));
    expect((await post(path, " ".repeat(10))).status).toBe(200);
    expect((await post(path, "")).status).toBe(429);
    deps.now += 10 * second;
    expect((await post(path, sized(3))).status).toBe(200);
    expect(deps.events()).toHaveLength(3);
  });

  it("counts the bytes of a packed body as they are unpacked", async () => {
    const path = await keyWith({ dailyBytes: 2 * bytes });
    const headers = { "content-encoding": "gzip" };
    const packed = (n: number) => send(deps, { path, headers, body: gzipSync(sized(n)) });
    for (const n of [1, 2]) expect((await packed(n)).status).toBe(200);
    expect((await post(path, " ")).status).toBe(429);
  });

  it("stores nothing of a body with too many unpacked bytes, and refunds its bytes", async () => {
    const path = await keyWith({ dailyBytes: bytes - 1 });
    const body = gzipSync(sized(1));
    expect((await send(deps, { path, headers: { "content-encoding": "gzip" }, body })).status).toBe(429);
    expect([deps.events(), deps.reasons()]).toEqual([[], []]);
    expect((await post(path, " ".repeat(bytes - 1))).status).toBe(200);
  });

  it("is refunded for a body that could not be stored", async () => {
    const path = await keyWith({ dailyBytes: bytes });
    deps.failing.set("index", new Error("disk full"));
    for (let n = 0; n < 3; n++) expect((await post(path, sized(1))).status).toBe(503);
    deps.failing.clear();
    expect((await post(path, sized(1))).status).toBe(200);
    expect((await post(path, sized(2))).status).toBe(429);
  });

  it("is not refunded for the day before", async () => {
    const path = await keyWith({ dailyBytes: bytes });
    const failed = deps.index.upsert;
    deps.index.upsert = async () => {
      deps.now += day;
      deps.index.upsert = failed;
      await post(path, sized(1));
      throw new Error("over midnight");
    };
    expect((await post(path, sized(2))).status).toBe(503);
    expect((await post(path, sized(3))).status).toBe(429);
  });

  it("is settled after ten seconds, so that a restart loses no more", async () => {
    const path = await keyWith({ dailyBytes: 10 * bytes });
    for (let n = 1; n <= 4; n++) await post(path, sized(n));
    deps.now += 9999;
    await post(path, sized(5));
    expect(settled).toEqual([]);
    deps.now += 1;
    await post(path, sized(6));
    expect(settled).toMatchObject([{ bytes: 5 * bytes }]);
    startProcess();
    for (let n = 7; n <= 11; n++) expect((await post(path, sized(n))).status).toBe(200);
    expect((await post(path, sized(12))).status).toBe(429);
  });

  it("is settled when its process ends", async () => {
    const path = await keyWith({ dailyBytes: 2 * bytes });
    for (const n of [1, 2]) await post(path, sized(n));
    await deps.keyMeters?.settle();
    startProcess();
    expect((await post(path, sized(3))).status).toBe(429);
  });

  it("is settled at once after a clock that was ahead was set back", async () => {
    const path = await keyWith({ dailyBytes: 10 * bytes });
    await post(path, sized(1));
    deps.now -= 40 * day;
    for (const n of [2, 3]) await post(path, sized(n));
    deps.now += 10 * second;
    await post(path, sized(4));
    expect(settled.map((use) => use.bytes)).toEqual([0, 2 * bytes]);
  });

  it("is let in, and settled later, while its deliveries cannot be settled", async () => {
    const path = await keyWith({ dailyBytes: 10 * bytes });
    await post(path, sized(1));
    const { settle } = usage;
    usage.settle = () => Promise.reject(new Error("busy"));
    deps.now += 10 * second;
    expect((await post(path, sized(2))).status).toBe(200);
    usage.settle = settle;
    deps.now += 10 * second;
    await post(path, sized(3));
    expect(settled).toMatchObject([{ bytes: 2 * bytes }]);
  });

  it("drops the bytes of a day that could not be settled before its end", async () => {
    const path = await keyWith({ dailyBytes: 10 * bytes });
    await post(path, sized(1));
    const { settle } = usage;
    usage.settle = async () => {
      usage.settle = settle;
      deps.now += day;
      await post(path, sized(2));
      throw new Error("busy over midnight");
    };
    deps.now += 10 * second;
    await post(path, sized(3));
    await deps.keyMeters?.settle();
    expect(settled.at(-1)?.bytes).toBe(2 * bytes);
  });

  it("counts bytes of the new day alone if the day ends while it is settled", async () => {
    const path = await keyWith({ dailyBytes: 2 * bytes });
    await post(path, sized(1));
    const { settle } = usage;
    usage.settle = async (id, delivered) => {
      usage.settle = settle;
      const total = await settle(id, delivered);
      deps.now += day;
      expect((await post(path, sized(2))).status).toBe(200);
      return total;
    };
    deps.now += 10 * second;
    expect((await post(path, sized(3))).status).toBe(200);
    expect((await post(path, sized(4))).status).toBe(429);
  });

  it("is refused while its usage cannot be read, and let in afterwards", async () => {
    const path = await keyWith({ dailyBytes: 10 * bytes });
    const read = vi.spyOn(usage, "read").mockRejectedValueOnce(new Error("busy"));
    expect((await post(path, sized(1))).status).toBe(503);
    read.mockRestore();
    expect((await post(path, sized(1))).status).toBe(200);
  });
});

it("a key without limits delivers any number of reports, and nothing is settled", async () => {
  const path = `/${deps.addKey()}`;
  for (let n = 0; n < 50; n++) expect((await post(path)).status).toBe(200);
  deps.now += 10 * second;
  await post(path);
  expect(settled).toEqual([]);
});
