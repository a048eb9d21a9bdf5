import type { EventEraser } from "@gatepost/core/erasure";
import type { EventIndex, EventReader } from "@gatepost/core/events";
import { countedOf, type HalfHourCounts, type HalfHourRange } from "@gatepost/core/statistics";
import { halfHourMs } from "@gatepost/core/zones";
import { idOf, merge, type Report } from "@gatepost/protocol";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { day, noon, report, upsert } from "./samples.ts";

export interface HalfHoursUnderTest {
  index: EventIndex;
  reader: EventReader;
  eraser: EventEraser;
  counts: HalfHourCounts;
  /** Waits until all writes are counted. */
  settle(): Promise<void>;
  /** Removes expired rows. */
  removeExpired(): Promise<void>;
  setClock(now: number): void;
  close(): Promise<void>;
}

/** Contains every passing of a test that names no other range. On AWS each of its days takes some queries. */
const always: HalfHourRange = { from: noon - 4 * day, to: noon + 4 * day, boxes: null };

/** What every store of counts promises. */
export function halfHoursContract(
  name: string,
  open: () => Promise<HalfHoursUnderTest>,
  { runs }: { runs: number },
): void {
  describe(`${name} counts events by half-hour:`, () => {
    let deps: HalfHoursUnderTest;
    beforeEach(async () => {
      deps = await open();
      deps.setClock(noon);
    });
    afterEach(() => deps.close());

    const put = (event: string, facts: Partial<Report> = {}, overrides = {}) =>
      deps.index.upsert(upsert(event, { report: report(facts), ...overrides }));

    it("once each, at its own time and under its type", async () => {
      await put("a", { time: noon + 29 * 60_000 });
      await put("b", { time: noon + 30 * 60_000 });
      await put("c", { time: noon + 31 * 60_000, person: { id: "1", type: "visitor" } });
      await put("d", { time: noon + 40 * 60_000 }, { box: "lobby" });
      await put("e", { time: noon + 40 * 60_000 });
      expect(await counted()).toEqual([
        ["gate-1", 0, "vip", 1],
        ["gate-1", 1, "vip", 2],
        ["gate-1", 1, "visitor", 1],
        ["lobby", 1, "vip", 1],
      ]);
    });

    it("unchanged by a repeat, another report and a refused one", async () => {
      await put("a");
      await put("a");
      await put("a", { kind: "realtime" });
      await put("a", {}, { fingerprint: "another face" });
      expect(await counted()).toEqual([["gate-1", 0, "vip", 1]]);
    });

    it("after a better report, at the time and the type that it shows", async () => {
      await put("a", { kind: "realtime", time: noon - 3 * day, person: { type: "stranger" }, score: [0.5, 1] });
      expect(await counted()).toEqual([["gate-1", -144, "stranger", 1]]);
      await put("a", { time: noon, score: [0.92, 1] });
      expect(await counted()).toEqual([["gate-1", 0, "vip", 1]]);
      expect(await matches()).toEqual([["vip", 18, 1]]);
    });

    it("by match score, in twentieths of the scale, if that is known", async () => {
      for (const [n, score] of (
        [
          [0, 1],
          [4.9, 100],
          [5, 100],
          [1, 1],
          [100, 100],
        ] as const
      ).entries())
        await put(`${n}`, { score: [...score] });
      await put("without a scale", { score: [0.5, null] });
      await put("over its scale", { score: [1.5, 1] });
      await put("without a score");
      expect(await matches()).toEqual([
        ["vip", 0, 2],
        ["vip", 1, 1],
        ["vip", 19, 2],
      ]);
    });

    it("without the passings by which a deployment checks itself", async () => {
      await put("a", { flags: ["tolerant-parse"] }, { box: "gatepost-check" });
      expect(await counted()).toEqual([]);
      expect([await deps.counts.flagged(always), (await deps.counts.totals(always)).size]).toEqual([0, 0]);
    });

    it("also erased and expired ones, and again if made again after that", async () => {
      await put("a");
      await put("b", {}, { expiresAt: noon + 1000 });
      await deps.settle();
      await deps.eraser.eraseEvent(idOf("evt", ["a"]));
      deps.setClock(noon + 2000);
      expect(await counted()).toEqual([["gate-1", 0, "vip", 2]]);
      await put("b", {}, { now: noon + 2000 });
      expect(await counted()).toEqual([["gate-1", 0, "vip", 3]]);
      await put("a");
      await deps.removeExpired();
      expect(await counted()).toEqual([["gate-1", 0, "vip", 4]]);
    });

    it("from a time to another one, for the boxes that are asked for", async () => {
      for (const n of [-1, 0, 1]) await put(`${n}`, { time: noon + n * halfHourMs });
      await put("other", {}, { box: "lobby" });
      const one = { from: noon, to: noon + halfHourMs };
      expect(await counted({ ...one, boxes: null })).toEqual([
        ["gate-1", 0, "vip", 1],
        ["lobby", 0, "vip", 1],
      ]);
      expect(await counted({ ...one, boxes: ["lobby", "nobody's"] })).toEqual([["lobby", 0, "vip", 1]]);
      expect(await counted({ ...one, boxes: [] })).toEqual([]);
      expect(await counted({ from: noon, to: noon, boxes: null })).toEqual([]);
      expect([...(await deps.counts.totals({ ...one, boxes: null }))]).toEqual([[noon, 2]]);
      expect([...(await deps.counts.totals({ ...one, boxes: ["lobby"] }))]).toEqual([[noon, 1]]);
    });

    it("by device, and of the devices that are asked for", async () => {
      const names = [{ id: "door" }, { endpoint: "MAC__10.0.0.1", ip: "10.0.0.1" }, { ip: "10.0.0.2" }, {}];
      for (const [n, device] of names.entries()) await put(`${n}`, { device });
      await put("long", { device: { id: "d".repeat(129) } });
      await put("again", { device: { id: "door" }, person: { id: "1", type: "visitor" } });
      await put("other", { device: { id: "door" }, time: noon + halfHourMs }, { box: "lobby" });
      const expected = [
        ["gate-1", "10.0.0.2", 0, "vip", 1],
        ["gate-1", "MAC__10.0.0.1", 0, "vip", 1],
        ["gate-1", "door", 0, "vip", 1],
        ["gate-1", "door", 0, "visitor", 1],
        ["gate-1", null, 0, "vip", 2],
        ["lobby", "door", 1, "vip", 1],
      ];
      expect(await byDevice()).toEqual(expected);
      const door = { ...always, devices: ["door", "10.0.0.1"] };
      expect(await byDevice(door)).toEqual(expected.filter(([, device]) => device === "door"));
      expect(await byDevice({ ...door, boxes: ["lobby"] })).toEqual(expected.slice(-1));
      const totals = new Map([
        [noon, 2],
        [noon + halfHourMs, 1],
      ]);
      expect(await deps.counts.totals(door)).toEqual(totals);
    });

    it("at the device and the time that a better report shows", async () => {
      await put("a", { kind: "realtime", time: noon - 3 * day, device: { ip: "10.0.0.2" } });
      expect(await byDevice()).toEqual([["gate-1", "10.0.0.2", -144, "vip", 1]]);
      await put("a", { time: noon, device: { id: "door" } });
      expect(await byDevice()).toEqual([["gate-1", "door", 0, "vip", 1]]);
    });

    it("all of a box that invents devices, and the first ones by name", async () => {
      for (let n = 0; n < 250; n++) await put(`${n}`, { device: { id: `device ${n}` } });
      const counts = await byDevice();
      expect(counts.reduce((sum, [, , , , count]) => sum + Number(count), 0)).toBe(250);
      await put("known", { device: { id: "device 0" } });
      expect(await byDevice({ ...always, devices: ["device 0"] })).toEqual([["gate-1", "device 0", 0, "vip", 2]]);
    });

    it("once each over many months, read in any parts", async () => {
      const begin = -150 * day;
      // From the first half-hour to the last one, and around each thirtieth day.
      const times = [0, 30, 60, 90, 120, 150].flatMap((days) =>
        [-1, 0, 1].map((n) => begin + days * day + n * halfHourMs),
      );
      for (const [n, time] of times.entries()) await put(`${n}`, { time: noon + time });
      const found = await counted({ from: noon + begin, to: noon + halfHourMs, boxes: null });
      const inRange = times.filter((time) => begin <= time && time < halfHourMs);
      const inOrder = found.toSorted(([, a], [, b]) => Number(a) - Number(b));
      expect(inOrder).toEqual(inRange.map((time) => ["gate-1", time / halfHourMs, "vip", 1]));
    });

    it("for 400 days", async () => {
      await put("a");
      await deps.settle();
      deps.setClock(noon + 400 * day);
      await deps.removeExpired();
      expect(await counted()).toHaveLength(1);
      deps.setClock(noon + 400 * day + 1);
      await deps.removeExpired();
      expect(await counted()).toEqual([]);
      expect((await deps.counts.totals(always)).size).toBe(0);
    });

    it("and by flag, without flags that do not exist", async () => {
      await put("a", { flags: ["tolerant-parse", "duplicate-keys"], time: noon - 60_000 });
      await put("b", { flags: ["tolerant-parse"] });
      await put("c", { flags: ["tolerant-parse"] }, { box: "lobby" });
      await put("d");
      await deps.settle();
      const flags = await deps.counts.flags(always);
      const before = { count: 1, latest: idOf("evt", ["a"]), at: noon - 60_000 };
      expect(flags.sort((a, b) => (a.flag + a.box < b.flag + b.box ? -1 : 1))).toEqual([
        { flag: "duplicate-keys", box: "gate-1", ...before },
        { flag: "tolerant-parse", box: "gate-1", count: 2, latest: idOf("evt", ["b"]), at: noon },
        { flag: "tolerant-parse", box: "lobby", count: 1, latest: idOf("evt", ["c"]), at: noon },
      ]);
      expect(await deps.counts.flagged(always)).toBe(3);
      expect(await deps.counts.flagged({ ...always, from: noon })).toBe(2);
      expect(await deps.counts.flagged({ ...always, boxes: ["lobby"] })).toBe(1);
      await deps.eraser.eraseEvent(idOf("evt", ["a"]));
      await deps.settle();
      expect(
        (await deps.counts.flags({ ...always, boxes: ["gate-1"] })).map(({ flag, count }) => [flag, count]),
      ).toEqual([["tolerant-parse", 1]]);
      expect(await deps.counts.flagged(always)).toBe(2);
    });

    it("and the last passed event of a flag, or none if unknown", async () => {
      const [from, to] = [noon - day, noon + 4 * halfHourMs];
      await put("before", { flags: ["tolerant-parse"], time: from });
      await put("last", { flags: ["tolerant-parse"], time: noon });
      await put("after", { flags: ["tolerant-parse"], time: to });
      await deps.settle();
      const [flag, ...others] = await deps.counts.flags({ from, to, boxes: null });
      expect(others).toEqual([]);
      expect(flag).toMatchObject({ flag: "tolerant-parse", count: 2 });
      expect([
        { latest: idOf("evt", ["last"]), at: noon },
        { latest: null, at: null },
      ]).toContainEqual({ latest: flag?.latest, at: flag?.at });
    });

    it("without a flag that a later report removes", async () => {
      await put("a", { kind: "realtime", time: 0 });
      await deps.settle();
      expect((await deps.counts.flags(always)).map(({ flag, count }) => [flag, count])).toEqual([["clock", 1]]);
      await put("a", { time: noon });
      await deps.settle();
      expect(await deps.counts.flags(always)).toEqual([]);
      expect(await deps.counts.flagged(always)).toBe(0);
    });

    it("like a model does, after any reports, repeats, replays and erasures", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
          const fresh = await open();
          fresh.setClock(noon);
          try {
            const model = new Model(fresh);
            for (const step of steps) await model.take(step);
            await fresh.settle();
            expect(await countedBy(fresh.counts, always)).toEqual(model.expected());
            expect(await fresh.counts.flagged(always)).toBe(await model.flagged());
          } finally {
            await fresh.close();
          }
        }),
        { numRuns: runs },
      );
    }, 120_000);

    const counted = async (range = always) => {
      await deps.settle();
      const byBox = await countedBy(deps.counts, range);
      return byBox.map(([box, start, type, count]) => [box, (start - noon) / halfHourMs, type, count]);
    };
    const byDevice = async (range = always) => {
      await deps.settle();
      const rows: [string, string | null, number, string, number][] = [];
      for await (const { halfHours } of deps.counts.read({ ...range, isByDevice: true })) {
        for (const { box, device, start, type, count } of halfHours)
          rows.push([box, device, (start - noon) / halfHourMs, type, count]);
      }
      return rows.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    };
    const matches = async () => {
      await deps.settle();
      const sums = new Map<string, number>();
      for await (const { match } of deps.counts.read(always)) {
        for (const { type, bucket, count } of match) {
          const key = JSON.stringify([type, bucket]);
          sums.set(key, (sums.get(key) ?? 0) + count);
        }
      }
      return [...sums].map(([key, count]) => [...JSON.parse(key), count]).sort((a, b) => a[1] - b[1]);
    };
  });
}

type Row = [box: string, start: number, type: string, count: number];

async function countedBy(counts: HalfHourCounts, range: HalfHourRange): Promise<Row[]> {
  const sums = new Map<string, number>();
  for await (const { halfHours } of counts.read(range)) {
    for (const { box, start, type, count } of halfHours) {
      const key = JSON.stringify([box, start, type]);
      sums.set(key, (sums.get(key) ?? 0) + count);
    }
  }
  return inOrder(sums);
}

function inOrder(sums: ReadonlyMap<string, number>): Row[] {
  return [...sums]
    .map(([key, count]): Row => [...(JSON.parse(key) as [string, number, string]), count])
    .sort((a, b) => (a[0] !== b[0] ? (a[0] < b[0] ? -1 : 1) : a[1] - b[1] || (a[2] < b[2] ? -1 : 1)));
}

interface Step {
  event: number;
  act: "report" | "replay" | "erase";
  kind: Report["kind"];
  at: number;
  type: "employee" | "stranger";
  score: number;
  isFlagged: boolean;
}

/** One of a few events, so that they meet. */
const step: fc.Arbitrary<Step> = fc.record({
  event: fc.integer({ min: 0, max: 4 }),
  act: fc.constantFrom("report" as const, "report" as const, "report" as const, "replay" as const, "erase" as const),
  kind: fc.constantFrom("history" as const, "realtime" as const, "live" as const),
  at: fc.integer({ min: -50, max: 1 }),
  type: fc.constantFrom("employee" as const, "stranger" as const),
  score: fc.integer({ min: 0, max: 100 }),
  isFlagged: fc.boolean(),
});

/** Counts by reading each event before and after each step. */
class Model {
  readonly #deps: HalfHoursUnderTest;
  readonly #sums = new Map<string, number>();
  readonly #ids = new Set<string>();

  constructor(deps: HalfHoursUnderTest) {
    this.#deps = deps;
  }

  async take({ event, act, kind, at, type, score, isFlagged }: Step): Promise<void> {
    const id = idOf("evt", [`${event}`]);
    this.#ids.add(id);
    const before = await this.#deps.reader.get(id);
    if (act === "erase") {
      await this.#deps.eraser.eraseEvent(id);
      return;
    }
    const facts = {
      kind,
      time: noon + at * 20 * 60_000,
      person: { id: `${event}`, type },
      score: [score, 100] as [number, number],
    };
    const passingReport = report({ ...facts, ...(isFlagged ? { flags: ["tolerant-parse"] } : {}) });
    const replaces = act === "replay" ? "face-a" : null;
    await this.#deps.index.upsert(
      upsert(`${event}`, { box: event % 2 === 0 ? "gate-1" : "lobby", report: passingReport, replaces }),
    );
    const after = await this.#deps.reader.get(id);
    if (before !== null) this.#add(before, -1);
    if (after !== null) this.#add(after, 1);
  }

  expected(): Row[] {
    return inOrder(this.#sums);
  }

  async flagged(): Promise<number> {
    const events = await Promise.all([...this.#ids].map((id) => this.#deps.reader.get(id)));
    return events.filter((event) => event !== null && merge(event).flags.length > 0).length;
  }

  #add(stored: Parameters<typeof merge>[0], by: number): void {
    const event = merge(stored);
    const counted = countedOf(event);
    if (counted === null) return;
    const key = JSON.stringify([event.box.id, counted.start, counted.type]);
    const sum = (this.#sums.get(key) ?? 0) + by;
    if (sum === 0) this.#sums.delete(key);
    else this.#sums.set(key, sum);
  }
}
