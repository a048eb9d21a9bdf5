import { actionsWithKeptScenes, eventsWithKeptScenes, withoutEndedScenes } from "@gatepost/core/retention";
import { type JsonObject, merge, type PictureFacts, type StoredEvent } from "@gatepost/protocol";
import { Body, deliver } from "@gatepost/receive";
import { beforeEach, describe, expect, it } from "vitest";
import { changesWithKeptScenes, reportsWithKeptScenes, scenesIn } from "../../../packages/core/src/retention/scenes.ts";
import { day, noon, picture, report } from "../../contract/samples.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { photo } from "../../support/pictures.ts";
import { history, realtime, received } from "../../support/reports.ts";

const facts = (seed: string, more: Partial<PictureFacts> = {}) => {
  const { data: _, ...kept } = picture(seed);
  return { ...kept, ...more };
};

/** An event of two reports, the second an hour after the first. */
function passing(scene: Partial<PictureFacts> = {}): StoredEvent {
  const first = report({ kind: "realtime", pictures: { scene: facts("scene", scene) }, flags: ["picture-lost:scene"] });
  const second = report({
    receivedAt: noon + day / 24,
    pictures: { face: facts("face"), scene: facts("scene", scene) },
  });
  return { id: "evt_1", box: "gate-1", isSecondFace: false, reports: [first, second], actions: [] };
}

const ruleAt = (now: number, sceneDays: number | null = null) => ({ sceneDays: () => sceneDays, clock: () => now });
const kindsAt = (now: number, sceneDays: number | null, scene: Partial<PictureFacts> = {}) =>
  Object.keys(merge(withoutEndedScenes(passing(scene), ruleAt(now, sceneDays))).pictures);

describe("the scene of an event", () => {
  it("has a place of its month alone", () => {
    expect(scenesIn("2026-03")).toBe("2026-03-scenes");
  });

  it("ends by the first receipt, while the face stays", () => {
    expect(kindsAt(noon + 30 * day - 1, 30)).toEqual(["scene", "face"]);
    expect(kindsAt(noon + 30 * day, 30)).toEqual(["face"]);
  });

  it("stays as long as the event if no days are set", () => {
    expect(kindsAt(noon + 3000 * day, null)).toEqual(["scene", "face"]);
  });

  it("ends by its own days after more days, or none, were set", () => {
    for (const set of [60, null]) {
      expect(kindsAt(noon + 30 * day - 1, set, { keptDays: 30 })).toContain("scene");
      expect(kindsAt(noon + 30 * day, set, { keptDays: 30 })).not.toContain("scene");
    }
    expect(kindsAt(noon + 10 * day, 10, { keptDays: 30 })).not.toContain("scene");
  });

  it("leaves a flag instead of flags about its bytes, and reports name it", () => {
    const event = merge(withoutEndedScenes(passing(), ruleAt(noon + day, 1)));
    expect(event.flags).toEqual(["picture-expired:scene"]);
    expect(event.reports.map(({ brought }) => brought)).toEqual([["scene", "face"], ["scene"]]);
  });

  it("leaves its flag in a report without other flags", () => {
    const { flags: _, ...bare } = report({ pictures: { scene: facts("scene") } });
    const [hidden] = reportsWithKeptScenes([bare], ruleAt(noon + day, 1));
    expect(hidden?.flags).toEqual(["picture-expired:scene"]);
  });

  it("counts from the time when a clock that was behind was set right", () => {
    const rule = { ...ruleAt(noon + 40 * day, 30), countedFrom: (at: number) => at + 20 * day };
    expect(withoutEndedScenes(passing(), rule)).toEqual(passing());
  });

  it("is the only picture that ends, and other reports stay the same objects", () => {
    const face = report({ pictures: { face: facts("face") } });
    expect(reportsWithKeptScenes([face], ruleAt(noon + 99 * day, 1))[0]).toBe(face);
    const { pictures: _, ...bare } = face;
    const reports = [...passing().reports.slice(0, 1), face, bare];
    const [, second, third] = reportsWithKeptScenes(reports, ruleAt(noon + 99 * day, 1));
    expect(second).toBe(face);
    expect(third).toBe(bare);
  });
});

describe("readers of events", () => {
  const stored = passing();
  const all = {
    list: async () => ({ items: [stored], next: "next" }),
    count: async () => ({ count: 1, isExact: true }),
    neighbours: async () => ({ newer: "evt_2", older: null }),
    get: async (id: string) => (id === stored.id ? stored : null),
    getAll: async () => new Map([[stored.id, stored]]),
  };
  const read = eventsWithKeptScenes(all, ruleAt(noon + 30 * day, 30));
  const hidden = withoutEndedScenes(stored, ruleAt(noon + 30 * day, 30));

  it("get no scene that has ended, by a list, by ids or by the feed", async () => {
    expect(await read.list({}, { limit: 1, cursor: null })).toEqual({ items: [hidden], next: "next" });
    expect([await read.get("evt_1"), await read.get("evt_9")]).toEqual([hidden, null]);
    expect(await read.getAll(["evt_1"])).toEqual(new Map([["evt_1", hidden]]));
    const change = { event: stored, made: "1", changed: "2", cursor: "2" };
    const feed = { read: async () => ({ items: [change], news: [], next: "2", isEnd: true }) };
    expect(await changesWithKeptScenes(feed, ruleAt(noon + 30 * day, 30)).read(null, 1)).toEqual({
      items: [{ ...change, event: hidden }],
      news: [],
      next: "2",
      isEnd: true,
    });
  });

  it("count events and find neighbours as before", async () => {
    expect(await read.count({}, 1)).toEqual({ count: 1, isExact: true });
    expect(await read.neighbours({ id: "evt_1", timestamp: noon }, {})).toEqual({ newer: "evt_2", older: null });
  });
});

it("the reader of actions gets no scene that has ended, and else reads as before", async () => {
  const stored = passing();
  const page = { items: [], next: null };
  const read = actionsWithKeptScenes(
    {
      list: async () => page,
      get: async () => null,
      eventOf: async (id) => (id === "act_1" ? stored : null),
      ofEvent: async () => [],
    },
    ruleAt(noon + 30 * day, 30),
  );
  expect(await read.eventOf("act_1")).toEqual(withoutEndedScenes(stored, ruleAt(noon + 30 * day, 30)));
  expect(await read.eventOf("act_2")).toBeNull();
  expect([await read.list({}, { limit: 1, cursor: null }), await read.get("act_1")]).toEqual([page, null]);
  expect(await read.ofEvent("evt_1")).toEqual([]);
});

describe("a report with a scene", () => {
  let deps: MemoryPorts;
  beforeEach(() => {
    deps = new MemoryPorts();
  });
  const post = async (value: JsonObject, path: string) => {
    const body = new Body(Buffer.from(JSON.stringify(value)));
    await deliver({ method: "POST", headers: {}, body, address: "" }, { box: "gate-1", path: [path] }, deps);
  };
  const scene = { spot_pic: photo("scene") };
  const stored = async () => (await deps.reads.events.list({}, { limit: 9, cursor: null })).items;

  it("is stored as before if scenes are kept as their events", async () => {
    await post(history({}, { ...scene, recognize_face: photo("face") }), "HistoryEvent");
    expect([...deps.pictureMonths.keys()]).toEqual([new Date(received).toISOString().slice(0, 7)]);
    expect((await stored())[0]?.reports[0]?.pictures?.scene).not.toHaveProperty("keptDays");
  });

  it("names its days", async () => {
    deps.settings.sceneDays = 3;
    await post(history({}, { ...scene, recognize_face: photo("face") }), "HistoryEvent");
    const [event] = await stored();
    expect(event?.reports[0]?.pictures?.scene).toMatchObject({ keptDays: 3 });
    expect(event?.reports[0]?.pictures?.face).not.toHaveProperty("keptDays");
  });

  it("stays without its scene after the same report is sent again later", async () => {
    deps.settings.sceneDays = 3;
    await post(realtime({}, scene), "RealTimeEvent");
    deps.now += 4 * day;
    await post(realtime({}, scene), "RealTimeEvent");
    expect((await stored()).map((event) => merge(event).pictures)).toEqual([{}]);
  });
});
