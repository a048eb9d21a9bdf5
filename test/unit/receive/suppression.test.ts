import { Erasures, erasedName } from "@gatepost/core/erasure";
import type { JsonObject } from "@gatepost/protocol";
import { replay } from "@gatepost/receive";
import { beforeEach, describe, expect, it } from "vitest";
import { erasePerson } from "../../support/erase-person.ts";
import { send } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { photo } from "../../support/pictures.ts";
import { history, noon, realtime, received, stranger, understood } from "../../support/reports.ts";

let deps: MemoryPorts;
let token: string;
beforeEach(() => {
  deps = new MemoryPorts();
  token = deps.addKey();
});

const post = (body: unknown, of = token) => send(deps, { path: `/${of}/HistoryEvent`, body });
/** A report of a person who passed `ms` after noon, with a picture. */
const withId = (id: string, ms = 0, changes: JsonObject = {}) =>
  history({ identity_id: id, timestamp: noon + ms, ...changes }, { recognize_face: photo(`${id} ${ms}`) });
const ids = () => deps.events().map(({ person }) => person.id);
const erase = (person: string, box: string | null = "gate-1") => erasePerson(deps.reads.eraser, person, box);
const nothingIsStored = () => {
  expect(deps.events()).toEqual([]);
  expect(deps.storedPictures()).toEqual([]);
  expect([...deps.records.values()]).toEqual([]);
};

describe("a report received after the erasure of its person", () => {
  it.each([
    ["again", withId("7")],
    ["for the first time", withId("7", -60_000)],
    ["as another kind of report", realtime({ identity_id: "7" })],
    ["with a broken picture", history({ identity_id: "7" }, { recognize_face: "broken" })],
    ["with a text that is too long", history({ identity_id: "7", identity_name: "x".repeat(20_000) })],
    ["from a clock that is ahead, about a passing that was received before", withId("7", 1_999)],
  ])("is acknowledged and stored nowhere if it is about an earlier passing: %s", async (_, body) => {
    await post(withId("7"));
    await erase("7");
    expect((await post(body)).status).toBe(200);
    nothingIsStored();
  });

  it("is stored if it is about a later passing", async () => {
    await erase("7");
    deps.now += 60_000;
    await post(withId("7", 30_000));
    expect(ids()).toEqual(["7"]);
  });

  it.each([
    ["was never set", 0],
    ["is days ahead", 3 * 86_400_000],
  ])("is stored unless it was stored before, from a box whose clock %s", async (_, ms) => {
    const body = withId("7", 0, { timestamp: ms === 0 ? 0 : noon + ms });
    await post(body);
    await erase("7");
    await post(body);
    nothingIsStored();
    await post({ ...body, score: 77 });
    await post(withId("7", 0, { timestamp: ms === 0 ? 1 : noon + ms + 1 }));
    expect(ids()).toContain("7");
  });

  it("is stored if it is about another person, or from another box", async () => {
    await erase("7");
    await post(withId("8"));
    await post(withId("7"), deps.addKey("ingest", "gate-2"));
    expect(ids().sort()).toEqual(["7", "8"]);
  });

  it("is stored nowhere, not even at a later box, after an erasure everywhere", async () => {
    await erase("7", null);
    await post(withId("7"), deps.addKey("ingest", "gate-new"));
    nothingIsStored();
  });

  it("is stored again after 400 days", async () => {
    await erase("7");
    deps.now += 400 * 86_400_000 - 1;
    await post(withId("7"));
    nothingIsStored();
    deps.now += 1;
    await post(withId("7"));
    expect(ids()).toEqual(["7"]);
  });

  it("does not affect the other reports of its batch", async () => {
    await erase("7");
    await post([withId("7"), withId("8"), "garbage", withId("7", 5), withId("9")]);
    expect(ids()).toEqual(["8", "9"]);
    expect(deps.reasons()).toEqual(["not-an-object"]);
    expect(deps.everything()).not.toContain('"id":"7"');
  });

  it("is not matched by a stranger's id", async () => {
    await erase("1602612036.38");
    await post(stranger({ identity_id: "1602612036.38" }, { recognize_face: photo("s") }));
    expect(deps.events()).toHaveLength(1);
  });

  it("is stored nowhere when it is replayed", async () => {
    await post("garbage");
    const record = { ...deps.lastRecord, body: Buffer.from(JSON.stringify([withId("7"), withId("8")])) };
    await erase("7");
    deps.now += 86_400_000;
    expect(await replay(record, deps)).toMatchObject([{ isSuppressed: true }, { event: { outcome: "created" } }]);
    expect(ids()).toEqual(["8"]);
  });
});

describe("a report received after the erasure of its event", () => {
  it("is stored nowhere if it is about the same passing; other passings are", async () => {
    await post(withId("7"));
    await deps.reads.eraser.eraseEvent(understood(withId("7")).eventId);
    await post(withId("7"));
    await post(realtime({ identity_id: "7", timestamp: noon }));
    nothingIsStored();
    await post(withId("7", 5));
    expect(deps.events()).toHaveLength(1);
  });

  it("is stored nowhere if it is about a stranger", async () => {
    const body = stranger({}, { recognize_face: photo("s") });
    await post(body);
    await deps.reads.eraser.eraseEvent(String(deps.events()[0]?.id));
    await post(body);
    nothingIsStored();
  });

  it("is stored nowhere as the second face of a frame, and the first stays", async () => {
    const face = (seed: string) => history({}, { recognize_face: photo(seed) });
    for (const seed of ["a", "b"]) await post(face(seed));
    await deps.reads.eraser.eraseEvent(String(deps.events()[1]?.id));
    for (const seed of ["a", "b"]) await post(face(seed));
    expect(deps.events().map(({ flags }) => flags)).toEqual([[]]);
  });

  it("is stored nowhere if it is replayed from quarantine", async () => {
    await post(stranger({}, { recognize_face: "broken" }));
    const record = deps.lastRecord;
    await deps.reads.eraser.eraseEvent(String(record.event?.id));
    const mended = { ...record, body: Buffer.from(JSON.stringify(stranger({}, { recognize_face: photo("a") }))) };
    expect(await replay(mended, deps)).toEqual([{ event: null, quarantined: null, isSuppressed: true }]);
    nothingIsStored();
  });
});

describe("a batch that would be kept as a whole", () => {
  const bad = Array.from({ length: 120 }, (_, n) => `bad ${n}`);
  const rest = () => String(Buffer.from(deps.lastRecord.body));

  it("is kept without its erased reports", async () => {
    await erase("7");
    await post([withId("8"), ...bad, withId("7")]);
    expect(ids()).toEqual(["8"]);
    expect(deps.lastRecord).toMatchObject({ reason: "too-many-unreadable" });
    expect(rest()).toBe(
      bad
        .slice(100)
        .map((text) => JSON.stringify(text))
        .join("\n"),
    );
    expect(deps.everything()).not.toContain(photo("7 0"));
    await erasePerson(deps.reads.eraser, "8", "gate-1");
    expect(deps.reasons()).not.toContain("too-many-unreadable");
  });

  it("is kept whole if nothing in it was erased", async () => {
    await erase("7");
    await post([withId("8"), ...bad]);
    expect(JSON.parse(rest())).toHaveLength(121);
  });

  const long = (...others: unknown[]) => [...Array.from({ length: 10_000 }, (_, n) => `bad ${n}`), ...others];

  it("is kept without its erased reports when it is replayed piece by piece", async () => {
    await post(long(withId("7"), withId("8")));
    const record = deps.lastRecord;
    expect(record.reason).toBe("too-many-reports");
    await erase("7");
    const reversed = { ...record, body: Buffer.from(JSON.stringify([withId("7"), withId("8"), ...long()])) };
    const outcomes = await replay(reversed, deps);
    expect(outcomes.at(-1)?.quarantined).toMatchObject({ reason: "too-many-reports" });
    expect(outcomes.at(-1)?.quarantined?.id).not.toBe(record.id);
    expect(rest()).not.toContain(photo("7 0"));
    expect(rest().split("\n").slice(0, 2)).toEqual(['"bad 100"', '"bad 101"']);
    expect(rest()).toContain('"bad 9999"');
  });

  /** It has more names than a report may have. */
  const huge = `{${Array.from({ length: 50_001 }, (_, n) => `"k${n}":0`)}}`;

  it("keeps an unreadable piece among the rest", async () => {
    await erase("7");
    const body = Buffer.from(
      `[${JSON.stringify(withId("7"))},${[...bad.map((one) => JSON.stringify(one)), huge].join(",")}]`,
    );
    const record = { ...(await kept()), body };
    await replay(record, deps);
    expect(rest()).toContain(huge.slice(0, 100));
    expect(rest()).not.toContain(photo("7 0"));
  });

  it("keeps an oversized report even after the limit of records kept by themselves", async () => {
    await erase("7");
    const good = Array.from({ length: 150 }, (_, n) =>
      JSON.stringify(history({ identity_id: "8", timestamp: noon + n })),
    );
    const numbers = Array.from({ length: 101 }, (_, n) => `${n}`);
    const body = Buffer.from(`[${[JSON.stringify(withId("7")), ...good, ...numbers, huge].join(",")}]`);
    await replay({ ...(await kept()), body }, deps);
    expect(deps.events()).toHaveLength(150);
    expect(rest()).toContain(huge.slice(0, 100));
    expect(rest()).not.toContain(photo("7 0"));
  });

  async function kept() {
    await post("garbage");
    return deps.lastRecord;
  }
});

describe("the name of an erasure", () => {
  const key = Buffer.alloc(32, 1);
  it("depends on the key, the box, and what it is about", () => {
    const names = [
      erasedName({ person: "7", box: "gate-1" }, key),
      erasedName({ person: "7", box: "gate-1" }, Buffer.alloc(32, 2)),
      erasedName({ person: "7", box: null }, key),
      erasedName({ person: "8", box: "gate-1" }, key),
      erasedName({ event: "7" }, key),
    ];
    expect(new Set(names).size).toBe(5);
    for (const name of names) expect(name).toMatch(/^[\w-]{22}$/);
  });

  const gate = { box: "gate-1", event: null };
  const passed = (report: object) => ({
    eventId: "evt_1",
    twinId: "evt_2",
    report: { ...understood(history()).report, time: noon, receivedAt: received, ...report },
  });

  it("uses, for a person, the latest time of the lists", () => {
    const named = (box: string | null, at: number) => new Map([[erasedName({ person: "7", box }, key), at]]);
    const one = passed({ person: { id: "7" } });
    expect(new Erasures([named("gate-1", noon - 1), named(null, noon)], key).include(one, gate)).toBe(true);
    expect(new Erasures([named("gate-1", noon - 1), named(null, noon - 1)], key).include(one, gate)).toBe(false);
    expect(new Erasures([named("gate-1", noon)], key, 1).include(one, gate)).toBe(false);
    expect(new Erasures([named("gate-1", noon + 1)], key, 1).include(one, gate)).toBe(true);
  });

  it("matches an event at any time", () => {
    const erasures = new Erasures([new Map([[erasedName({ event: "evt_1" }, key), noon - 1]])], key);
    expect(erasures.include(passed({ time: noon + 86_400_000 }), gate)).toBe(true);
    expect(erasures.include({ ...passed({}), eventId: "evt_3" }, gate)).toBe(false);
    expect(erasures.include({ ...passed({}), eventId: "evt_3" }, { ...gate, event: { id: "evt_1" } })).toBe(true);
  });

  it("matches the event that an older build made of the second passing", () => {
    const erasures = new Erasures([new Map([[erasedName({ event: "evt_4" }, key), noon]])], key);
    const earlier = { fingerprint: "digest", twinId: "evt_4" };
    expect(erasures.include(passed({}), gate)).toBe(false);
    expect(erasures.include({ ...passed({}), earlier }, gate)).toBe(true);
  });

  it("counts for a replay by the first receipt", () => {
    const erasures = new Erasures([new Map([[erasedName({ person: "7", box: null }, key), received]])], key);
    const { time: _, ...unset } = passed({ person: { id: "7" } }).report;
    const one = { ...passed({}), report: unset };
    expect(erasures.include(one, gate)).toBe(false);
    expect(erasures.include(one, { ...gate, isReplay: true })).toBe(true);
    const later = { ...one, report: { ...unset, receivedAt: received + 1 } };
    expect(erasures.include(later, { ...gate, isReplay: true })).toBe(false);
  });

  it("matches a person without a type, and no report without a person's id", () => {
    const erasures = new Erasures([new Map([[erasedName({ person: "7", box: null }, key), noon]])], key);
    const { person: _, ...report } = { ...understood(history()).report, time: noon, receivedAt: received };
    const ofPerson = (person: object) => ({ eventId: "evt_1", twinId: "evt_2", report: { ...report, ...person } });
    expect(erasures.include(ofPerson({ person: { id: "7" } }), gate)).toBe(true);
    expect(erasures.include(ofPerson({ person: { name: "7" } }), gate)).toBe(false);
    expect(erasures.include(ofPerson({}), gate)).toBe(false);
  });
});
