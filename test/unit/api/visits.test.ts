import { approvalSchema, hourMs } from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { jpeg, passing, runtime, type TestRuntime } from "./support.ts";

const answer = z.object({
  approval: approvalSchema,
  history: z.array(z.looseObject({ state: z.string(), decision: z.string().exactOptional() })),
});
const removalPage = z.object({
  removals: z.array(z.object({ id: z.string(), box: z.string(), person: z.string().nullable() })),
});

let deps: TestRuntime;
let stranger: string;
let bridge: string;
let now: number;
beforeEach(async () => {
  deps = await runtime();
  now = deps.deps.clock();
  deps.deps.clock = () => now;
  for (const box of ["gate-2", "gate-3"]) deps.ingest.addKey("ingest", box);
  bridge = deps.ingest.addKey("read", null, { boxes: ["gate-1", "gate-2"] });
  stranger = await asked("s.1");
});

async function asked(id: string): Promise<string> {
  const extData = { person_type: 4, recognize_face: jpeg("a face").toString("base64") };
  const [outcome] = await deps.deliver(passing({ want_action: "1001", identity_id: id, extData }));
  const [action] = await deps.deps.actionReader.ofEvent(outcome?.event?.id ?? "");
  return action?.id ?? "";
}

const inHours = (hours: number) => new Date(now + hours * hourMs).toISOString();
const post = async (path: string, body: object = {}, token = deps.tokens.admin) => {
  const sent = await deps.ask(path, { method: "POST", token, body: JSON.stringify(body) });
  return { status: sent.status, body: await sent.json() };
};
const visit = (hours: number, body: object = {}) =>
  post(`/v1/actions/${stranger}/approval`, {
    name: "Ada",
    type: "visitor",
    boxes: ["gate-1", "gate-2"],
    validUntil: inHours(hours),
    ...body,
  });
const toRemove = async () =>
  removalPage.parse(await (await deps.ask("/v1/removals", { token: bridge })).json()).removals;
const done = () => post(`/v1/actions/${stranger}`, { state: "done" }, bridge);
const action = async () => answer.parse(await (await deps.ask(`/v1/actions/${stranger}`)).json());

describe("the boxes of bridges", () => {
  const bridged = async (token?: string) =>
    z.object({ boxes: z.array(z.string()) }).parse(await (await deps.ask("/v1/bridges", token ? { token } : {})).json())
      .boxes;

  it("are those for which a read key is limited to the box, or to its site", async () => {
    expect(await bridged()).toEqual(["gate-1", "gate-2"]);
    await deps.ask("/v1/boxes/gate-3", { method: "PATCH", body: JSON.stringify({ site: "north" }) });
    expect(await bridged()).toEqual(["gate-1", "gate-2"]);
    deps.ingest.addKey("read", null, { site: "north" });
    expect(await bridged()).toEqual(["gate-1", "gate-2", "gate-3"]);
  });

  it("are refused to a read key", async () => {
    expect((await deps.ask("/v1/bridges", { token: deps.tokens.read })).status).toBe(403);
  });
});

describe("a visit", () => {
  it("ends by a removal at each box, with a receipt in the action", async () => {
    const { body } = await visit(2, { host: "Grace" });
    expect(answer.parse(body).approval).toMatchObject({ validUntil: inHours(2), host: "Grace", type: "visitor" });
    await done();
    now += 2 * hourMs - 1;
    expect(await toRemove()).toEqual([]);
    now += 1;
    const due = await toRemove();
    expect(due.map(({ box, person }) => `${box} ${person}`).sort()).toEqual(["gate-1 s.1", "gate-2 s.1"]);
    for (const { id, box } of due) {
      const outcome = box === "gate-1" ? { state: "done" } : { state: "failed", note: "no answer" };
      for (const _ of ["once", "again"]) expect((await post(`/v1/removals/${id}`, outcome, bridge)).status).toBe(200);
    }
    expect(await toRemove()).toEqual([]);
    const { approval, history } = await action();
    expect(approval.boxes).toEqual([
      { box: "gate-1", state: "done", reason: "the visit ended" },
      { box: "gate-2", state: "failed", reason: "no answer" },
    ]);
    expect(history.filter(({ decision }) => decision === "expire")).toHaveLength(2);
  });

  it("has no end any more once it is undone", async () => {
    await visit(2);
    await done();
    await post(`/v1/actions/${stranger}/approval/undo`);
    now += 3 * hourMs;
    expect(await toRemove()).toEqual([]);
  });

  it("is prolonged, or made permanent, by another approval", async () => {
    await visit(2);
    await done();
    await visit(5);
    await done();
    now += 3 * hourMs;
    expect(await toRemove()).toEqual([]);
    await post(`/v1/actions/${stranger}/approval`, { name: "Ada", type: "employee", boxes: ["gate-1", "gate-2"] });
    now += 3 * hourMs;
    expect(await toRemove()).toEqual([]);
  });

  it("ends at boxes of an earlier approval, too", async () => {
    await visit(2);
    await done();
    await visit(5, { boxes: ["gate-1"] });
    await done();
    now += 3 * hourMs;
    expect((await toRemove()).map(({ box }) => box)).toEqual(["gate-2"]);
  });

  it("ends once its action is no longer kept", async () => {
    await visit(2);
    await done();
    now += 3 * hourMs;
    const { eventId } = z
      .object({ eventId: z.string() })
      .parse(await (await deps.ask(`/v1/actions/${stranger}`)).json());
    await deps.deps.eraser.eraseEvent(eventId);
    const [first] = await toRemove();
    expect((await post(`/v1/removals/${first?.id}`, { state: "done" }, bridge)).status).toBe(200);
  });

  it("is set by the report of the bridge if the approval was interrupted", async () => {
    const { setVisit } = deps.deps.jobs.removals;
    deps.deps.jobs.removals.setVisit = async () => {
      throw new Error("interrupted");
    };
    expect((await visit(2)).status).toBe(503);
    deps.deps.jobs.removals.setVisit = setVisit;
    await done();
    now += 2 * hourMs;
    expect(await toRemove()).toHaveLength(2);
  });

  it.each([
    ["in the past", { validUntil: "2026-01-01T00:00:00Z" }, 400],
    ["over a year away", { validUntil: "2028-01-01T00:00:00Z" }, 400],
    ["no time", { validUntil: "tomorrow" }, 400],
    ["of an employee", { type: "employee" }, 400],
    ["with a host for an employee", { type: "employee", validUntil: undefined, host: "Grace" }, 400],
    ["at a box without a bridge", { boxes: ["gate-1", "gate-3"] }, 409],
  ])("%s is refused", async (_, body, status) => {
    expect((await visit(2, body)).status).toBe(status);
    expect((await deps.deps.actionReader.get(stranger))?.approval).toBeNull();
  });

  it("is shown with the visitor on the list of people and among those inside", async () => {
    await visit(2, { host: "Grace" });
    const extData = { person_type: 2, ep_id: "BOX1__10.0.0.7" };
    await deps.deliver(passing({ identity_id: "s.1", identity_name: "Ada", extData, timestamp: now - 1000 }));
    const { devices = [] } = (await deps.deps.boxes.reader.get("gate-1")) ?? {};
    for (const { key } of devices) await deps.deps.boxes.writer.set("gate-1", { device: { key, direction: "in" } });
    now += 10_000;
    deps.ingest.now = now;
    const read = async (path: string) => {
      const { people } = (await (await deps.ask(path)).json()) as { people: { id: string }[] };
      return people.find(({ id }) => id === "s.1");
    };
    expect(await read("/v1/people")).toMatchObject({ type: "visitor", validUntil: inHours(2 - 10 / 3600) });
    const inside = { type: "visitor", host: "Grace", validUntil: inHours(2 - 10 / 3600) };
    expect(await read("/v1/presence?site=default")).toMatchObject(inside);
    await done();
    now += 2 * hourMs;
    for (const { id } of await toRemove()) await post(`/v1/removals/${id}`, { state: "done" }, bridge);
    expect(await read("/v1/presence?site=default")).toMatchObject({ host: null, validUntil: null });
  });

  /** The end and the host of the visitor inside, on the list of people, and as expected. */
  async function standing() {
    type Answer = { people?: object[]; visits?: object[] };
    const [inside, listed, expected] = await Promise.all(
      ["/v1/presence?site=default", "/v1/people", "/v1/visits?site=default"].map(async (path) => {
        const answer = (await (await deps.ask(path)).json()) as Answer;
        return (answer.people ?? answer.visits)?.[0] as { host: string | null; validUntil: string | null } | undefined;
      }),
    );
    return [inside?.host, inside?.validUntil, listed?.validUntil, expected?.host, expected?.validUntil];
  }

  async function visitorInside() {
    await visit(2, { host: "Grace" });
    await done();
    const face = jpeg("today").toString("base64");
    const extData = { person_type: 2, ep_id: "BOX1__10.0.0.7", recognize_face: face };
    const sent = { identity_id: "s.1", identity_name: "Ada", extData, want_action: "1002", timestamp: now };
    const [outcome] = await deps.deliver(passing(sent), { receivedAt: now });
    const { devices = [] } = (await deps.deps.boxes.reader.get("gate-1")) ?? {};
    for (const { key } of devices) await deps.deps.boxes.writer.set("gate-1", { device: { key, direction: "in" } });
    deps.ingest.now = now += 10_000;
    const [update] = await deps.deps.actionReader.ofEvent(outcome?.event?.id ?? "");
    return update?.id ?? "";
  }

  it("is called off by an undo, on every page", async () => {
    const validUntil = inHours(2);
    await visitorInside();
    expect(await standing()).toEqual(["Grace", validUntil, validUntil, "Grace", validUntil]);
    await post(`/v1/actions/${stranger}/approval/undo`);
    const none = [null, null, null, undefined, undefined];
    expect(await standing()).toEqual(none);
    await done();
    expect(await standing()).toEqual(none);
  });

  it.each<[string, { type: string; host?: string; hours?: number }]>([
    ["moved its end", { type: "visitor", host: "Lin", hours: 5 }],
    ["let the person stay", { type: "vip" }],
  ])("counts again as it was before if an update that %s is undone", async (_, { hours, ...body }) => {
    const validUntil = inHours(2);
    const before = ["Grace", validUntil, validUntil, "Grace", validUntil];
    const update = await visitorInside();
    const later = hours === undefined ? {} : { validUntil: inHours(hours) };
    const order = { name: "Ada", boxes: ["gate-1", "gate-2"], ...body, ...later };
    expect((await post(`/v1/actions/${update}/approval`, order)).status).toBe(200);
    expect((await standing()).slice(0, 3)).toEqual([
      body.host ?? null,
      later.validUntil ?? null,
      later.validUntil ?? null,
    ]);
    await post(`/v1/actions/${update}`, { state: "done" }, bridge);
    await post(`/v1/actions/${update}/approval/undo`);
    expect(await standing()).toEqual(before);
    await post(`/v1/actions/${update}`, { state: "done" }, bridge);
    expect(await standing()).toEqual(before);
    now += 2 * hourMs;
    expect((await toRemove()).map(({ box }) => box).sort()).toEqual(["gate-1", "gate-2"]);
  });

  it("counts again if a later one at another box that shares the people is undone", async () => {
    await deps.deps.sites.put("hq", { sharesPeople: true });
    for (const box of ["gate-1", "gate-2", "gate-3"]) await deps.deps.boxes.writer.set(box, { site: "hq" });
    deps.ingest.addKey("read", null, { site: "hq" });
    const update = await visitorInside();
    await post(`/v1/actions/${stranger}/approval/undo`);
    await done();
    deps.ingest.now = now += 1000;
    const hosts = async () => {
      const { visits } = (await (await deps.ask("/v1/visits?site=hq")).json()) as { visits: { host: string }[] };
      return visits.map(({ host }) => host);
    };
    await visit(3, { host: "Grace", boxes: ["gate-1"] });
    await done();
    deps.ingest.now = now += 1000;
    const order = { name: "Ada", type: "visitor", host: "Lin", validUntil: inHours(1), boxes: ["gate-2"] };
    expect((await post(`/v1/actions/${update}/approval`, order)).status).toBe(200);
    expect(await hosts()).toEqual(["Lin"]);
    await post(`/v1/actions/${update}/approval/undo`);
    expect(await hosts()).toEqual(["Grace"]);
  });

  it.each<[string, object]>([
    ["a visit", { type: "visitor", host: "Grace" }],
    ["a person who stays", { type: "vip" }],
  ])("stays as a later order set it if a box reports on an earlier one of %s", async (_, { ...body }) => {
    const update = await visitorInside();
    const boxes = ["gate-1", "gate-2"];
    const earlier = { name: "Ada", boxes, ...body, ...("host" in body && { validUntil: inHours(3) }) };
    expect((await post(`/v1/actions/${update}/approval`, earlier)).status).toBe(200);
    await post(`/v1/actions/${update}`, { state: "done", boxes: [{ box: "gate-1", state: "done" }] }, bridge);
    deps.ingest.now = now += 1000;
    const validUntil = inHours(1);
    await visit(1, { host: "Lin" });
    const after = ["Lin", validUntil, validUntil, "Lin", validUntil];
    expect(await standing()).toEqual(after);
    await post(`/v1/actions/${update}`, { state: "done", boxes: [{ box: "gate-2", state: "done" }] }, bridge);
    expect(await standing()).toEqual(after);
  });

  it("counts again if the process ended between the undo and its end", async () => {
    const update = await visitorInside();
    const order = { name: "Ada", type: "visitor", boxes: ["gate-1", "gate-2"], validUntil: inHours(1) };
    expect((await post(`/v1/actions/${update}/approval`, order)).status).toBe(200);
    await post(`/v1/actions/${update}`, { state: "done" }, bridge);
    await deps.deps.orders.order(update, { kind: "undo" }, "key_1");
    now += hourMs;
    expect(await toRemove()).toEqual([]);
    now += hourMs;
    expect(await toRemove()).toHaveLength(2);
  });

  it("may be at a box whose site has a bridge", async () => {
    await deps.ask("/v1/boxes/gate-3", { method: "PATCH", body: JSON.stringify({ site: "east" }) });
    deps.ingest.addKey("read", null, { site: "east" });
    expect((await visit(2, { boxes: ["gate-3"] })).status).toBe(200);
  });
});
