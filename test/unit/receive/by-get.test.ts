import { Receipts } from "@gatepost/core/arrivals";
import { type JsonObject, mappingSchema } from "@gatepost/protocol";
import { replay } from "@gatepost/receive";
import { beforeEach, describe, expect, it } from "vitest";
import { boxRequest, send, success } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { realtime } from "../../support/reports.ts";

let deps: MemoryPorts;
let token: string;
beforeEach(() => {
  deps = new MemoryPorts();
  token = deps.addKey();
});

const second = 1000;
const get = (query: string, headers: Record<string, string> = {}, path = "/Relay") =>
  send(deps, { method: "GET", path: `/${token}${path}`, query, headers });
const teach = (mapping: JsonObject) => deps.reads.mappings.add(mappingSchema().parse(mapping));
const card = {
  name: "Relay",
  when: { has: ["card"], is: { op: "pass" } },
  fields: { time: { at: "at" }, card: { at: "card" }, "person.id": { at: "card" }, "device.id": { at: "door" } },
};
const kept = () => [...deps.records.values()].map(({ body }) => Buffer.from(body).toString());
const hint = {
  status: 200,
  headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  body: "This key works. Deliver reports to this URL with POST.\n",
};

describe("a GET with a query", () => {
  it("is acknowledged as a POST, and no cache may answer it", async () => {
    const answer = { ...success, headers: { ...success.headers, "cache-control": "no-store" } };
    expect(await get("card=7")).toEqual(answer);
  });

  it("is kept with the user agent of its client, if it has one", async () => {
    await get("card=7", { "user-agent": "Relay/1.0" });
    await get("card=8");
    expect([...deps.records.values()].map(({ headers }) => headers["user-agent"])).toEqual(["Relay/1.0", undefined]);
  });

  it("is an event by its shape", async () => {
    await get("identity_id=7&timestamp=1566016554020&ext_data[device_ip]=10.0.0.7&name=Ann");
    expect(deps.events()).toMatchObject([{ timestamp: 1_566_016_554_020, person: { id: "7" } }]);
  });

  it("is kept if it is unknown, without the key, and becomes an event once it is taught", async () => {
    await get(`card=7&op=pass&token=${token}&to%6ben=${token}`);
    expect(kept()).toEqual(["card=7&op=pass"]);
    expect(deps.arrivals.of("gate-1")).toMatchObject([{ path: "/Relay", bytes: "card=7&op=pass".length }]);
    await teach(card);
    const at = deps.now;
    deps.now += 61 * second;
    for (let times = 0; times < 2; times++) for (const record of [...deps.records.values()]) await replay(record, deps);
    expect(deps.events()).toMatchObject([{ timestamp: at, card: "7", person: { id: "7" } }]);
  });

  it("is the passing of its own time, if it has one", async () => {
    await teach(card);
    await get("card=7&op=pass&at=1772366400");
    deps.now += 3600 * second;
    await get("card=7&op=pass&at=1772366400");
    expect(deps.events()).toMatchObject([{ timestamp: 1_772_366_400_000 }]);
  });

  it.each(["", "&at=", "&at=0", "&at=noon", "&at=946684800"])(
    "is the passing of its receipt if it has no time that a clock has set: %j",
    async (time) => {
      await teach(card);
      await get(`card=7&op=pass${time}`);
      expect(deps.events()).toMatchObject([{ timestamp: deps.now, card: "7" }]);
    },
  );

  it("repeats an equal one within 10 s of the first, and is another passing later", async () => {
    await teach(card);
    const first = deps.now;
    for (const [after, passings] of [
      [0, 1],
      [6, 1],
      [9.999, 1],
      [10, 2],
      [15, 2],
      [19.999, 2],
      [20, 3],
    ] as const) {
      deps.now = first + after * second;
      await get("card=7&op=pass");
      expect(deps.events()).toHaveLength(passings);
    }
    const times = deps.events().map(({ timestamp }) => timestamp - first);
    expect(times.toSorted((a, b) => a - b)).toEqual([0, 10 * second, 20 * second]);
  });

  it("is one passing if it is received many times at once", async () => {
    await teach(card);
    await Promise.all(Array.from({ length: 50 }, () => get("card=7&op=pass")));
    expect(deps.events()).toHaveLength(1);
  });

  it("is another passing for another card, path or box", async () => {
    await teach(card);
    await get("card=7&op=pass");
    await get("card=8&op=pass");
    deps.now += second;
    await get("card=7&op=pass", {}, "/Other");
    token = deps.addKey("ingest", "gate-2");
    await get("card=7&op=pass");
    expect(deps.events()).toHaveLength(4);
  });

  it.each([-3600, 3600])("repeats an equal one within 10 s also if the clock is set by %i s", async (step) => {
    await teach(card);
    const first = deps.now;
    await get("card=7&op=pass");
    deps.now += step * second;
    deps.setAhead = step * second;
    for (const [after, passings] of [
      [3, 1],
      [9.999, 1],
      [10, 2],
      [19.999, 2],
    ] as const) {
      deps.now = first + (step + after) * second;
      await get("card=7&op=pass");
      expect(deps.events()).toHaveLength(passings);
    }
    const times = deps.events().map(({ timestamp }) => timestamp - first);
    expect(new Set(times)).toEqual(new Set([0, (step + 10) * second]));
  });

  it("is found in the store if it is repeated behind 10,000 others, and in memory otherwise", async () => {
    let writes = 0;
    const write = async () => {
      writes += 1;
      return { applied: true as const, previous: null };
    };
    const receipts = new Receipts({ items: { write }, clock: () => 0, elapsed: () => 0 });
    const first = (n: number) =>
      receipts.firstOf({ box: "gate-1", path: ["Relay"], body: Buffer.from(`card=${n}`), isRelayed: false }, n);
    for (let n = 0; n <= 10_000; n++) await first(n);
    expect([await first(10_000), await first(1), writes]).toEqual([10_000, 1, 10_001]);
    await first(0);
    expect(writes).toBe(10_002);
  });

  it("is kept again each morning while it is unknown, and each is a passing once it is taught", async () => {
    await get("card=7&op=pass");
    deps.now += 24 * 3600 * second;
    await get("card=7&op=pass");
    await get("card=7&op=pass");
    expect(kept()).toEqual(["card=7&op=pass", "card=7&op=pass"]);
    await teach(card);
    deps.now += 61 * second;
    for (const record of [...deps.records.values()]) await replay(record, deps);
    expect(deps.events()).toHaveLength(2);
  });

  it("is not counted against its key if it could not be stored, and is the same passing when it is repeated", async () => {
    await teach(card);
    deps.failing.set("index", new Error("full"));
    const first = deps.now;
    expect(await get("card=7&op=pass")).toMatchObject({ status: 503 });
    deps.failing.clear();
    deps.now += 3 * second;
    await get("card=7&op=pass");
    expect(deps.events()).toMatchObject([{ timestamp: first }]);
  });

  it("is refused with a wrong key, and is nowhere in the log", async () => {
    const refused = await send(deps, { method: "GET", path: "/guess/Relay", query: "card=4711" });
    expect(refused.status).toBe(401);
    await get("card=4711");
    expect(JSON.stringify([refused, deps.lines])).not.toContain("4711");
  });

  it("brings its query, and no body", async () => {
    await send(deps, { method: "GET", path: `/${token}/Relay`, query: "card=7", body: realtime() });
    expect([deps.events(), kept()]).toEqual([[], ["card=7"]]);
  });
});

describe("a query", () => {
  it.each([
    ["card", { card: "" }],
    ["card&door=2", { card: "", door: "2" }],
    ["&&card=7&", { card: "7" }],
    ["card=7&card=8", { card: ["7", "8"] }],
    ["card=7&card=7", { card: "7" }],
    ["card=100%", { card: "100%" }],
    ["card=1%2", { card: "1%2" }],
    ["a+b=1", { "a b": "1" }],
    ["a:b=1=2", { "a:b": "1=2" }],
    ["$x=%E5%BC%A0", { $x: "张" }],
    ["name=%D5%C5%C8%FD%B7%E6", { name: "张三锋" }],
    ["a[b]=1&a.c=2", { a: { b: "1", c: "2" } }],
    ["__proto__=1&constructor[x]=2", { ["__proto__"]: "1", constructor: { x: "2" } }],
    ["{%22identity_id%22:1}", { identity_id: 1 }],
    ["né=1", { né: "1" }],
    ["=1&card=4", { "": "1", card: "4" }],
    ["=1", { "": "1" }],
  ] as const)("%j is read as a form", async (query, form) => {
    const sent = Buffer.from(query).toString("latin1");
    await get(sent);
    const [record] = [...deps.records.values()];
    if (record === undefined) return expect.fail("it was not kept");
    expect(record.reason).not.toBe("not-json");
    const body = { box: record.box, path: record.path, headers: record.headers, receivedAt: record.receivedAt };
    const { decodeForTeaching } = await import("../../../packages/receive/src/samples/teaching.ts");
    const decoded = await decodeForTeaching({ ...body, body: record.body }, deps);
    expect(JSON.stringify(decoded.values)).toBe(JSON.stringify([form]));
  });

  it("of 16 KB and thousands of members is kept whole", async () => {
    const query = Array.from({ length: 2700 }, (_, at) => `a${at}=`).join("&");
    expect(await get(query)).toMatchObject({ status: 200 });
    expect(kept()).toEqual([query]);
  });
});

describe("a GET delivers nothing", () => {
  it.each(["", "&", `token=x`, "to%6ben=x&&token="])("without a member besides the key: %j", async (query) => {
    expect(await get(query)).toEqual(hint);
    expect([deps.events(), kept()]).toEqual([[], []]);
  });

  it.each([
    ["sec-purpose", "prefetch;prerender"],
    ["purpose", "prefetch"],
    ["x-purpose", "preview"],
    ["x-moz", "prefetch"],
    ["upgrade", "WebSocket"],
  ])("that only looks ahead, or wants a WebSocket: %s: %s", async (name, value) => {
    expect(await get("card=7", { [name]: value })).toEqual(hint);
    expect(kept()).toEqual([]);
  });

  it("if it is a HEAD", async () => {
    expect(await send(deps, { method: "HEAD", path: `/${token}`, query: "card=7" })).toEqual(hint);
    expect(kept()).toEqual([]);
  });

  it("if it is a terminal's question", async () => {
    await send(deps, { method: "GET", path: `/${token}/iclock/getrequest`, query: "SN=1&INFO=2" });
    expect([deps.events(), kept()]).toEqual([[], []]);
    expect(deps.boxStatuses.get("gate-1 heartbeat")).toMatchObject({ report: {} });
  });
});

describe("the receipt in a header", () => {
  it.each(["1e3", "-5", "", "1234567890123456", "now"])("is left out if it is no time: %j", async (text) => {
    await teach(card);
    const headers = { "content-type": "application/x-www-form-urlencoded", "gatepost-receipt": text };
    await send(deps, { path: `/${token}/Relay`, body: "card=7&op=pass", headers });
    expect(deps.events()).toMatchObject([{ flags: expect.arrayContaining(["clock"]) }]);
  });

  it("is the time of a report that a bridge has received, also after later ones", async () => {
    await teach(card);
    const from = deps.now - 60 * second;
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    for (const at of [from, from + 3 * second, from + 20 * second, from, from + 20 * second])
      await send(deps, {
        path: `/${token}/Relay`,
        body: "card=7&op=pass",
        headers: { ...headers, "gatepost-receipt": String(at) },
      });
    const times = deps.events().map(({ timestamp }) => timestamp - from);
    expect(times.toSorted((a, b) => a - b)).toEqual([0, 20 * second]);
  });
});

it("the head of a request has the form of a GET alone", () => {
  expect(boxRequest({ method: "POST", path: "/k", query: "card=7" }).form).toBeUndefined();
  expect(boxRequest({ method: "GET", path: "/k", query: "card=7&token=k" }).form).toBe("card=7");
});
