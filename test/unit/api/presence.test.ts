import { hourMs } from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { addAccount, signedIn } from "./people.ts";
import { noon, passing, runtime, type TestRuntime } from "./support.ts";

let deps: TestRuntime;
beforeEach(async () => {
  deps = await runtime();
  await deps.deps.sites.put("hq", { zone: "Asia/Shanghai" });
  for (const box of ["gate-1", "gate-2"]) await deps.deps.boxes.writer.set(box, { site: "hq" });
});

const way = { in: "10.0.0.7", out: "10.0.0.8", none: "10.0.0.9" };

const at = (ip: string) => ({ device_ip: ip, ep_id: `BOX1__${ip}` });

interface Facts {
  box?: string;
  person_type?: number;
  recognize_face?: string;
}

/** A passing some hours after noon, which is 12:00 at the site. */
async function pass(
  id: string,
  direction: "in" | "out" | null,
  hours: number,
  { box = "gate-1", ...facts }: Facts = {},
) {
  const timestamp = noon + hours * hourMs;
  const extData = { ...at(way[direction ?? "none"]), ...facts };
  await deps.deliver(passing({ identity_id: id, identity_name: `P${id}`, timestamp, extData }), {
    box,
    receivedAt: Math.max(timestamp, noon - 40 * 24 * hourMs) + 500,
  });
}

/** Says which device is a way in, and which a way out. */
async function setDirections(box = "gate-1") {
  const { devices = [] } = (await deps.deps.boxes.reader.get(box)) ?? {};
  for (const { key, id } of devices) {
    const direction = id.endsWith(way.in) ? "in" : id.endsWith(way.out) ? "out" : null;
    await deps.deps.boxes.writer.set(box, { device: { key, direction } });
  }
  deps.ingest.now += 10_000;
}

async function presence(query: Record<string, string> = {}, as: Parameters<TestRuntime["ask"]>[1] = {}) {
  const answer = await deps.ask(`/v1/presence?${new URLSearchParams({ site: "hq", ...query })}`, as);
  return (await answer.json()) as {
    inside: number;
    byKind: object;
    strangers: object;
    leftWithoutIn: number;
    today: number[];
    before: number[];
    people: { id: string; library: string; isOverdue: boolean; why: string | null; flags: string[]; since: string }[];
    counted: Record<"in" | "out" | "none", string[]>;
    next: string | null;
  };
}

const idsOf = async (query: Record<string, string> = {}) => (await presence(query)).people.map(({ id }) => id);

describe("GET /v1/presence", () => {
  it("counts those whose last way was in, with the evidence", async () => {
    await pass("1", "in", -4);
    await pass("2", "in", -3);
    await pass("2", "out", -1);
    await pass("3", null, -1);
    await pass("4", "out", -2, { person_type: 2 });
    await setDirections();
    const answer = await presence();
    expect(answer).toMatchObject({ inside: 1, byKind: { employee: 1 }, leftWithoutIn: 1, next: null });
    expect(answer.people).toMatchObject([
      { library: "gate-1", id: "1", name: "P1", since: "2026-11-05T00:00:00.000Z", isOverdue: false, flags: [] },
    ]);
    expect(answer.today).toEqual([...Array(16).fill(0), 1, 1, 2, 2, 2, 2, 1, 1, 1]);
    expect(answer.before).toEqual(Array(48).fill(0));
    expect([answer.counted.in.length, answer.counted.out.length, answer.counted.none.length]).toEqual([1, 1, 1]);
  });

  it("answers for another moment", async () => {
    await pass("1", "in", -4);
    await pass("1", "out", -1);
    await setDirections();
    expect(await idsOf()).toEqual([]);
    expect(await idsOf({ at: String(noon - 2 * hourMs) })).toEqual(["1"]);
    expect(await idsOf({ at: String(noon - 5 * hourMs) })).toEqual([]);
  });

  it("lists people who were not seen leaving, however long ago", async () => {
    await pass("1", "in", -13);
    await pass("2", "in", -20 * 24);
    await pass("2", null, -1);
    await pass("3", "in", -11);
    await setDirections();
    expect((await presence()).people.map(({ id, isOverdue }) => [id, isOverdue])).toEqual([
      ["2", true],
      ["1", true],
      ["3", false],
    ]);
  });

  it("lists a night shift only after the end of its window", async () => {
    await deps.deps.schedules.put("hq", {
      id: "sch_night",
      name: "Night",
      groups: ["night"],
      start: "22:00",
      end: "06:00",
      lateAfter: 0,
      earlyBefore: 0,
      weekdays: [1, 2, 3, 4, 5, 6, 7],
      inWindow: ["18:00", "02:00"],
      outWindow: ["02:00", "13:00"],
      breaks: [],
      validFrom: "2026-01-01",
    });
    const timestamp = noon - 14 * hourMs;
    await deps.deliver(passing({ identity_id: "1", group_name: "night", timestamp, extData: at(way.in) }), {
      receivedAt: timestamp + 500,
    });
    await setDirections();
    expect((await presence()).people).toMatchObject([{ id: "1", isOverdue: false }]);
    expect((await presence({ at: String(noon + hourMs) })).people).toMatchObject([
      { isOverdue: true, why: "night-shift" },
    ]);
  });

  it("joins the passings of a person only at boxes that share their people", async () => {
    await pass("1", "in", -4);
    await pass("1", "out", -1, { box: "gate-2" });
    await setDirections();
    await setDirections("gate-2");
    expect((await presence()).people.map(({ library, id }) => `${library}/${id}`)).toEqual(["gate-1/1"]);
    await deps.deps.sites.put("hq", { sharesPeople: true });
    expect(await idsOf()).toEqual([]);
    expect((await presence({ at: String(noon - 2 * hourMs) })).people).toMatchObject([{ library: "~hq", id: "1" }]);
  });

  it("counts a person who has left as out, also after boxes share their people, and takes that back", async () => {
    await pass("1", "in", -4, { box: "gate-2" });
    await setDirections("gate-2");
    const body = JSON.stringify({ site: "hq", library: "gate-2", id: "1", leftAt: noon - hourMs, reason: "By car" });
    const made = await deps.ask("/v1/presence/corrections", { method: "POST", body });
    const { id } = (await made.json()) as { id: string };
    await deps.deps.sites.put("hq", { sharesPeople: true });
    expect(await idsOf()).toEqual([]);
    const part = await signedIn(deps, await addAccount(deps, "manager", { name: "Part", boxes: ["gate-1"] }));
    const remove = { method: "DELETE", headers: part };
    expect((await deps.ask(`/v1/presence/corrections/${id}`, remove)).status).toBe(204);
    expect(await idsOf()).toEqual(["1"]);
  });

  it("counts strangers of the day by their difference", async () => {
    for (const [n, direction] of (["in", "in", "out"] as const).entries()) {
      await pass(`${n}`, direction, -2 - n, { person_type: 4, recognize_face: `${n}` });
    }
    await pass("9", "in", -14, { person_type: 4 });
    await setDirections();
    expect(await presence()).toMatchObject({ inside: 0, strangers: { in: 2, out: 1 } });
  });

  it("marks a person whose box is ahead, and does not lose the person", async () => {
    const ahead = passing({ identity_id: "1", timestamp: noon + 3 * hourMs, extData: at(way.in) });
    await deps.deliver(ahead, { receivedAt: noon - hourMs });
    await setDirections();
    expect((await presence()).people).toMatchObject([
      { id: "1", since: new Date(noon - hourMs).toISOString(), flags: ["clock"] },
    ]);
  });

  it("gives all people in pages, by time or by name", async () => {
    for (const [n, id] of ["10", "9", "1", "2", "3"].entries()) await pass(id, "in", -4 + n / 10);
    await setDirections();
    expect(await idsOf({ order: "name" })).toEqual(["1", "2", "3", "9", "10"]);
    const first = await presence({ limit: "2" });
    const second = await presence({ limit: "2", cursor: first.next ?? "" });
    const third = await presence({ limit: "2", cursor: second.next ?? "" });
    const pages = [first, second, third].map(({ people }) => people.map(({ id }) => id));
    expect([pages, third.next]).toEqual([[["10", "9"], ["1", "2"], ["3"]], null]);
  });

  it("is limited to the boxes that the caller sees", async () => {
    await pass("1", "in", -4);
    await pass("2", "in", -4, { box: "gate-2" });
    await setDirections();
    await setDirections("gate-2");
    const token = deps.ingest.addKey("read", null, { people: true, boxes: ["gate-2"] });
    expect((await presence({}, { token })).people).toMatchObject([{ id: "2" }]);
    const other = deps.ingest.addKey("read", null, { people: true, boxes: ["lobby"] });
    expect((await deps.ask("/v1/presence?site=hq", { token: other })).status).toBe(404);
  });

  it("forgets an erased person at once", async () => {
    await pass("1", "in", -4);
    await setDirections();
    await deps.ask("/v1/people?id=1&box=gate-1", { method: "DELETE" });
    expect(await idsOf()).toEqual([]);
  });
});

describe("a correction of who is inside", () => {
  const correct = async (members: object = {}, headers: Record<string, string> = {}) => {
    const asked = { site: "hq", library: "gate-1", id: "1", leftAt: noon - hourMs, reason: "Left by car", ...members };
    const answer = await deps.ask("/v1/presence/corrections", { method: "POST", body: JSON.stringify(asked), headers });
    return { status: answer.status, body: (await answer.json()) as { id: string; code?: string; by: object } };
  };

  beforeEach(async () => {
    await pass("1", "in", -4);
    await setDirections();
  });

  it("is a way out, until the person is seen going in", async () => {
    const headers = await signedIn(deps, await addAccount(deps, "manager"));
    const { status, body } = await correct({}, headers);
    expect([status, body]).toMatchObject([
      201,
      { leftAt: new Date(noon - hourMs).toISOString(), reason: "Left by car" },
    ]);
    expect(await idsOf()).toEqual([]);
    expect(await idsOf({ at: String(noon - 2 * hourMs) })).toEqual(["1"]);
    await pass("1", "in", -0.5);
    expect(await idsOf()).toEqual(["1"]);
  });

  it("is made once by requests with the same idempotency key", async () => {
    const send = () => {
      const body = JSON.stringify({
        site: "hq",
        library: "gate-1",
        id: "1",
        leftAt: noon - hourMs,
        reason: "Left by car",
      });
      return deps.ask("/v1/presence/corrections", { method: "POST", body, headers: { "idempotency-key": "k" } });
    };
    const [first, second] = [await send(), await send()];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(await second.json()).toEqual(await first.json());
  });

  it("can be taken back", async () => {
    const { body } = await correct();
    const remove = () => deps.ask(`/v1/presence/corrections/${body.id}`, { method: "DELETE" });
    expect((await remove()).status).toBe(204);
    expect(await idsOf()).toEqual(["1"]);
    expect((await remove()).status).toBe(404);
  });

  it("is refused for a person who is not inside, or went in later", async () => {
    expect(await correct({ id: "2" })).toMatchObject({ status: 409, body: { code: "not-inside" } });
    expect(await correct({ library: "gate-2" })).toMatchObject({ status: 409 });
    expect(await correct({ leftAt: noon - 5 * hourMs })).toMatchObject({ status: 409, body: { code: "seen-later" } });
    expect(await correct({ leftAt: noon + hourMs })).toMatchObject({ status: 400 });
    expect(await correct({ site: "depot" })).toMatchObject({ status: 404 });
    expect(await correct({ reason: " a " })).toMatchObject({ status: 400 });
  });

  it("is erased with the person", async () => {
    const { body } = await correct();
    await deps.ask("/v1/people?id=1&all=1", { method: "DELETE" });
    expect(await deps.deps.departures.get(body.id)).toBeNull();
  });

  it("leaves no id in the audit log", async () => {
    await correct({ id: "someone-secret" });
    const { items } = await deps.deps.auditReader.list({}, { limit: 10, cursor: null });
    expect(items).toMatchObject([{ outcome: "refused" }, { action: "presence-corrected", outcome: "asked" }]);
    expect(JSON.stringify(items)).not.toContain("someone-secret");
  });
});
