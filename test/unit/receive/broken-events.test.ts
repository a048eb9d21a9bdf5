import { BrokenRow } from "@gatepost/protocol";
import { replay } from "@gatepost/receive";
import { beforeEach, describe, expect, it } from "vitest";
import { erasePerson } from "../../support/erase-person.ts";
import { send, success } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { photo } from "../../support/pictures.ts";
import { history, noon, stranger, understood } from "../../support/reports.ts";

let deps: MemoryPorts;
let token: string;
/** Events that are stored in a way that cannot be read. */
let broken: Set<string>;
/** The events that a kept record belongs to. */
let related: readonly string[] | undefined;

beforeEach(() => {
  deps = new MemoryPorts();
  token = deps.addKey();
  broken = new Set();
  const put = deps.quarantine.put.bind(deps.quarantine);
  deps.quarantine.put = async (record) => {
    related = record.eventsOfBatch;
    await put(record);
  };
  const upsert = deps.index.upsert.bind(deps.index);
  deps.index.upsert = async (entry) => {
    if (broken.has(entry.eventId)) throw new BrokenRow(`event ${entry.eventId}`, "reports: expected array");
    return upsert(entry);
  };
});

const post = (body: unknown) => send(deps, { path: `/${token}/HistoryEvent`, body });
const withId = (id: string, later = 0) => history({ identity_id: id, timestamp: noon + later });
const idOf = (body: ReturnType<typeof withId>) => understood(body).eventId;
const ids = () => deps.events().map(({ person }) => person.id);

describe("a report of an unreadable event", () => {
  it("is acknowledged and kept, so that its box continues, and the log names the event", async () => {
    broken.add(idOf(withId("7")));
    expect(await post(withId("7"))).toEqual(success);
    expect(deps.lastRecord).toMatchObject({ reason: "event-broken", event: null });
    expect(JSON.parse(Buffer.from(deps.lastRecord.body).toString())).toEqual(withId("7"));
    const errors = deps.lines.filter(({ level }) => level === "error");
    expect(errors).toMatchObject([
      { facts: { cause: new BrokenRow(`event ${idOf(withId("7"))}`, "reports: expected array") } },
    ]);
  });

  it("is logged once for each event of a batch", async () => {
    for (const id of ["7", "8"]) broken.add(idOf(withId(id)));
    expect(await post([withId("7"), withId("8"), withId("9"), withId("8")])).toEqual(success);
    const named = deps.lines.filter(({ level }) => level === "error").map(({ facts }) => facts?.["cause"]);
    expect(named.map((cause) => cause instanceof BrokenRow && cause.event)).toEqual([
      idOf(withId("7")),
      idOf(withId("8")),
    ]);
  });

  it("is kept once, however often it is repeated", async () => {
    broken.add(idOf(withId("7")));
    for (let i = 0; i < 3; i++) await post(withId("7"));
    expect(deps.reasons()).toEqual(["event-broken"]);
  });

  it("is erased with its event, also with the second event of a frame", async () => {
    broken.add(idOf(withId("7")));
    await post(withId("7"));
    expect(related).toEqual([idOf(withId("7"))]);
    const face = (seed: string) => history({ identity_id: "8" }, { recognize_face: photo(seed) });
    const { twinId } = understood(face("b"));
    broken.add(twinId);
    for (const seed of ["a", "b"]) await post(face(seed));
    expect(related).toEqual([twinId]);
  });

  it("keeps its batch unchanged, while the other reports become events", async () => {
    broken.add(idOf(withId("8")));
    expect(await post([withId("7"), withId("8"), withId("9")])).toEqual(success);
    expect(ids()).toEqual(["7", "9"]);
    expect(deps.reasons()).toEqual(["event-broken"]);
    expect(related).toEqual(["7", "8", "9"].map((id) => idOf(withId(id))));
  });

  it("is not acknowledged if its batch also contains a person who was erased", async () => {
    await post(withId("7"));
    await erasePerson(deps.reads.eraser, "7", null);
    broken.add(idOf(withId("8")));
    expect(await post([withId("7"), withId("8")])).toMatchObject({ status: 503 });
    expect(deps.everything()).not.toContain('"id":"7"');
    expect(deps.reasons()).toEqual([]);
  });

  it("becomes an event in a replay once its event can be read", async () => {
    broken.add(idOf(withId("7")));
    await post(withId("7"));
    expect(await replay(deps.lastRecord, deps)).toMatchObject([
      { event: null },
      { quarantined: { id: deps.lastRecord.id } },
    ]);
    broken.clear();
    expect(await replay(deps.lastRecord, deps)).toEqual([
      { event: { id: idOf(withId("7")), kind: "history", outcome: "created" }, quarantined: null },
    ]);
  });

  it("stays unchanged in quarantine if a replay finds its event broken", async () => {
    await post(stranger({}, { recognize_face: "broken" }));
    const record = deps.lastRecord;
    broken.add(String(record.event?.id));
    const mended = { ...record, body: Buffer.from(JSON.stringify(stranger({}, { recognize_face: photo("a") }))) };
    await expect(replay(mended, deps)).rejects.toThrow(BrokenRow);
    expect([...deps.records.values()]).toEqual([record]);
  });

  it.each([
    ["a store that fails", new Error("the disk is full")],
    [
      "a row that is broken, and that each report may need",
      new BrokenRow("last_revision", "revision: expected number"),
    ],
    ["another event", new BrokenRow(`event ${idOf(withId("8"))}`, "reports: expected array")],
  ])("is not confused with %s: then the box must send the report again", async (_, cause) => {
    deps.failing.set("index", cause);
    expect(await post(withId("7"))).toMatchObject({ status: 503 });
    expect(deps.reasons()).toEqual([]);
  });
});
