import type { QuarantineRecord } from "@gatepost/core/quarantine";
import { portsForApi, replay } from "@gatepost/receive";
import { beforeEach, describe, expect, it } from "vitest";
import { send } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { jpeg, photo, sha256 } from "../../support/pictures.ts";
import { history, passRecord, received, stranger, understood } from "../../support/reports.ts";

let deps: MemoryPorts;
let token: string;
beforeEach(() => {
  deps = new MemoryPorts();
  token = deps.addKey();
});

/** Posts a body and gives back the record that was kept of it. */
async function kept(body: unknown): Promise<QuarantineRecord> {
  await send(deps, { path: `/${token}/HistoryEvent`, body });
  const record = [...deps.records.values()].at(-1);
  if (record === undefined) throw new Error("nothing was kept");
  return record;
}

/** The record as it would be had its report been understood: a later version reads more. */
const mended = (record: QuarantineRecord, body: unknown) => ({ ...record, body: Buffer.from(JSON.stringify(body)) });

describe("the shape of a kept report", () => {
  const shapeOf = (record: QuarantineRecord) => portsForApi(deps).shapeOf(record);

  it("says that it may be about a passing", async () => {
    const record = await kept({ user: "7", passed: new Date(received).toISOString() });
    expect(await shapeOf(record)).toEqual({ name: expect.any(String), isPassing: true });
  });

  it("is none if it is kept for another reason, is a batch, or would be read now", async () => {
    const record = await kept({ who: "7" });
    for (const body of [[{ who: "7" }, { who: "8" }], history()])
      expect(await shapeOf(mended(record, body))).toBeNull();
    expect(await shapeOf({ ...record, reason: "not-json" })).toBeNull();
  });
});

describe("a replay", () => {
  it("makes the event with its first receive time, in the month of its receipt", async () => {
    const record = await kept("garbage");
    deps.now = received + 40 * 86_400_000;
    deps.settings.retentionDays = 90;
    const outcomes = await replay(mended(record, history({}, { recognize_face: photo("a") })), deps);
    expect(outcomes).toMatchObject([{ event: { outcome: "created" }, quarantined: null }]);
    expect(deps.events()).toMatchObject([{ receivedAt: new Date(received).toISOString() }]);
    expect([...deps.pictureMonths.keys()]).toEqual(["2026-03"]);
  });

  it("keeps an unreadable report under its id", async () => {
    const record = await kept("garbage");
    const outcomes = await replay(record, deps);
    expect(outcomes).toMatchObject([{ event: null, quarantined: { id: record.id, reason: "not-json" } }]);
    expect([...deps.records.values()]).toEqual([record]);
  });

  it("repairs the event of a picture that was broken, and makes no other", async () => {
    const record = await kept(stranger({}, { recognize_face: "broken" }));
    await replay(mended(record, stranger({}, { recognize_face: photo("a") })), deps);
    expect(deps.events()).toMatchObject([
      { id: record.event?.id, flags: [], pictures: { face: { sha256: sha256(jpeg("a")) } } },
    ]);
  });

  it("repairs an event whose signature stays, too", async () => {
    const body = (scene: string) => history({}, { recognize_face: photo("a"), spot_pic: scene });
    const record = await kept(body("broken"));
    await replay(mended(record, body(photo("s"))), deps);
    expect(deps.events()).toMatchObject([{ flags: [], pictures: { scene: {}, face: {} } }]);
  });

  it("changes nothing if it is repeated", async () => {
    const record = mended(
      await kept(stranger({}, { recognize_face: "broken" })),
      stranger({}, { recognize_face: photo("a") }),
    );
    await replay(record, deps);
    const events = deps.events();
    expect(await replay(record, deps)).toMatchObject([{ event: { outcome: "duplicate" } }]);
    expect(deps.events()).toEqual(events);
  });

  it("leaves the other passing of the same person alone", async () => {
    await kept(history({}, { recognize_face: photo("a"), spot_pic: "broken" }));
    const record = await kept(history({}, { recognize_face: photo("b"), spot_pic: "broken" }));
    await replay(mended(record, history({}, { recognize_face: photo("b"), spot_pic: photo("s") })), deps);
    expect(deps.events().map(({ flags }) => flags)).toEqual([["picture-unreadable:scene"], ["same-person-twice"]]);
  });

  it("takes the same path for the tie-breaker", async () => {
    const record = await kept("garbage");
    await replay({ ...mended(record, passRecord()), path: "/LiveEvent" }, deps);
    expect(deps.events()[0]?.reports[0]?.dialect).toBe("ws-v5");
  });

  it("returns one outcome for each report of a batch", async () => {
    const record = await kept("garbage");
    const outcomes = await replay(mended(record, [history(), "garbage"]), deps);
    expect(outcomes.map(({ event, quarantined }) => [event?.id ?? null, quarantined?.reason ?? null])).toEqual([
      [understood(history()).eventId, null],
      [null, "not-an-object"],
    ]);
  });
});

it("The API replays a record through its own ports, which store nothing by themselves", async () => {
  const record = await kept("garbage");
  const { replay: replayed, ...others } = portsForApi(deps);
  const outcomes = await replayed(mended(record, history()));
  expect(outcomes).toMatchObject([{ event: { outcome: "created" } }]);
  expect(Object.keys(others).sort()).toEqual([
    "announcesEvents",
    "authRateLimiter",
    "bus",
    "clock",
    "decoded",
    "keys",
    "log",
    "refusals",
    "replayBatch",
    "sample",
    "shapeOf",
    "tryMapping",
  ]);
});

it("The API makes a sample of a record, and gives back the room for it", async () => {
  const [record, other] = [await kept("Zhang San"), await kept("Li Si")];
  async function* others() {
    yield other;
  }
  const { body } = await portsForApi(deps).sample(record, others());
  expect(Buffer.from(body).toString()).toMatch(/^(?!Zhang)[A-Z][a-z]{4} (?!San)[A-Z][a-z]{2}$/);
  expect(deps.room.hold().isBeyond(deps.room.maxBytes)).toBe(false);
  deps.room.take(deps.room.maxBytes);
});
