import { type JsonObject, mappingSchema } from "@gatepost/protocol";
import { replay } from "@gatepost/receive";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { fixture } from "../../support/fixtures.ts";
import { send } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { jpeg, photo, sha256 } from "../../support/pictures.ts";
import { history, passRecord, received } from "../../support/reports.ts";
import { rounds } from "../../support/seeded.ts";
import { taughtBodies } from "../../support/taught.ts";

let deps: MemoryPorts;
let token: string;
beforeEach(() => {
  deps = new MemoryPorts();
  token = deps.addKey();
});

const post = (body: unknown) => send(deps, { path: `/${token}/HistoryEvent`, body });
const flags = () => deps.events().map((event) => event.flags);

describe("a repeat with another counter", () => {
  const verifyPush = () => {
    const [{ taught, body } = expect.fail()] = taughtBodies.filter(({ name }) => name === "verify-push");
    return { mapping: mappingSchema().parse(taught.mapping), body: JSON.parse(body.toString()) };
  };

  it("is no second event in a format that was taught", async () => {
    const { mapping, body } = verifyPush();
    await deps.reads.mappings.add(mapping);
    await deps.reads.boxes.writer.set("gate-1", { zone: "Asia/Ho_Chi_Minh" });
    await post(body);
    for (const info of [{ Sendintime: 0 }, { retry: 1 }]) await post({ ...body, info: { ...body.info, ...info } });
    expect(deps.events()).toMatchObject([{ flags: [], extra: { info: { Sendintime: 1, retry: 1 } } }]);
  });

  it("is no second event of the platform", async () => {
    for (const counter of [{}, { seq: 1 }, { seq: 2 }]) await post({ ...fixture("platform-a", "minimal"), ...counter });
    expect(deps.events()).toMatchObject([{ flags: [], extra: { seq: 1 } }]);
  });

  it("completes the event of a box: a value, a picture, an action", async () => {
    await post(history());
    const retry = history({ retry: 1, want_action: "1002" }, { spot_pic: photo("s") });
    await post(retry);
    await post({ ...retry, retry: 2, identity_name: "another name" });
    expect(deps.events()).toMatchObject([
      {
        flags: [],
        extra: { retry: 1 },
        person: { name: "王芳" },
        actions: [{ wantAction: "1002" }],
        pictures: { scene: { sha256: sha256(jpeg("s")) } },
      },
    ]);
    expect(deps.announced).toHaveLength(1);
  });

  it("is no event if both are kept for a broken picture and replayed", async () => {
    for (const seq of [1, 2]) await post(history({ seq }, { spot_pic: "broken" }));
    const records = [...deps.records.values()];
    expect(records).toHaveLength(2);
    for (const record of records) await replay(record, deps);
    expect(flags()).toEqual([["picture-unreadable:scene"]]);
  });
});

it("A layout without seconds has two events for in and out within a minute", async () => {
  const fields = {
    time: { at: "t", as: "YYYY-MM-DD HH:mm" },
    "person.id": { at: "who" },
    "device.id": { at: "door" },
    "device.direction": { at: "way" },
  };
  await deps.reads.mappings.add(mappingSchema().parse({ name: "Gate", when: { is: { op: "pass" } }, fields }));
  await deps.reads.boxes.writer.set("gate-1", { zone: "UTC" });
  const passed = (way: string, seq: number) => ({ op: "pass", t: "2026-03-01 12:00", who: "7", door: "3", way, seq });
  for (const seq of [1, 2, 3]) await post([passed("in", seq), passed("out", seq)]);
  expect(deps.events().map(({ device, flags: of }) => [device.direction, of])).toEqual([
    ["in", []],
    ["out", ["same-person-twice"]],
  ]);
});

describe("reports of one person at one time", () => {
  const told = fc.record({
    kind: fc.constantFrom("history", "pass-record"),
    face: fc.constantFrom(null, null, "a", "b"),
    score: fc.constantFrom(null, 0.1, 0.2),
    seq: fc.integer({ min: 0, max: 2 }),
    isBroken: fc.boolean(),
  });
  type Told = typeof told extends fc.Arbitrary<infer One> ? One : never;

  // Only history has faces: a face in one kind of report joins the event that another kind made.
  const faceOf = ({ kind, face }: Told) => (kind === "history" ? face : null);

  function bodyOf(one: Told): JsonObject {
    const face = faceOf(one);
    const pictures = { ...(face && { recognize_face: photo(face) }), ...(one.isBroken && { spot_pic: "broken" }) };
    return (one.kind === "history" ? history : passRecord)({ score: one.score, seq: one.seq }, pictures);
  }

  /** Events by the rule alone: the passings of each kind, of which one shares the first event. */
  function countOf(all: readonly Told[]): number {
    const ofKind = (kind: string) => all.filter((one) => one.kind === kind);
    const passings = (some: readonly Told[]) => new Set(some.map((one) => faceOf(one) ?? `facts ${one.score}`)).size;
    return 1 + ["history", "pass-record"].reduce((sum, kind) => sum + Math.max(passings(ofKind(kind)) - 1, 0), 0);
  }

  async function facesAfter(bodies: readonly JsonObject[], cuts: readonly boolean[]) {
    const to = new MemoryPorts();
    const key = to.addKey();
    const deliver = (body: unknown) => send(to, { path: `/${key}/some/path`, body });
    let batch: JsonObject[] = [];
    for (const [at, body] of bodies.entries()) {
      batch.push(body);
      if (cuts[at] === false) continue;
      await deliver(batch.length === 1 ? body : batch);
      batch = [];
    }
    if (batch.length > 0) await deliver(batch);
    to.now = received + 60_000;
    for (const record of [...to.records.values()]) await replay(record, to);
    const events = to.events();
    return {
      events: events.length,
      faces: events.flatMap(({ pictures }) => pictures.face?.sha256 ?? []).sort(),
      twice: events.filter((event) => event.flags.includes("same-person-twice")).length,
    };
  }

  it("are as many events and faces in any order, batch and replay", async () => {
    const some = fc.array(told, { minLength: 1, maxLength: 7 });
    const cuts = fc.array(fc.boolean(), { minLength: 7, maxLength: 7 });
    const ordered = some.chain((all) =>
      fc.record({ all: fc.constant(all), other: fc.shuffledSubarray(all, { minLength: all.length }), cuts }),
    );
    await fc.assert(
      fc.asyncProperty(ordered, async ({ all, other, cuts: at }) => {
        const faces = new Set(all.flatMap((one) => faceOf(one) ?? []));
        const events = countOf(all);
        const expected = { events, faces: [...faces].map((face) => sha256(jpeg(face))).sort(), twice: events - 1 };
        expect(await facesAfter(all.map(bodyOf), at)).toEqual(expected);
        expect(await facesAfter(other.map(bodyOf), at.toReversed())).toEqual(expected);
      }),
      { numRuns: rounds(40) },
    );
  });
});
