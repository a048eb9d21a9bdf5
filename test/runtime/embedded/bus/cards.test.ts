import { readFile, writeFile } from "node:fs/promises";
import { hashToken, newToken } from "@gatepost/core/keys";
import { dayMs, hourMs } from "@gatepost/protocol";
import { receiver } from "@gatepost/receive";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { boxRequest } from "../../../support/http.ts";
import { history, noon, stranger } from "../../../support/reports.ts";
import { temporaryRuntime } from "../temporary.ts";

const book = z.object({ etag: z.string(), rules: z.array(z.looseObject({ name: z.string(), card: z.unknown() })) });

/** Around noon UTC on the clocks of Shanghai. */
const hours = { from: "19:00", to: "21:00", zone: "Asia/Shanghai" };
const wecom = { type: "wecom", url: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1" };
const everyDay = [1, 2, 3, 4, 5, 6, 7];

let deps: Awaited<ReturnType<typeof start>>;
beforeEach(async () => {
  deps = await start();
});

async function start() {
  let now = noon + hourMs;
  const { runtime, close } = await temporaryRuntime({
    bus: { allowPrivateTargets: true },
    clock: () => now,
    zone: "Asia/Shanghai",
    settings: { announceEvents: true },
  });
  onTestFinished(close);
  const ask = async (method: string, path: string, body?: unknown, tag?: string) => {
    const headers = {
      authorization: `Bearer ${runtime.adminToken}`,
      ...(tag === undefined ? {} : { "if-match": tag }),
    };
    const sent = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const answer = await runtime.api.fetch(new Request(`http://gatepost${path}`, sent));
    return { status: answer.status, body: answer.status === 204 ? null : await answer.json() };
  };
  const read = async () => book.parse((await ask("GET", "/v1/rules")).body);
  const put = async (name: string, body: unknown) => ask("PUT", `/v1/rules/${name}`, body, (await read()).etag);
  const deliver = async (body: unknown) => {
    const token = newToken("ingest");
    await runtime.reads.keyAdmin.create({ scope: "ingest", box: "canteen", tokenHash: hashToken(token) });
    expect((await receiver(runtime.ingest)(boxRequest({ path: `/${token}/HistoryEvent`, body }))).status).toBe(200);
  };
  const setClock = (time: number) => {
    now = time;
  };
  return { runtime, ask, read, put, deliver, setClock };
}

async function waiting(name: string): Promise<number> {
  const { rules } = z
    .object({ rules: z.array(z.looseObject({ name: z.string(), waiting: z.int() })) })
    .parse((await deps.ask("GET", "/v1/rules")).body);
  return rules.find((rule) => rule.name === name)?.waiting ?? 0;
}

describe("a rule from a card", () => {
  it("has the pattern of the card, and the zone of its site", async () => {
    await deps.ask("PUT", "/v1/sites/hq", { zone: "Europe/Berlin" });
    const card = { kind: "strangers", gates: { site: "hq" }, from: "22:00", to: "06:00" };
    const notAgain = { seconds: 600, per: "person" };
    const { status, body } = await deps.put("night", { card: { ...card, notAgain }, target: wecom });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        card: { ...card, weekdays: everyDay, zone: "Europe/Berlin", notAgain },
        pattern: { detail: { event: { time: [{ between: ["22:00", "06:00"], zone: "Europe/Berlin" }] } } },
        target: { cooldownSeconds: 600, cooldownPer: "person" },
        isOn: true,
        by: { key: "key_process" },
        changedAt: new Date(noon + hourMs).toISOString(),
      },
    });
  });

  it("keeps a pattern that makes the same card as it was written", async () => {
    const pattern = { detail: { want_action: ["1001"] } };
    await writeFile(
      deps.runtime.folder.rules,
      JSON.stringify([{ name: "hand", pattern, target: { url: "https://one.example/" } }]),
    );
    const [{ card } = { card: null }] = (await deps.read()).rules;
    expect(card).toMatchObject({ kind: "requests", wants: ["1001"] });
    const { body } = await deps.put("hand", { card, target: { url: "https://one.example/" } });
    expect(body).toMatchObject({ pattern });
    expect(JSON.parse(await readFile(deps.runtime.folder.rules, "utf8"))[0].pattern).toEqual(pattern);
  });

  it.each([
    ["a card and a pattern", { card: { kind: "blacklist" }, pattern: {} }, "give a pattern or a card"],
    ["neither", {}, "give a pattern or a card"],
    ["the card of a pattern that no card makes", { card: { kind: "own" } }, "card"],
    ["half of a character", { card: { kind: "person", who: "\ud83d" } }, "surrogate"],
  ])("is refused with %s", async (_, asked, detail) => {
    expect(await deps.put("new", { ...asked, target: wecom })).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining(detail) },
    });
  });

  it("is previewed as what it tells of visitors and of targets", async () => {
    await deps.deliver(history({ timestamp: noon }));
    const { items } = await deps.runtime.reads.events.list({}, { limit: 1, cursor: null });
    const preview = async (asked: object) =>
      (await deps.ask("POST", "/v1/rules/preview", { ...wecom, template: "en", rule: "desk", ...asked })).body;
    const visitor = await preview({ about: "visitor-arrived", event: items[0]?.id });
    expect(visitor).toMatchObject({ title: expect.stringMatching(/^Visitor arrived: /) });
    const target = await preview({ about: "target-failing", box: "door" });
    const lines = JSON.stringify(target);
    expect(target).toMatchObject({ title: "Target failing: door", picture: null });
    expect(lines).toContain("answered 503");
    expect(lines).toContain("3 entries wait");
  });

  it("gets entries of its site and hours alone, and none while it is off", async () => {
    await deps.deliver(history({ timestamp: noon }));
    expect((await deps.ask("PATCH", "/v1/boxes/canteen", { site: "hq" })).status).toBe(200);
    const target = { url: "http://127.0.0.1:9/", allowPrivate: true };
    const card = { kind: "strangers", gates: { site: "hq" }, ...hours };
    await deps.put("noon", { card, target });
    await deps.put("elsewhere", { card: { ...card, gates: { site: "city" } }, target });
    await deps.put("night", { card: { ...card, from: "22:00", to: "06:00" }, target });
    await deps.deliver(stranger({ timestamp: noon }));
    expect([await waiting("noon"), await waiting("elsewhere"), await waiting("night")]).toEqual([1, 0, 0]);
    const off = await deps.put("noon", { card, target, isOn: false });
    expect(off.body).toMatchObject({ isOn: false, offSince: new Date(noon + hourMs).toISOString() });
    deps.setClock(noon + 2 * hourMs);
    expect((await deps.put("noon", { card, target })).body).toMatchObject({
      isOn: false,
      offSince: new Date(noon + hourMs).toISOString(),
    });
    await deps.deliver(stranger({ timestamp: noon + 1 }));
    expect(await waiting("noon")).toBe(1);
    expect((await deps.put("noon", { card, target, isOn: true })).body).toMatchObject({ isOn: true, offSince: null });
    await deps.deliver(stranger({ timestamp: noon + 2 }));
    expect(await waiting("noon")).toBe(2);
  });
});

describe("a card that is tried", () => {
  it("has the pattern that it makes, and is tried on each entry of an event", async () => {
    await deps.deliver(stranger({ timestamp: noon, want_action: "1001" }));
    const { body } = await deps.ask("POST", "/v1/rules/try", { card: { kind: "strangers" }, last: 10 });
    expect(body).toMatchObject({
      card: { kind: "strangers", gates: null },
      pattern: { "detail-type": ["Face Event Recorded"] },
      tried: 1,
      matched: 1,
      events: [
        { detailType: "Stranger Registration Requested", matches: false },
        { detailType: "Face Event Recorded", matches: true },
      ],
    });
    const own = await deps.ask("POST", "/v1/rules/try", { pattern: { source: ["gatepost"] } });
    expect(own.body).toMatchObject({ card: { kind: "own" } });
  });

  it("counts the events of days, with and without hours", async () => {
    await deps.deliver(stranger({ timestamp: noon }));
    await deps.deliver(stranger({ timestamp: noon - 5 * hourMs }));
    await deps.deliver(history({ timestamp: noon - 1 }));
    const counted = async (card: object, days = 30) => (await deps.ask("POST", "/v1/rules/try", { card, days })).body;
    const since = new Date(noon + hourMs - 30 * dayMs).toISOString();
    expect(await counted({ kind: "strangers" })).toMatchObject({ matched: 2, since, isWhole: true });
    expect(await counted({ kind: "strangers", ...hours })).toMatchObject({ matched: 1, isWhole: true });
    expect(await counted({ kind: "everything" })).toMatchObject({ matched: 3 });
    expect(await counted({ kind: "everything", gates: { box: "canteen" } })).toMatchObject({ matched: 3 });
    expect(await counted({ kind: "everything", gates: { site: "nowhere" } })).toMatchObject({ matched: 0 });
    for (const kind of ["silence", "visitors", "targets"])
      expect(await counted({ kind })).toMatchObject({ matched: null });
    const pattern = { detail: { event: { person: { type: ["stranger"] } } } };
    expect((await deps.ask("POST", "/v1/rules/try", { pattern, days: 30 })).body).toMatchObject({ matched: 2 });
    expect((await deps.ask("POST", "/v1/rules/try", { pattern, days: 1000 })).status).toBe(400);
    expect((await deps.ask("POST", "/v1/rules/try", { pattern: { a: "x" }, days: 1 })).status).toBe(400);
  });
});
