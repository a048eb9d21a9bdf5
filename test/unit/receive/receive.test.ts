import { setImmediate } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { newToken } from "@gatepost/core/keys";
import { type Admission, Body, receiver } from "@gatepost/receive";
import { beforeEach, describe, expect, it } from "vitest";
import { recordBody } from "../../../packages/receive/src/deliver/receive.ts";
import { boxRequest, send, success } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { history, noon, passRecord, realtime } from "../../support/reports.ts";

/** No key has limits. */
const countBytes = () => undefined;

let deps: MemoryPorts;
beforeEach(() => {
  deps = new MemoryPorts();
});

const take = (body: unknown, admission: Partial<Admission> = {}) =>
  recordBody(boxRequest({ body }), { box: "gate-1", path: ["HistoryEvent"], ...admission }, deps, { countBytes });
const passing = (i: number) => history({ timestamp: noon + i });

describe("a batch", () => {
  it.each([
    ["a list", (items: unknown[]) => items],
    ["events", (items: unknown[]) => ({ events: items })],
    ["data", (items: unknown[]) => ({ data: items, pagination: {} })],
    ["records", (items: unknown[]) => ({ records: items })],
  ])("becomes an event for each report, if it is %s", async (_, wrapped) => {
    await take(wrapped([passing(1), passing(2), passing(3)]));
    expect(deps.events()).toHaveLength(3);
  });

  it("stores all of its 250 reports", async () => {
    const outcomes = await take(Array.from({ length: 250 }, (_, i) => passing(i)));
    expect(outcomes).toHaveLength(250);
    expect(deps.events()).toHaveLength(250);
  });

  it("stores at most 100 of its 250 reports at the same time", async () => {
    let running = 0;
    let highest = 0;
    const { upsert } = deps.index;
    deps.index.upsert = async (entry) => {
      highest = Math.max(highest, ++running);
      const written = await upsert(entry);
      running -= 1;
      return written;
    };
    await take(Array.from({ length: 250 }, (_, i) => passing(i)));
    expect(highest).toBe(100);
  });

  it("is answered only after all its reports have ended, even if one has failed", async () => {
    const [failure, slow] = [new Error("disk gone"), Promise.withResolvers<void>()];
    const { upsert } = deps.index;
    deps.index.upsert = async (entry) => {
      if (entry.report.time === noon + 1) throw failure;
      await slow.promise;
      return upsert(entry);
    };
    let isAnswered = false;
    const taken = take([passing(1), passing(2)]).finally(() => {
      isAnswered = true;
    });
    taken.catch(() => {});
    for (let turn = 0; turn < 10; turn++) await setImmediate();
    expect(isAnswered).toBe(false);
    slow.resolve();
    await expect(taken).rejects.toMatchObject({ status: 503, cause: failure });
    expect(deps.events()).toHaveLength(1);
  });

  it("keeps the good reports, and the bad ones one by one", async () => {
    const outcomes = await take([passing(1), "garbage", { hello: 1 }, passing(2)]);
    expect(outcomes.map(({ event, quarantined }) => event?.outcome ?? quarantined?.reason)).toEqual([
      "created",
      "not-an-object",
      "unknown-shape",
      "created",
    ]);
    const bodies = [...deps.records.values()].map(({ body }) => Buffer.from(body).toString());
    expect(bodies).toEqual(['"garbage"', '{"hello":1}']);
  });

  it("keeps the good lines, and the bad ones as they were sent", async () => {
    const outcomes = await take(`${JSON.stringify(passing(1))}\n{"torn":\n${JSON.stringify(passing(2))}`);
    expect(outcomes.map(({ event, quarantined }) => event?.outcome ?? quarantined?.reason)).toEqual([
      "created",
      "not-json",
      "created",
    ]);
    expect([...deps.records.values()].map(({ body }) => Buffer.from(body).toString())).toEqual(['{"torn":']);
  });

  it("keeps the bad reports as JSON, in any wrapping", async () => {
    const headers = {
      "content-type": "application/json; charset=gbk",
      "content-encoding": "gzip",
      "user-agent": "box",
    };
    const request = boxRequest({ body: gzipSync('[{"hello":1}]'), headers });
    await recordBody(request, { box: "gate-1", path: [] }, deps, { countBytes });
    const [record] = [...deps.records.values()];
    expect(record?.headers).toEqual({ "content-type": "application/json", "user-agent": "box" });
    expect(Buffer.from(record?.body ?? []).toString()).toBe('{"hello":1}');
  });

  it("becomes one event if it contains the same report twice", async () => {
    const outcomes = await take([passing(1), passing(1)]);
    expect(outcomes.map(({ event }) => event?.outcome)).toEqual(["created", "duplicate"]);
  });

  it("keeps a report nested too deep by itself", async () => {
    const deep = JSON.parse(`${'{"a":'.repeat(40)}1${"}".repeat(40)}`);
    const outcomes = await take([passing(1), deep]);
    expect(outcomes.map(({ event, quarantined }) => event?.outcome ?? quarantined?.reason)).toEqual([
      "created",
      "nested-too-deep",
    ]);
  });

  it("is kept whole if an item is too deep, without blocking the box", async () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const body = `[${deep},${JSON.stringify(passing(1))}]`;
    const outcomes = await take(body);
    expect(outcomes).toMatchObject([{ event: null, quarantined: { reason: "nested-too-deep" } }]);
    expect(Buffer.from(deps.records.values().next().value?.body ?? []).toString()).toBe(body);
  });
});

describe("the last part of the path", () => {
  it("decides the kind of an ambiguous report", async () => {
    await take(passRecord(), { path: ["gate", "LiveEvent"] });
    await take(passRecord({ timestamp: noon + 1 }), { path: ["PassRecord"] });
    await take(passRecord({ timestamp: noon + 2 }), { path: [] });
    expect(deps.events().map(({ reports }) => reports[0]?.dialect)).toEqual(["ws-v5", "platform-b", "platform-b"]);
  });

  it("is ignored if installers mix up the URLs of SE3", async () => {
    await take(realtime(), { path: ["EventServer", "api", "HistoryEvent"] });
    await take(history(), { path: ["RealTimeEvent"] });
    expect(deps.events().map(({ reports }) => reports.map(({ kind }) => kind))).toEqual([["history", "realtime"]]);
  });
});

describe("a key", () => {
  let token: string;
  beforeEach(() => {
    token = deps.addKey();
  });

  it("is masked in a body that is kept, which stays as long as it was", async () => {
    const body = `{"url":"http://gatepost.example/${token}/HistoryEvent"}`;
    await send(deps, { path: `/${token}/HistoryEvent`, body });
    const [kept] = [...deps.records.values()];
    expect(Buffer.from(kept?.body ?? []).toString()).toBe(body.replace(token, "*".repeat(token.length)));
  });

  it("is masked in an event", async () => {
    await send(deps, { path: `/${token}/HistoryEvent`, body: history({ url: token, identity_name: `小明 ${token}` }) });
    expect(deps.events()[0]?.person.name).toBe(`小明 ${"*".repeat(token.length)}`);
    expect(deps.everything()).not.toContain(token);
  });

  it("is masked in a body that is no text", async () => {
    const body = Buffer.concat([Buffer.from([0xff]), Buffer.from(token), Buffer.from([0xfe])]);
    await send(deps, { path: `/${token}`, body });
    const [kept] = [...deps.records.values()];
    expect(Buffer.from(kept?.body ?? [])).toEqual(
      Buffer.concat([Buffer.from([0xff]), Buffer.alloc(token.length, "*"), Buffer.from([0xfe])]),
    );
  });

  it("is masked in a body received as text", async () => {
    const request = boxRequest({ path: `/${token}/HistoryEvent` });
    const body = JSON.stringify({ a_b: "_", url: `x${token}` });
    await receiver(deps)({ ...request, body: new Body(body) });
    const [kept] = [...deps.records.values()];
    expect(Buffer.from(kept?.body ?? []).toString()).toBe(body.replace(token, "*".repeat(token.length)));
  });

  it("changes nothing in a body that does not contain it, not even underscores", async () => {
    const request = boxRequest({ path: `/${token}/HistoryEvent` });
    const bodies = [`{"_a":"gpi_${"x".repeat(19)}"}`, '{"b":1}'];
    for (const body of bodies) await receiver(deps)({ ...request, body: new Body(body) });
    await send(deps, { path: `/${token}/HistoryEvent`, body: `_${token.slice(0, 20)}` });
    const kept = [...deps.records.values()].map(({ body }) => Buffer.from(body).toString());
    expect(kept).toEqual([...bodies, `_${token.slice(0, 20)}`]);
  });

  it("is masked wherever else it is in the request", async () => {
    const sent = {
      path: `/${token}/${token}/x${token}`,
      query: `token=${token}`,
      headers: { "user-agent": `agent ${token}`, "content-type": token, authorization: `Basic ${btoa(token)}` },
    };
    expect(await send(deps, { ...sent, body: "garbage" })).toEqual(success);
    expect(deps.everything()).not.toContain(token);
    expect(deps.everything()).not.toContain(btoa(token));
  });

  it("is masked everywhere in a kept request that another key had opened too", async () => {
    const other = newToken("admin");
    await send(deps, { path: `/${other}/HistoryEvent`, query: `token=${token}`, body: "garbage" });
    expect([...deps.records.values()].map(({ path }) => path)).toEqual(["/HistoryEvent"]);
  });
});
