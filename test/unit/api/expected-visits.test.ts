import { dayMs, hourMs, minuteMs } from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { addAccount, signedIn } from "./people.ts";
import { jpeg, passing, runtime, type TestRuntime } from "./support.ts";

interface Shown {
  person: string;
  came: string | null;
  left: string | null;
  event: string | null;
  flags: string[];
}

let deps: TestRuntime;
let now: number;
beforeEach(async () => {
  deps = await runtime();
  now = deps.deps.clock();
  deps.deps.clock = () => now;
  deps.ingest.addKey("ingest", "gate-2");
  deps.ingest.addKey("read", null, { boxes: ["gate-1", "gate-2"] });
});

const inHours = (hours: number) => new Date(now + hours * hourMs).toISOString();

/** Registers a stranger of gate-1 as a visitor for eight hours. */
async function register(id: string, body: object = {}) {
  const extData = { person_type: 4, recognize_face: jpeg(id).toString("base64") };
  const [outcome] = await deps.deliver(passing({ want_action: "1001", identity_id: id, extData, timestamp: now - 1 }));
  const [action] = await deps.deps.actionReader.ofEvent(outcome?.event?.id ?? "");
  const visit = { name: `Ada ${id}`, type: "visitor", host: "Grace", validUntil: inHours(8), ...body };
  const answer = await deps.ask(`/v1/actions/${action?.id}/approval`, { method: "POST", body: JSON.stringify(visit) });
  return { action: action?.id ?? "", status: answer.status, detail: await answer.clone().text() };
}

/** Passes through the way in or out of a box. */
async function pass(id: string, way: "in" | "out" | null, minutes: number, box = "gate-1") {
  const at = now + minutes * minuteMs;
  const extData = { person_type: 2, ep_id: `BOX1__${way}` };
  const sent = passing({ identity_id: id, identity_name: "Ada", extData, timestamp: at });
  const [outcome] = await deps.deliver(sent, { box, receivedAt: at + 500 });
  const { devices = [] } = (await deps.deps.boxes.reader.get(box)) ?? {};
  const device = devices.find((one) => one.id.includes(`__${way}`));
  if (way !== null && device !== undefined) {
    await deps.deps.boxes.writer.set(box, { device: { key: device.key, direction: way } });
  }
  return outcome?.event?.id ?? null;
}

const ask = async (query = "site=default", asked: Parameters<TestRuntime["ask"]>[1] = {}) =>
  deps.ask(`/v1/visits?${query}`, asked);
const list = async (...asked: Parameters<typeof ask>) => {
  const answer = await ask(...asked);
  return ((await answer.json()) as { visits: Shown[] }).visits;
};

describe("the begin of a visit", () => {
  it.each([
    ["after its end", { validFrom: "2027-01-01T00:00:00Z" }],
    ["without an end", { validFrom: "2026-11-06T00:00:00Z", validUntil: undefined }],
    ["of an employee", { type: "employee", validFrom: "2026-11-06T00:00:00Z", validUntil: undefined, host: undefined }],
    ["that is no time", { validFrom: "tomorrow" }],
  ])("%s is refused", async (_, body) => {
    expect((await register("v1", body)).detail).toContain("validFrom");
    expect(await list()).toEqual([]);
  });
});

describe("expected visitors", () => {
  it("are listed with their hosts, by the begin of the visit", async () => {
    const { action, status } = await register("v1", { validFrom: inHours(2) });
    expect(status).toBe(200);
    await register("v2");
    const visits = await list();
    expect(visits.map(({ person }) => person)).toEqual(["v2", "v1"]);
    expect(visits[1]).toEqual({
      action,
      library: "gate-1",
      person: "v1",
      name: "Ada v1",
      host: "Grace",
      validFrom: inHours(2),
      validUntil: inHours(8),
      came: null,
      left: null,
      event: null,
      flags: [],
    });
  });

  it("have come and left, as their passings of the day say", async () => {
    await register("v1");
    await pass("v1", "out", 1);
    const event = await pass("v1", "in", 5);
    await pass("v1", "in", 20);
    const times = async () => (await list()).map(({ came, left }) => [came, left]);
    expect(await list()).toMatchObject([{ came: inHours(5 / 60), left: null, event, flags: [] }]);
    await pass("v1", "out", 30);
    expect(await times()).toEqual([[inHours(5 / 60), inHours(30 / 60)]]);
    await pass("v1", "in", 40);
    expect(await times()).toEqual([[inHours(5 / 60), null]]);
  });

  it("are flagged if they come before the visit begins", async () => {
    await register("v1", { validFrom: inHours(2) });
    await pass("v1", "in", 5);
    expect(await list()).toMatchObject([{ came: inHours(5 / 60), flags: ["before-visit"] }]);
  });

  it("have come at any of the boxes of the visit that the caller sees", async () => {
    await register("v1", { boxes: ["gate-1", "gate-2"] });
    const event = await pass("v1", "in", 5, "gate-2");
    await pass("v1", "out", 30);
    const came = { library: "gate-2", came: inHours(5 / 60), left: inHours(30 / 60), event };
    expect(await list()).toMatchObject([came]);
    const headers = await signedIn(deps, await addAccount(deps, "manager", { boxes: ["gate-1"] }));
    expect(await list("site=default", { headers })).toMatchObject([{ library: "gate-1", came: null, event: null }]);
  });

  it("have come at a box of another site, as the list of each site says", async () => {
    for (const box of ["gate-1", "gate-2"]) await deps.deps.boxes.writer.set(box, { site: `of-${box}` });
    await register("v1", { boxes: ["gate-1", "gate-2"] });
    const here = async (site: string, headers?: Record<string, string>) => {
      return (await list(`site=of-${site}`, headers && { headers }))[0];
    };
    expect(await here("gate-2")).toMatchObject({ library: "gate-2", came: null });
    const event = await pass("v1", "in", 5);
    const came = { library: "gate-1", came: inHours(5 / 60), left: null, event };
    expect(await here("gate-1")).toMatchObject(came);
    expect(await here("gate-2")).toEqual(await here("gate-1"));
    const headers = await signedIn(deps, await addAccount(deps, "manager", { boxes: ["gate-2"] }));
    expect(await here("gate-2", headers)).toMatchObject({ library: "gate-2", came: null, event: null });
    expect((await ask("site=of-gate-1", { headers })).status).toBe(404);
  });

  it("who come the day before are of that day and of the day of the visit, unless they leave in between", async () => {
    deps.ingest.now = now = Date.parse("2026-11-05T23:00:00Z");
    await register("v1", { validFrom: "2026-11-06T00:19:00.000Z" });
    const event = await pass("v1", "in", 19);
    const both = async () => [await list(), await list("site=default&day=2026-11-06")];
    expect(await both()).toMatchObject([[], [{ came: null }]]);
    const [visit] = await deps.deps.visits.between(now, Number.POSITIVE_INFINITY);
    if (visit === undefined) throw new Error("no visit");
    await deps.deps.visits.told(visit, "early", now);
    const came = { came: "2026-11-05T23:19:00.000Z", event, flags: ["before-visit"] };
    expect(await both()).toMatchObject([[{ ...came, left: null }], [{ ...came, left: null }]]);
    await pass("v1", "out", 120);
    expect(await both()).toMatchObject([[{ ...came, left: null }], [{ ...came, left: inHours(2) }]]);
    await pass("v1", "in", 150);
    expect(await both()).toMatchObject([[came], [{ came: inHours(2.5), left: null, flags: [] }]]);
    expect(await list("site=default&day=2026-11-04")).toEqual([]);
  });

  it("who leave before the day of the visit have not come on it", async () => {
    deps.ingest.now = now = Date.parse("2026-11-05T23:00:00Z");
    await register("v1", { validFrom: "2026-11-06T00:19:00.000Z" });
    await pass("v1", "in", 19);
    await pass("v1", "out", 40);
    for (const visit of await deps.deps.visits.between(now, Number.POSITIVE_INFINITY)) {
      await deps.deps.visits.told(visit, "early", now);
    }
    expect(await list()).toMatchObject([{ came: "2026-11-05T23:19:00.000Z", left: "2026-11-05T23:40:00.000Z" }]);
    expect(await list("site=default&day=2026-11-06")).toMatchObject([{ came: null, left: null, flags: [] }]);
  });

  it("have one visit at boxes that share their people: the one that was approved last", async () => {
    for (const box of ["gate-1", "gate-2"]) await deps.deps.boxes.writer.set(box, { site: "hq" });
    await deps.deps.sites.put("hq", { sharesPeople: true });
    await register("v1");
    now += minuteMs;
    expect((await register("v1", { boxes: ["gate-2"], host: "Lin" })).status).toBe(200);
    expect(await list("site=hq")).toMatchObject([{ library: "~hq", host: "Lin" }]);
  });

  it("are expected anew in the next visit of the same action", async () => {
    const { action } = await register("v1", { validUntil: inHours(1) });
    await pass("v1", "in", 5);
    deps.ingest.now = now += 2 * hourMs;
    await deps.ask(`/v1/actions/${action}`, { method: "POST", body: JSON.stringify({ state: "done" }) });
    const body = JSON.stringify({ name: "Ada", type: "visitor", validUntil: inHours(2) });
    expect((await deps.ask(`/v1/actions/${action}/approval`, { method: "POST", body })).status).toBe(200);
    expect(await list()).toMatchObject([{ came: null, validUntil: inHours(2) }]);
    const event = await pass("v1", "in", 5);
    await deps.ask(`/v1/actions/${action}`, { method: "POST", body: JSON.stringify({ state: "done" }) });
    expect(await list()).toMatchObject([{ came: inHours(5 / 60), event }]);
  });

  it("are none of the day that begins as the visit ends", async () => {
    await register("v1", { validUntil: new Date((Math.floor(now / dayMs) + 1) * dayMs).toISOString() });
    expect(await list()).toHaveLength(1);
    expect(await list("site=default&day=2026-11-06")).toEqual([]);
  });

  it("are also those of many, each with the own passings alone", async () => {
    for (let n = 0; n < 20; n++) await register(`v${n}`);
    await pass("v7", null, 5);
    await pass("someone", null, 6);
    expect((await list("site=default&limit=100")).filter(({ came }) => came !== null)).toMatchObject([
      { person: "v7" },
    ]);
    const first = (await (await ask("site=default&limit=15")).json()) as { visits: Shown[]; next: string };
    expect(first.visits).toHaveLength(15);
    expect(await list(`site=default&limit=15&cursor=${encodeURIComponent(first.next)}`)).toHaveLength(5);
  });

  it("are none of another day, or after the approval is undone", async () => {
    const { action } = await register("v1", { validFrom: inHours(24), validUntil: inHours(26) });
    expect(await list()).toEqual([]);
    expect(await list("site=default&day=2026-11-06")).toHaveLength(1);
    await deps.ask(`/v1/actions/${action}/approval/undo`, { method: "POST" });
    expect(await list("site=default&day=2026-11-06")).toEqual([]);
  });

  it("follow a changed approval, and are none once the person may stay", async () => {
    const { action } = await register("v1");
    const approve = async (body: object) => {
      await deps.ask(`/v1/actions/${action}`, { method: "POST", body: JSON.stringify({ state: "done" }) });
      const sent = JSON.stringify({ name: "Ada", ...body });
      return (await deps.ask(`/v1/actions/${action}/approval`, { method: "POST", body: sent })).status;
    };
    expect(await approve({ type: "visitor", validUntil: inHours(9), validFrom: inHours(1) })).toBe(200);
    expect(await list()).toMatchObject([{ host: null, validFrom: inHours(1), validUntil: inHours(9) }]);
    expect(await approve({ type: "employee" })).toBe(200);
    expect(await list()).toEqual([]);
  });

  it("are kept by the report of the bridge if the approval was interrupted", async () => {
    const { set } = deps.deps.visits;
    deps.deps.visits.set = async () => {
      throw new Error("interrupted");
    };
    const { action, status } = await register("v1");
    expect(status).toBe(503);
    deps.deps.visits.set = set.bind(deps.deps.visits);
    await deps.ask(`/v1/actions/${action}`, { method: "POST", body: JSON.stringify({ state: "done" }) });
    expect(await list()).toHaveLength(1);
  });

  it("are gone with the erasure of the visitor, and its preview names them", async () => {
    const { action } = await register("v1");
    const preview = (await (await deps.ask("/v1/people?id=v1")).json()) as { records: object[] };
    expect(preview.records).toEqual([{ what: "visit", id: action, site: null, boxes: ["gate-1"] }]);
    await deps.ask("/v1/people?id=v1&box=gate-2", { method: "DELETE" });
    expect(await list()).toHaveLength(1);
    const erased = await deps.ask("/v1/people?id=v1&box=gate-1", { method: "DELETE" });
    expect(await erased.json()).toMatchObject({ records: [{ what: "visit", id: action }] });
    expect(await list()).toEqual([]);
  });

  it("are gone with the erasure of the event that asked", async () => {
    const { action } = await register("v1");
    await register("v2");
    const { eventId } = (await (await deps.ask(`/v1/actions/${action}`)).json()) as { eventId: string };
    expect((await deps.ask(`/v1/events/${eventId}`, { method: "DELETE" })).status).toBe(204);
    expect((await list()).map(({ person }) => person)).toEqual(["v2"]);
    expect(await (await deps.ask("/v1/people?id=v1")).json()).toMatchObject({ records: [] });
  });

  it("are not kept if their action is erased before they are", async () => {
    const { eraser, actionReader } = deps.deps;
    const alongside = eraser.alongside.bind(eraser);
    eraser.alongside = async (work) => {
      const { items } = await actionReader.list({}, { limit: 10, cursor: null });
      for (const { eventId } of items) await eraser.eraseEvent(eventId);
      return alongside(work);
    };
    await register("v1");
    expect(await list()).toEqual([]);
  });

  it("are seen by callers who may read people, at their boxes", async () => {
    await register("v1");
    await register("v2", { boxes: ["gate-1", "gate-2"] });
    const limited = await signedIn(deps, await addAccount(deps, "manager", { boxes: ["gate-2"] }));
    expect((await list("site=default", { headers: limited })).map(({ person }) => person)).toEqual(["v2"]);
    expect(await list("site=default", { token: deps.ingest.addKey("read", null, { people: true }) })).toHaveLength(2);
    expect((await ask("site=default", { token: deps.tokens.read })).status).toBe(403);
    expect((await ask("site=default", { headers: await signedIn(deps, await addAccount(deps, "guard")) })).status).toBe(
      403,
    );
    expect((await ask("site=north")).status).toBe(404);
    await deps.deps.peopleSettings.set({ isOn: false, hoursDays: null });
    expect((await ask()).status).toBe(403);
    await register("v3");
    await deps.deps.peopleSettings.set({ isOn: true, hoursDays: null });
    expect(await list()).toHaveLength(2);
  });

  it.each(["", "site=default&day=yesterday", "site=default&limit=0", "site=default&cursor=x"])(
    "refuse %j",
    async (query) => {
      expect((await ask(query)).status).toBe(400);
    },
  );
});
