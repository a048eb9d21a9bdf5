import { hourMs } from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { jpeg, noon, passing, runtime, type TestRuntime } from "./support.ts";

let deps: TestRuntime;
beforeEach(async () => {
  deps = await runtime();
  await deps.deps.sites.put("hq", { zone: "Asia/Shanghai" });
  for (const box of ["gate-1", "gate-2"]) await deps.deps.boxes.writer.set(box, { site: "hq" });
});

interface Facts {
  name?: string;
  box?: string;
  type?: number;
  group?: string;
  score?: number;
  ip?: string;
}

async function pass(id: string, hours: number, { name = `P${id}`, box = "gate-1", ...facts }: Facts = {}) {
  const timestamp = noon + hours * hourMs;
  const { type = 1, group = "Office", score = 0.9, ip = "10.0.0.7" } = facts;
  const face = jpeg(`${id} ${hours} ${box}`).toString("base64");
  const extData = { device_ip: ip, ep_id: `BOX1__${ip}`, person_type: type, recognize_face: face };
  const body = { identity_id: id, identity_name: name, group_name: group, timestamp, score, extData };
  await deps.deliver(passing(body), { box, receivedAt: timestamp + 500 });
}

type Row = { id: string; library: string; name: string; pinyin: string | null; days: string; last: { at: string } };

async function list(query: Record<string, string> = {}, as: Parameters<TestRuntime["ask"]>[1] = {}) {
  const answer = await deps.ask(`/v1/people?${new URLSearchParams(query)}`, as);
  return (await answer.json()) as { people: Row[]; total: number; next: string | null };
}

const idsOf = async (query: Record<string, string> = {}) => (await list(query)).people.map(({ id }) => id);
const get = async (path: string, as: Parameters<TestRuntime["ask"]>[1] = {}) => {
  const answer = await deps.ask(path, as);
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};

describe("GET /v1/people", () => {
  beforeEach(async () => {
    await pass("1", -50, { name: "刘芳", type: 2, score: 0.7 });
    await pass("1", -2, { name: "刘芳", type: 2, score: 0.7 });
    await pass("2", -30, { name: "Ravi Menon", group: "Dock", score: 0.5 });
    await pass("3", -1, { name: "单雄信" });
    await pass("9", -1, { type: 4 });
  });

  it("lists known people, the one who passed last first", async () => {
    const { people, total } = await list();
    expect([people.map(({ id }) => id), total]).toEqual([["3", "1", "2"], 3]);
    expect(people[1]).toMatchObject({
      library: "gate-1",
      name: "刘芳",
      pinyin: "liu fang",
      type: "visitor",
      group: "Office",
      score: 70,
      days: "00000000000101",
      last: { at: new Date(noon - 2 * hourMs).toISOString() },
      asked: null,
    });
  });

  it("groups its people, with the boxes that named each group", async () => {
    await pass("2", -3, { name: "Ravi Menon", group: "Dock", box: "gate-2" });
    const groups = async (query: string, as?: Parameters<TestRuntime["ask"]>[1]) =>
      (await get(`/v1/groups${query}`, as)).body["groups"];
    const office = { name: "Office", people: 2, boxes: ["gate-1"] };
    expect(await groups("")).toEqual([{ name: "Dock", people: 2, boxes: ["gate-1", "gate-2"] }, office]);
    for (const box of ["gate-1", "gate-2"]) await deps.deps.boxes.writer.set(box, { site: "hq" });
    await deps.deps.sites.put("hq", { sharesPeople: true });
    expect(await groups("?site=hq")).toEqual([{ name: "Dock", people: 1, boxes: ["gate-1", "gate-2"] }, office]);
    const limited = { token: deps.ingest.addKey("read", null, { boxes: ["gate-2"], people: true }) };
    expect(await groups("", limited)).toEqual([{ name: "Dock", people: 1, boxes: ["gate-2"] }]);
  });

  it("lists groups in pages", async () => {
    const page = async (query: string) => (await get(`/v1/groups?limit=1${query}`)).body;
    const first = await page("");
    expect(first["groups"]).toEqual([{ name: "Dock", people: 1, boxes: ["gate-1"] }]);
    const next = `&cursor=${encodeURIComponent(String(first["next"]))}`;
    // A group before the next page moves nothing on it.
    await pass("7", -1, { name: "Ada", group: "Able" });
    expect(await page(next)).toEqual({ groups: [{ name: "Office", people: 2, boxes: ["gate-1"] }], next: null });
    expect((await get("/v1/groups?limit=501")).status).toBe(400);
    expect((await get("/v1/groups?cursor=made-up")).status).toBe(400);
    expect((await get(`/v1/groups?limit=1&site=hq${next}`)).status).toBe(400);
  });

  it("lists people and groups behind an id and a group of 8 KB", async () => {
    const [id, group] = ["长".repeat(2700), "组".repeat(2700)];
    await pass(id, -1, { name: "A", group });
    for (const order of ["seen", "name", "match"]) {
      const ids: string[] = [];
      let next: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof list>> = await list({ order, limit: "1", ...(next && { cursor: next }) });
        ids.push(...page.people.map((one) => one.id));
        next = page.next;
      } while (next !== null);
      expect(ids.toSorted()).toEqual(["1", "2", "3", id]);
    }
    await pass("8", -1, { group: "组".repeat(2701) });
    const first = (await get("/v1/groups?limit=3")).body;
    const last = (await get(`/v1/groups?limit=3&cursor=${first["next"]}`)).body;
    const names = [first, last].flatMap((page) => (page["groups"] as { name: string }[]).map(({ name }) => name));
    expect(names).toEqual(["Dock", "Office", group, "组".repeat(2701)]);
  });

  it("finds people by name, id and reading, and by filters", async () => {
    expect(await idsOf({ q: "liuf" })).toEqual(["1"]);
    expect(await idsOf({ q: "sxx" })).toEqual(["3"]);
    expect(await idsOf({ q: "menon" })).toEqual(["2"]);
    expect(await idsOf({ q: "nobody" })).toEqual([]);
    expect(await idsOf({ kind: "visitor" })).toEqual(["1"]);
    expect(await idsOf({ group: "Dock" })).toEqual(["2"]);
    expect(await idsOf({ scoreBelow: "80" })).toEqual(["1", "2"]);
    expect(await idsOf({ seenAfter: String(noon - 90 * 60_000) })).toEqual(["3"]);
    expect(await idsOf({ seenBefore: String(noon - 2 * hourMs + 1) })).toEqual(["1", "2"]);
    expect(await idsOf({ site: "hq" })).toEqual(["3", "1", "2"]);
    expect(await idsOf({ site: "depot" })).toEqual([]);
  });

  it("orders people by name and by match", async () => {
    expect(await idsOf({ order: "match" })).toEqual(["2", "1", "3"]);
    expect((await idsOf({ order: "name" }))[0]).toBe("2");
  });

  it.each(["seen", "name", "match"])("gives all in pages by %s", async (order) => {
    const whole = await idsOf({ order });
    const first = await list({ order, limit: "2" });
    const second = await list({ order, limit: "2", cursor: first.next ?? "" });
    expect([...first.people, ...second.people].map(({ id }) => id)).toEqual(whole);
    expect(second.next).toBeNull();
  });

  it("tells two libraries apart unless their site shares its people", async () => {
    await pass("1", -3, { name: "王静", box: "gate-2" });
    expect((await list({ q: "1" })).people.map(({ library, name }) => [library, name])).toEqual([
      ["gate-1", "刘芳"],
      ["gate-2", "王静"],
    ]);
    await deps.deps.sites.put("hq", { sharesPeople: true });
    expect((await list({ q: "1" })).people.map(({ library, name }) => [library, name])).toEqual([["~hq", "刘芳"]]);
    expect((await get("/v1/people/~hq/1")).body).toMatchObject({
      names: ["刘芳", "王静"],
      boxes: ["gate-1", "gate-2"],
      conflict: [
        { box: "gate-1", name: "刘芳" },
        { box: "gate-2", name: "王静" },
      ],
    });
  });

  it("shows a limited caller only the people of its boxes", async () => {
    await pass("7", -1, { box: "gate-2" });
    const token = deps.ingest.addKey("read", null, { people: true, boxes: ["gate-2"] });
    expect((await list({}, { token })).people.map(({ id }) => id)).toEqual(["7"]);
    expect((await get("/v1/people/gate-1/1", { token })).status).toBe(404);
    expect((await get("/v1/people?id=1", { token })).status).toBe(403);
  });
});

describe("a person", () => {
  it("has the facts of all passings", async () => {
    for (const day of [1, 2, 5, 6, 7]) {
      await pass("1", -24 * day - 4);
      await pass("1", -24 * day + 5.5, { ip: "10.0.0.8" });
    }
    await pass("1", -4);
    const { body } = await get("/v1/people/gate-1/1");
    expect(body).toMatchObject({
      library: "gate-1",
      id: "1",
      names: ["P1"],
      groups: ["Office"],
      boxes: ["gate-1"],
      events: 11,
      last: new Date(noon - 4 * hourMs).toISOString(),
      inside: null,
      conflict: null,
      schedule: null,
      usual: {
        in: ["08:00", "08:00"],
        out: ["17:30", "17:30"],
        weekdays: [2, 3, 4, 5, 6],
      },
      gates: [{ count: 6 }, { count: 5 }],
    });
    expect(body["days"]).toHaveLength(14);
    const days = await get("/v1/people/gate-1/1/days?from=2026-11-04&to=2026-11-05");
    expect(days.body).toMatchObject({
      days: [
        { day: "2026-11-04", in: "2026-11-04T00:00:00.000Z", out: "2026-11-04T09:30:00.000Z", state: "worked" },
        { day: "2026-11-05", out: null, state: "inside" },
      ],
    });
  });

  it("has captures in pages, the newest first", async () => {
    for (const hours of [1, 2, 3]) await pass("1", -hours);
    const captures = async (query: string) =>
      (await get(`/v1/people/gate-1/1/captures?${query}`)).body as {
        captures: { at: string; href: string }[];
        next: string;
      };
    const first = await captures("limit=2");
    const second = await captures(`limit=2&cursor=${first.next}`);
    expect([...first.captures, ...second.captures].map(({ at }) => (noon - Date.parse(at)) / hourMs)).toEqual([
      1, 2, 3,
    ]);
    expect([first.captures[0]?.href, second.next]).toEqual([expect.stringMatching(/face\?width=192$/), null]);
  });

  it("is 404 if unknown, and 410 once erased", async () => {
    await pass("1", -1);
    expect((await get("/v1/people/gate-1/2")).status).toBe(404);
    await deps.ask("/v1/people?id=1&box=gate-1", { method: "DELETE" });
    const { status, body } = await get("/v1/people/gate-1/1");
    expect([status, body["code"]]).toEqual([410, "erased"]);
    expect(await idsOf()).toEqual([]);
    expect((await get("/v1/people/gate-1/1/captures")).body["captures"]).toEqual([]);
  });

  it("is asked for at most 366 days", async () => {
    await pass("1", -1);
    expect((await get("/v1/people/gate-1/1/days?from=2025-11-04&to=2026-11-05")).status).toBe(400);
    expect((await get("/v1/people/gate-1/1/days?from=2026-11-06&to=2026-11-05")).status).toBe(400);
  });
});

describe("GET /v1/events/{id}/near", () => {
  it("lists strangers of the same device, without the event itself", async () => {
    for (let n = 1; n <= 20; n++) await pass(`${n}`, -n, { type: 4 });
    await pass("31", -3, { type: 4, ip: "10.0.0.8" });
    await pass("32", -3);
    await pass("33", -8 * 24, { type: 4 });
    const { events } = (await get("/v1/events?type=stranger&limit=1")).body as { events: { id: string }[] };
    const id = events[0]?.id ?? "";
    const near = async (query = "") =>
      (await get(`/v1/events/${id}/near${query}`)).body as {
        near: { at: string; event: string }[];
        total: number;
        next: string;
      };
    const first = await near();
    const second = await near(`?cursor=${first.next}`);
    const hours = [...first.near, ...second.near].map(({ at }) => (noon - Date.parse(at)) / hourMs);
    expect(hours).toEqual(Array.from({ length: 19 }, (_, n) => n + 2));
    expect([first.total, first.near.length, second.next]).toEqual([19, 18, null]);
    expect((await near("?days=30")).total).toBe(20);
    await deps.ask(`/v1/events/${first.near[0]?.event}/seen`, { method: "PUT" });
    expect((await near()).near[0]).toMatchObject({ acknowledgement: expect.stringMatching(/^ack_/) });
    expect((await get("/v1/events/evt_x/near")).status).toBe(404);
  });
});
