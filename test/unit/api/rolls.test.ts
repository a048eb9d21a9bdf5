import { busSchemas, hourMs, minuteMs } from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { addAccount, signedIn } from "./people.ts";
import { noon, passing, runtime, type TestRuntime } from "./support.ts";

let deps: TestRuntime;
beforeEach(async () => {
  deps = await runtime();
  for (const box of ["gate-1", "gate-2"]) await deps.deps.boxes.writer.set(box, { site: "hq" });
});

/** A person goes in, some hours after noon. */
async function goIn(id: string, hours: number, box = "gate-1", name = `P${id}`) {
  const timestamp = noon + hours * hourMs;
  await deps.deliver(passing({ identity_id: id, identity_name: name, timestamp }), {
    box,
    receivedAt: timestamp + 500,
  });
  const { devices = [] } = (await deps.deps.boxes.reader.get(box)) ?? {};
  for (const { key } of devices) await deps.deps.boxes.writer.set(box, { device: { key, direction: "in" } });
  deps.ingest.now += 10_000;
}

interface Answer {
  status: number;
  body: {
    id: string;
    code?: string;
    state: string;
    begunAt: string;
    begunBy: object;
    people: { key: string; device: string | null; passings: { library: string; since: string }[] }[];
    outs: { key: string }[];
    ticks: { key: string; id: string; isSafe: boolean; at: string; name: string | null; by: object }[];
    rolls: { id: string }[];
  };
}

type As = Parameters<TestRuntime["ask"]>[1];

async function ask(path: string, { json, ...rest }: As & { json?: object } = {}): Promise<Answer> {
  const sent = json === undefined ? {} : { method: "POST", body: JSON.stringify(json) };
  const answer = await deps.ask(path, { ...sent, ...rest });
  return { status: answer.status, body: (await answer.json()) as Answer["body"] };
}

const begin = (as: As = {}, site = "hq") => ask("/v1/rolls", { json: { site, isDrill: false }, ...as });
const tick = (id: string, key: string, facts: object = {}) => ({
  id: `tic_${id.padStart(8, "0")}`,
  key,
  isSafe: true,
  at: new Date(deps.ingest.now).toISOString(),
  ...facts,
});

describe("an evacuation list", () => {
  it("freezes the people who are inside", async () => {
    await goIn("1", -2);
    await goIn("2", -1);
    const { status, body: roll } = await begin();
    expect(status).toBe(201);
    expect(roll).toMatchObject({ site: "hq", isDrill: false, state: "begun", closedAt: null, ticks: [] });
    expect(roll.people.map(({ key }) => key)).toEqual(["gate-1/1", "gate-1/2"]);
    await goIn("3", -0.5);
    const { body: read } = await ask(`/v1/rolls/${roll.id}`);
    expect(read).toEqual(roll);
    expect((await ask("/v1/rolls")).body.rolls).toMatchObject([{ id: roll.id, site: "hq" }]);
    expect(await begin()).toMatchObject({ status: 409, body: { code: "open" } });
    expect(await begin({}, "depot")).toMatchObject({ status: 404 });
  });

  it("is on the bus as it begins and ends, once each", async () => {
    await goIn("1", -2);
    await goIn("2", -1);
    deps.ingest.failing.delete("bus");
    const jonas = await signedIn(deps, await addAccount(deps, "manager", { name: "Jonas" }));
    const { body: roll } = await begin({ headers: { ...jonas, "idempotency-key": "k1" } });
    await begin({ headers: { ...jonas, "idempotency-key": "k1" } });
    await ask(`/v1/rolls/${roll.id}/ticks`, { json: { ticks: [tick("1", "gate-1/1")] } });
    const { body: closed } = await ask(`/v1/rolls/${roll.id}/close`, { json: {}, headers: jonas });
    const announcedEntries = deps.ingest.announced.filter(({ detailType }) => detailType.startsWith("Evacuation"));
    const facts = { id: roll.id, site: "hq", isDrill: false, begunAt: roll.begunAt, begunBy: { name: "Jonas" } };
    const begun = { roll: { ...facts, closedAt: null, closedBy: null }, people: 2, missing: 2 };
    expect(announcedEntries).toMatchObject([
      { detailType: "Evacuation Begun", time: roll.begunAt, detail: begun },
      { detailType: "Evacuation Begun", id: announcedEntries[0]?.id },
      {
        detailType: "Evacuation Ended",
        detail: { roll: { ...facts, closedBy: { name: "Jonas" } }, people: 2, missing: 1 },
      },
    ]);
    expect(announcedEntries[2]).toMatchObject({
      time: Object(closed).closedAt,
      detail: { roll: { closedAt: Object(closed).closedAt } },
    });
    for (const { detailType, detail } of announcedEntries)
      expect(busSchemas[detailType].safeParse(detail).error).toBeUndefined();
  });

  it("begins and ends while the bus fails", async () => {
    deps.ingest.failing.set("bus", new Error("the bus is down"));
    const { status, body } = await begin();
    expect([status, (await ask(`/v1/rolls/${body.id}/close`, { json: {} })).status]).toEqual([201, 200]);
    expect(deps.ingest.lines).toContainEqual(expect.objectContaining({ message: "evacuation list not announced" }));
  });

  it("has the latest tick of each person, and its author", async () => {
    await goIn("1", -2);
    const jonas = await signedIn(deps, await addAccount(deps, "guard", { name: "Jonas" }));
    const { body: roll } = await begin();
    const at = Date.parse(roll.begunAt);
    deps.ingest.now += 10 * minuteMs;
    const send = (...ticks: object[]) => ask(`/v1/rolls/${roll.id}/ticks`, { json: { ticks }, headers: jonas });
    await send(tick("2", "gate-1/1", { isSafe: false, at: at + 2000 }));
    const late = await send(tick("1", "gate-1/1", { at: at + 1000 }), tick("9", "gate-1/nobody"));
    expect(late).toMatchObject({ status: 200, body: { ticks: [{ key: "gate-1/1", isSafe: false, name: null }] } });
    expect(late.body.ticks).toMatchObject([{ by: { name: "Jonas" }, at: new Date(at + 2000).toISOString() }]);
    await send(tick("3", "gate-1/1", { at: at + 2000 }));
    const added = await send(tick("4", "+guest001", { name: " Guest " }));
    expect(added.body.ticks.map(({ key, id, isSafe, name }) => [key, id, isSafe, name])).toEqual([
      ["+guest001", "tic_00000004", true, "Guest"],
      ["gate-1/1", "tic_00000003", true, null],
    ]);
    expect((await ask(`/v1/rolls/${roll.id}/ticks`)).body).toMatchObject({ state: "begun", ticks: added.body.ticks });
    expect((await ask(`/v1/rolls/${roll.id}`)).body.ticks).toEqual(added.body.ticks);
  });

  it("is begun once by requests with the same idempotency key", async () => {
    await goIn("1", -2);
    const again = () => begin({ headers: { "idempotency-key": "k1" } });
    const first = await again();
    await ask(`/v1/rolls/${first.body.id}/ticks`, { json: { ticks: [tick("1", "gate-1/1")] } });
    const second = await again();
    expect([first.status, second.status, second.body.id]).toEqual([201, 201, first.body.id]);
    expect(second.body.ticks).toHaveLength(1);
    const other = await begin({ headers: { "idempotency-key": "k2" } });
    expect(other).toMatchObject({ status: 409, body: { code: "open" } });
  });

  it("moves the time of a wrong clock into its own", async () => {
    await goIn("1", -2);
    const { body: roll } = await begin();
    const send = (...ticks: object[]) => ask(`/v1/rolls/${roll.id}/ticks`, { json: { ticks } });
    const ahead = await send(tick("1", "gate-1/1", { at: noon + 9 * hourMs }));
    expect(ahead.body.ticks).toMatchObject([{ at: new Date(deps.ingest.now).toISOString() }]);
    deps.ingest.now += minuteMs;
    const { body } = await send(tick("2", "gate-1/1", { isSafe: false }));
    expect(body.ticks).toMatchObject([{ id: "tic_00000002", isSafe: false }]);
  });

  it("refuses ticks after it was closed, and bad ones before", async () => {
    await goIn("1", -2);
    const { body: roll } = await begin();
    const send = (ticks: object[]) => ask(`/v1/rolls/${roll.id}/ticks`, { json: { ticks } });
    expect((await send([])).status).toBe(400);
    expect((await send([tick("1", "+no", { name: "Guest" })])).status).toBe(400);
    expect((await send([tick("UPPER", "gate-1/1")])).status).toBe(400);
    expect((await send(Array(501).fill(tick("1", "gate-1/1")))).status).toBe(400);
    const close = () => ask(`/v1/rolls/${roll.id}/close`, { method: "POST" });
    const closed = await close();
    expect(closed).toMatchObject({ status: 200, body: { state: "closed", closedBy: { account: null } } });
    expect(await close()).toEqual(closed);
    expect(await send([tick("1", "gate-1/1")])).toMatchObject({ status: 409, body: { code: "closed" } });
    expect((await ask("/v1/rolls")).body.rolls).toEqual([]);
    expect(await ask("/v1/rolls/rol_none")).toMatchObject({ status: 404 });
    expect(await ask("/v1/rolls/rol_none/close", { method: "POST" })).toMatchObject({ status: 404 });
  });

  it("shows the people of a box only to callers who see it", async () => {
    await goIn("1", -2);
    await goIn("2", -1, "gate-2");
    const { body: roll } = await begin();
    const near = await signedIn(deps, await addAccount(deps, "guard", { boxes: ["gate-2"] }));
    expect((await ask(`/v1/rolls/${roll.id}`, { headers: near })).body.people).toMatchObject([{ key: "gate-2/2" }]);
    const ticks = [tick("1", "gate-1/1"), tick("2", "gate-2/2")];
    const sent = await ask(`/v1/rolls/${roll.id}/ticks`, { json: { ticks }, headers: near });
    expect(sent.body.ticks).toMatchObject([{ key: "gate-2/2" }]);
    expect((await ask(`/v1/rolls/${roll.id}`)).body.ticks).toHaveLength(1);
    const far = await signedIn(deps, await addAccount(deps, "guard", { boxes: ["garage"] }));
    expect((await ask(`/v1/rolls/${roll.id}`, { headers: far })).status).toBe(404);
    expect((await ask("/v1/rolls", { headers: far })).body.rolls).toEqual([]);
  });

  it("has one row of a person at two boxes until someone parts them", async () => {
    await goIn("1", -3);
    await goIn("1", -2, "gate-2");
    await goIn("2", -2);
    await goIn("2", -1, "gate-2", "Other");
    for (const box of ["gate-1", "gate-2"]) await goIn("3", -1, box, "");
    deps.ingest.failing.delete("bus");
    const { body: roll } = await begin();
    const rows = async () => (await ask(`/v1/rolls/${roll.id}`)).body.people.map(({ key }) => key).toSorted();
    const merged = ["gate-1/2", "gate-1/3", "gate-2/1", "gate-2/2", "gate-2/3"];
    expect(roll.people.map(({ key }) => key).toSorted()).toEqual(merged);
    expect(roll.people.find(({ key }) => key === "gate-2/1")?.passings).toMatchObject([
      { library: "gate-2", since: new Date(noon - 2 * hourMs).toISOString() },
      { library: "gate-1", since: new Date(noon - 3 * hourMs).toISOString() },
    ]);
    expect(await rows()).toEqual(merged);
    expect(deps.ingest.announced.at(-1)).toMatchObject({ detail: { people: 5, missing: 5 } });
    const say = (areSame: boolean | null) =>
      deps.ask("/v1/people/alike", { method: "PUT", body: JSON.stringify({ site: "hq", areSame }) });
    expect((await say(false)).status).toBe(204);
    expect(await rows()).toEqual([...merged, "gate-1/1"].toSorted());
    expect((await say(null)).status).toBe(204);
    expect(await rows()).toEqual(merged);
    // The list has the libraries of its beginning.
    expect((await say(true)).status).toBe(204);
    expect(await rows()).toEqual(merged);
  });

  it("has the latest tick of all people of a row", async () => {
    await goIn("1", -3);
    await goIn("1", -2, "gate-2");
    const { body: roll } = await begin();
    deps.ingest.now += minuteMs;
    const send = (...ticks: object[]) => ask(`/v1/rolls/${roll.id}/ticks`, { json: { ticks } });
    const { body: ticked } = await send(tick("1", "gate-2/1"));
    expect(ticked.ticks).toMatchObject([{ key: "gate-2/1", id: "tic_00000001", isSafe: true }]);
    deps.ingest.now += minuteMs;
    const near = await signedIn(deps, await addAccount(deps, "guard", { boxes: ["gate-1"] }));
    const part = await ask(`/v1/rolls/${roll.id}/ticks`, {
      json: { ticks: [tick("2", "gate-1/1", { isSafe: false })] },
      headers: near,
    });
    expect(part.body.ticks).toMatchObject([{ key: "gate-1/1", isSafe: false }]);
    const { body: all } = await ask(`/v1/rolls/${roll.id}`);
    expect(all.ticks).toMatchObject([{ key: "gate-2/1", id: "tic_00000002", isSafe: false }]);
    expect((await ask(`/v1/rolls/${roll.id}/ticks`)).body).toMatchObject({ people: 1, ticks: [{ key: "gate-2/1" }] });
    await deps.deps.sites.put("hq", { keepsPeopleApart: true });
    const { body: apart } = await ask(`/v1/rolls/${roll.id}`);
    expect(apart.ticks.map(({ key, id }) => [key, id]).toSorted()).toEqual([
      ["gate-1/1", "tic_00000002"],
      ["gate-2/1", "tic_00000001"],
    ]);
    await deps.ask("/v1/people?id=1&box=gate-2", { method: "DELETE" });
    expect((await ask(`/v1/rolls/${roll.id}`)).body).toMatchObject({
      people: [{ key: "gate-1/1", passings: [{ library: "gate-1" }] }],
    });
  });

  it("shows the last way of a row, also if the site shares people since", async () => {
    await goIn("1", -3);
    await goIn("1", -2, "gate-2");
    const { body: roll } = await begin();
    const outs = async () => (await ask(`/v1/rolls/${roll.id}/ticks`)).body.outs.map(({ key }) => key);
    const pass = async (box: string, direction: "in" | "out") => {
      await goIn("1", (deps.ingest.now - noon + 1000) / hourMs, box);
      const { devices = [] } = (await deps.deps.boxes.reader.get(box)) ?? {};
      for (const { key } of devices) await deps.deps.boxes.writer.set(box, { device: { key, direction } });
    };
    await pass("gate-2", "out");
    expect(await outs()).toEqual(["gate-2/1"]);
    await pass("gate-1", "in");
    expect(await outs()).toEqual([]);
    await pass("gate-2", "out");
    expect(await outs()).toEqual(["gate-2/1"]);
    await deps.deps.sites.put("hq", { sharesPeople: true });
    expect(await outs()).toEqual(["gate-2/1"]);
  });

  it("has nothing of an erased person", async () => {
    await goIn("1", -2);
    await goIn("2", -1);
    const { body: roll } = await begin();
    await deps.ask("/v1/people?id=1&all=1", { method: "DELETE" });
    expect((await ask(`/v1/rolls/${roll.id}`)).body.people).toMatchObject([{ key: "gate-1/2" }]);
    expect((await ask(`/v1/rolls/${roll.id}/ticks`)).body).toMatchObject({ people: 1 });
  });

  it("leaves no person in the audit log", async () => {
    await goIn("someone-secret", -2);
    const { body: roll } = await begin();
    await ask(`/v1/rolls/${roll.id}/ticks`, { json: { ticks: [tick("1", "gate-1/someone-secret")] } });
    await ask(`/v1/rolls/${roll.id}/close`, { method: "POST" });
    const { items } = await deps.deps.auditReader.list({}, { limit: 10, cursor: null });
    const entries = items
      .filter(({ outcome }) => outcome === "done")
      .map(({ action, about }) => [action, about["roll"]]);
    expect(entries).toEqual(["roll-closed", "roll-ticked", "roll-begun"].map((action) => [action, roll.id]));
    expect(JSON.stringify(items)).not.toContain("someone-secret");
  });
});
