import { Erasures } from "@gatepost/core/erasure";
import { actionId, type JsonObject } from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import type { Origin } from "../../../packages/receive/src/deliver/kept.ts";
import { withoutKeys } from "../../../packages/receive/src/deliver/kept.ts";
import { QuarantineShares } from "../../../packages/receive/src/deliver/quarantine.ts";
import { recordReports } from "../../../packages/receive/src/deliver/record.ts";
import { understand } from "../../../packages/receive/src/deliver/understand.ts";
import { fixture } from "../../support/fixtures.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { jpeg, photo } from "../../support/pictures.ts";
import { history, realtime, received, stranger } from "../../support/reports.ts";

let deps: MemoryPorts;
beforeEach(() => {
  deps = new MemoryPorts();
});

const batchOf = (origin: Origin) => ({
  origin,
  shares: new QuarantineShares({ isRestKept: false }),
  erasures: new Erasures([], Buffer.alloc(32)),
});
const take = async (value: JsonObject, given: { box?: string; path?: string; receivedAt?: number } = {}) => {
  const origin = { box: "gate-1", path: "/HistoryEvent", headers: {}, receivedAt: deps.now, event: null, ...given };
  const source = () => Buffer.from(JSON.stringify(value));
  const masked = await withoutKeys({ read: { value, flags: [] }, source, isOfBatch: false });
  const understood = await understand(masked, origin, {
    settings: deps.settings,
    zone: async () => null,
    mappings: async () => [],
  });
  if ("mapped" in understood) throw new Error("a mapping fits");
  const [outcome] = await recordReports([understood], batchOf(origin), deps);
  if (outcome === undefined) throw new Error("nothing was recorded");
  return outcome;
};
const realtimeOf = (changes: JsonObject = {}) => take(realtime(changes), { path: "/RealTimeEvent" });
const face = (seed: string) => ({ recognize_face: photo(seed) });

describe("a report", () => {
  it("becomes an event of its box", async () => {
    expect(await take(history(), { box: "gate-7" })).toEqual({
      event: { id: deps.events()[0]?.id, kind: "history", outcome: "created" },
      quarantined: null,
    });
    expect(deps.events()[0]?.box).toEqual({ id: "gate-7", serial: "SNO1", name: null, site: null });
  });

  it("joins a real-time report that has another crop of the face", async () => {
    await take(realtime({}, face("crop in real-time")), { path: "/token/RealTimeEvent" });
    await take(history({}, face("crop in history")));
    const [event, ...others] = deps.events();
    expect(others).toEqual([]);
    expect(event?.reports.map(({ kind }) => kind)).toEqual(["history", "realtime"]);
    expect(event?.flags).toEqual([]);
  });

  it("sent a hundred times at once is one event with one action enqueued", async () => {
    const body = fixture("history-nested", "register-stranger");
    await Promise.all(Array.from({ length: 100 }, () => take(body)));
    expect(deps.events()).toHaveLength(1);
    expect(deps.written.filter(({ enqueued }) => enqueued)).toHaveLength(1);
    expect(deps.announced).toHaveLength(1);
  });

  it("stores its pictures under the month of its receipt", async () => {
    await take(fixture("history-nested", "async-with-info"), { receivedAt: Date.UTC(2026, 10, 30) });
    expect([...deps.pictureMonths.keys()]).toEqual(["2026-11"]);
    expect(deps.storedPictures()).toEqual([jpeg("scene"), jpeg("face"), jpeg("infrared")]);
  });

  it("keeps no event if a picture could not be stored", async () => {
    deps.failing.set("pictures", new Error("disk full"));
    await expect(take(fixture("history-nested", "complete"))).rejects.toThrow("disk full");
    expect(deps.events()).toEqual([]);
  });

  it("keeps its event for as long as the deployment says, from its first receipt on", async () => {
    deps.settings.retentionDays = 2;
    await take(history());
    deps.now = received + 2 * 86_400_000 - 1;
    expect(deps.events()).toHaveLength(1);
    deps.now += 1;
    expect(deps.events()).toHaveLength(0);
  });

  it("has feature vectors only if the deployment wants them", async () => {
    deps.settings.keepFeatures = true;
    await take(fixture("history-nested", "async-with-info"));
    expect(deps.events()[0]?.extra).toEqual({ ext_data: { info: { feature: [0.125, -0.5, 0.75] } } });
  });
});

describe("real-time and history of one passing", () => {
  it.each([
    ["real-time", async () => [await realtimeOf(), await take(history({}, face("a")))]],
    ["history", async () => [await take(history({}, face("a"))), await realtimeOf()]],
  ])("are one event with two reports if %s arrives first", async (_, both) => {
    expect((await both()).map(({ event }) => event?.outcome)).toEqual(["created", "merged"]);
    expect(deps.events().map(({ reports }) => reports.map(({ kind }) => kind))).toEqual([["history", "realtime"]]);
  });
});

describe("two passings in one frame", () => {
  it("are two events if they are strangers", async () => {
    await take(stranger({}, face("a")));
    await take(stranger({}, face("b")));
    expect(deps.events().map(({ flags }) => flags)).toEqual([[], []]);
  });

  it("are two events, the second flagged, if both faces were matched to one person", async () => {
    const [first, second] = [await take(history({}, face("a"))), await take(history({}, face("b")))];
    expect([first.event?.outcome, second.event?.outcome]).toEqual(["created", "created"]);
    expect(first.event?.id).not.toBe(second.event?.id);
    expect(deps.events().map(({ flags }) => flags)).toEqual([[], ["same-person-twice"]]);
  });

  it("stay two events however often they are repeated", async () => {
    for (const seed of ["a", "b", "a", "b", "b"]) await take(history({}, face(seed)));
    expect(deps.events()).toHaveLength(2);
  });

  it("enqueue one action each", async () => {
    await take(history({ want_action: "1002" }, face("a")));
    await take(history({ want_action: "1002" }, face("b")));
    expect(deps.events().map(({ id, actions }) => actions.map((action) => action.id === actionId(id, "1002")))).toEqual(
      [[true], [true]],
    );
  });
});

describe("a passing with the timestamp 0", () => {
  it("sent twice is one event", async () => {
    await take(history({ timestamp: 0 }));
    await take(history({ timestamp: 0 }));
    expect(deps.events()).toHaveLength(1);
  });

  it("is another one than a second one with the timestamp 0", async () => {
    await take(history({ timestamp: 0, score: 0.1 }));
    await take(history({ timestamp: 0, score: 0.2 }));
    expect(deps.events()).toHaveLength(2);
  });
});

describe("the action of a report", () => {
  it("is enqueued in the write of its event", async () => {
    await take(fixture("history-nested", "update-photo"));
    const [event] = deps.events();
    expect(event?.actions).toEqual([
      {
        id: actionId(event?.id ?? "", "1002"),
        wantAction: "1002",
        name: "update-photo",
        state: "announced",
        reason: null,
        at: new Date(received).toISOString(),
      },
    ]);
  });

  it("is withheld for a stranger whose picture is too poor, and not announced", async () => {
    await take(fixture("history-nested", "register-stranger-too-poor"));
    expect(deps.events()[0]?.actions).toMatchObject([{ state: "withheld", reason: "fiqa_result is false" }]);
    expect(deps.announced).toEqual([]);
  });

  it("is not announced again by a repetition", async () => {
    await take(history({ want_action: "1002" }));
    await take(history({ want_action: "1002" }));
    expect(deps.announced).toHaveLength(1);
  });

  it("is enqueued by a later report that says the same but wants more", async () => {
    await take(history({ want_action: "0" }));
    await take(history({ want_action: "1002" }));
    expect(deps.events()).toMatchObject([{ wantAction: "1002", actions: [{ wantAction: "1002" }] }]);
  });

  it("is a separate action if it differs from an earlier one", async () => {
    await take(stranger({ want_action: "1001" }, face("a")));
    await take(stranger({ want_action: "1002" }, face("a")));
    expect(deps.events().map(({ actions }) => actions.map(({ wantAction }) => wantAction))).toEqual([["1001", "1002"]]);
  });
});

describe("a partly understood report", () => {
  it("becomes an event, and is kept whole beside it", async () => {
    const body = history({ reg_pic: "broken" }, face("a"));
    const { event, quarantined } = await take(body);
    expect(quarantined).toMatchObject({ reason: "picture" });
    const [kept] = [...deps.records.values()];
    expect(kept).toMatchObject({ reason: "picture", event: { id: event?.id } });
    expect(JSON.parse(Buffer.from(kept?.body ?? []).toString())).toEqual(body);
    expect(deps.events()[0]?.flags).toEqual(["picture-unreadable:registered"]);
  });

  it("is kept whole if a text had to be cut", async () => {
    expect(await take(history({ identity_name: "x".repeat(9_000) }))).toMatchObject({
      event: { outcome: "created" },
      quarantined: { reason: "cut" },
    });
  });

  it("names its event in quarantine, even if that is a second passing", async () => {
    await take(history({}, face("a")));
    const { event } = await take(history({ reg_pic: "broken" }, face("b")));
    expect([...deps.records.values()][0]?.event?.id).toBe(event?.id);
  });
});

describe("a report without any known form", () => {
  it("is kept whole, and makes no event", async () => {
    expect(await take({ hello: "world" })).toEqual({
      event: null,
      quarantined: { id: [...deps.records.keys()][0], reason: "unknown-shape" },
    });
    expect([...deps.records.values()][0]?.event).toBeNull();
    expect(deps.events()).toEqual([]);
  });
});

describe("a notice", () => {
  const status = fixture("status", "complete");

  it("is kept for the health of its box, and is no event", async () => {
    expect(await take(status, { box: "gate-7" })).toEqual({ event: null, quarantined: null, isNotice: true });
    expect([...deps.boxStatuses.values()]).toEqual([
      { box: "gate-7", kind: "status", receivedAt: received, report: status },
    ]);
    expect([deps.events(), deps.reasons()]).toEqual([[], []]);
  });

  it("is quarantined whole if it is too large for the health of its box", async () => {
    const large = { ...status, gateway_ext_data: "x".repeat(256 * 1024) };
    const outcome = await take(large);
    expect(outcome).toMatchObject({ event: null, quarantined: { reason: "notice-too-large:status" } });
    expect([deps.boxStatuses.size, deps.reasons()]).toEqual([0, ["notice-too-large:status"]]);
    expect(JSON.parse(Buffer.from([...deps.records.values()][0]?.body ?? []).toString())).toEqual(large);
  });
});
