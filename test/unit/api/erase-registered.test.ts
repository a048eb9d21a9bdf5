import { BrokenRow } from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { doJobs } from "../../support/memory/jobs.ts";
import { jpeg, noon, passing, runtime, type TestRuntime } from "./support.ts";

const receipt = z.object({
  state: z.string(),
  done: z.int(),
  of: z.int(),
  result: z.looseObject({ erased: z.unknown() }),
});

let deps: TestRuntime;
let ids: string[];
beforeEach(async () => {
  deps = await runtime();
  ids = [];
  for (const [n, box] of ["gate-1", "gate-2", "gate-1"].entries()) {
    const who = { want_action: "1001", identity_id: `s.${n}`, timestamp: noon + n };
    const body = passing({ ...who, extData: { person_type: 4, recognize_face: jpeg(`${n}`).toString("base64") } });
    const [outcome] = await deps.deliver(body, { box });
    ids.push(outcome?.event?.id ?? "");
  }
  await approve(0, "Erasa Nominata");
  await approve(2, "Somebody Else");
});

async function approve(n: number, name: string, boxes?: string[]): Promise<void> {
  const path = `/v1/actions/act_${ids[n]?.slice(4)}_1001/approval`;
  expect(
    (await deps.ask(path, { method: "POST", body: JSON.stringify({ name, type: "employee", boxes }) })).status,
  ).toBe(200);
}

async function erase(where: object) {
  const body = JSON.stringify({ kind: "erase", person: "s.0", ...where });
  const { id } = z
    .object({ id: z.string() })
    .parse(await (await deps.ask("/v1/jobs", { method: "POST", body })).json());
  await doJobs(deps.deps, { events: 1, records: 1, bytes: 1 });
  return receipt.parse(await (await deps.ask(`/v1/jobs/${id}`)).json());
}

const left = () =>
  Promise.all(ids.map(async (id) => ((await deps.ask(`/v1/events/${id}`)).status === 200 ? "there" : "gone")));

describe("a stranger who was registered as a person", () => {
  it("a registered stranger is erased with that person and name, and counted on the receipt", async () => {
    const { state, done, of, result } = await erase({ all: true });
    expect([state, done, of]).toEqual(["done", 1, 1]);
    expect(result.erased).toEqual({ events: 1, pictures: 1, quarantine: 0, outbox: 1 });
    expect(await left()).toEqual(["gone", "there", "there"]);
    const actions = await (await deps.ask("/v1/actions")).text();
    expect(actions).not.toContain("Nominata");
    expect(actions).toContain("Somebody Else");
  });

  it("a registered stranger with an unreadable event is erased; its pictures are not counted", async () => {
    const { events } = deps.deps;
    const get = async (id: string) => {
      if (id === ids[0]) throw new BrokenRow(`event ${id}`, "reports: expected array");
      return events.get(id);
    };
    deps.deps.events = Object.assign(Object.create(events), { get, list: events.list.bind(events) });
    const { state, result } = await erase({ all: true });
    deps.deps.events = events;
    expect(state).toBe("done");
    expect(result.erased).toEqual({ events: 1, pictures: 0, quarantine: 0, outbox: 1 });
    expect(await left()).toEqual(["gone", "there", "there"]);
  });

  it("a registered stranger is shown before the erasure, also at boxes without a passing since", async () => {
    await deps.ask(`/v1/actions/act_${ids[0]?.slice(4)}_1001`, {
      method: "POST",
      body: JSON.stringify({ state: "done" }),
    });
    deps.ingest.addKey("ingest", "gate-3");
    await approve(0, "Erasa Nominata", ["gate-3"]);
    const answer = await (await deps.ask("/v1/people?id=s.0")).json();
    const named = { id: "s.0", names: ["Erasa Nominata"], type: "employee", latest: ids[0] };
    expect(answer).toMatchObject({
      isExact: true,
      people: [
        { ...named, box: "gate-1", events: 1, pictures: 1 },
        { ...named, box: "gate-3", events: 0, pictures: 0 },
      ],
    });
  });

  it("a registered stranger is shown with the last passing, in any order of approval", async () => {
    const body = passing({ want_action: "1001", identity_id: "s.0", timestamp: noon + 9, extData: { person_type: 4 } });
    const [later] = await deps.deliver(
      { ...body, ext_data: { ...body.ext_data, recognize_face: jpeg("later").toString("base64") } },
      { box: "gate-1", receivedAt: noon + 600 },
    );
    ids.push(later?.event?.id ?? "");
    await approve(3, "Erasa Nominata");
    for (const n of [3, 0]) {
      deps.ingest.now += 1000;
      await deps.ask(`/v1/actions/act_${ids[n]?.slice(4)}_1001`, {
        method: "POST",
        body: JSON.stringify({ state: "done" }),
      });
    }
    const { people } = (await (await deps.ask("/v1/people?id=s.0")).json()) as { people: object[] };
    const [first, last] = [noon, noon + 9].map((time) => new Date(time).toISOString());
    expect(people).toMatchObject([{ box: "gate-1", events: 2, first, last, latest: ids[3] }]);
  });

  it("a registered stranger stays if the passing was at another box", async () => {
    expect((await erase({ boxes: ["gate-2"] })).result.erased).toMatchObject({ events: 0 });
    expect(await left()).toEqual(["there", "there", "there"]);
    expect((await erase({ boxes: ["gate-2", "gate-1"] })).result.erased).toMatchObject({ events: 1 });
  });

  it("a registered stranger is erased by the route without a job, too", async () => {
    const answer = await deps.ask("/v1/people?id=s.0&all=1", { method: "DELETE" });
    expect(await answer.json()).toMatchObject({ erased: 1 });
    expect(await left()).toEqual(["gone", "there", "there"]);
  });

  it("an erased stranger is not stored again when the box repeats the passing", async () => {
    await erase({ all: true });
    const body = passing({ want_action: "1001", identity_id: "s.0", extData: { person_type: 4 } });
    await deps.deliver(body, { box: "gate-1" });
    expect(await left()).toEqual(["gone", "there", "there"]);
  });
});
