import { GatepostError } from "@gatepost/core/errors";
import {
  type HalfHour,
  type HalfHourCounts,
  type HalfHourRange,
  type MatchCount,
  readStatistics,
} from "@gatepost/core/statistics";
import { halfHourMs, Zone } from "@gatepost/core/zones";
import type { PersonType } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import type { Comparison } from "../../../../packages/core/src/statistics/before.ts";
import type { Unit } from "../../../../packages/core/src/statistics/grouping.ts";

const at = (text: string) => Date.parse(text);

/** Counts of these half-hours. Each is a part by itself. */
function countsOf(halfHours: readonly HalfHour[], match: MatchCount[] = []): HalfHourCounts {
  const within = ({ from, to }: HalfHourRange) => halfHours.filter(({ start }) => start >= from && start < to);
  return {
    async *read(range) {
      for (const one of within(range)) yield { halfHours: [one], match: [] };
      yield { halfHours: [], match };
    },
    async totals(range) {
      return new Map(within(range).map(({ start, count }) => [start, count]));
    },
    flags: async () => [],
    flagged: async () => 0,
  };
}

const half = (start: string, count: number, overrides: Partial<HalfHour> = {}): HalfHour => ({
  box: "gate-1",
  device: null,
  start: at(start),
  type: "employee",
  count,
  ...overrides,
});

interface Asked {
  by?: Unit;
  zone?: string;
  from: string;
  to: string;
  now?: string;
  compare?: Comparison;
  isByDevice?: boolean;
}

function ask(counts: HalfHourCounts, { by = "hour", zone = "UTC", from, to, now = to, ...asked }: Asked) {
  const found = Zone.find(zone);
  if (found === null) throw new Error("there is no such zone");
  return readStatistics({ by, zone: found, from: at(from), to: at(to), boxes: null, ...asked }, counts, at(now));
}

const startsOf = async (counts: HalfHourCounts, asked: Asked) =>
  (await ask(counts, asked)).buckets.map(({ start, count }) => [start, count]);

/** Every half-hour of a range once. */
const every = (from: string, to: string) =>
  countsOf(
    Array.from({ length: (at(to) - at(from)) / halfHourMs }, (_, n) =>
      half(new Date(at(from) + n * halfHourMs).toISOString(), 1),
    ),
  );

describe("statistics", () => {
  it("passings are summed by half-hour, hour and day, by box and type", async () => {
    const counts = countsOf([
      half("2026-11-05T08:30:00Z", 3),
      half("2026-11-05T08:00:00Z", 2),
      half("2026-11-05T08:30:00Z", 1, { type: "visitor" }),
      half("2026-11-05T08:30:00Z", 4, { box: "a" }),
    ]);
    const range = { from: "2026-11-05T00:00:00Z", to: "2026-11-06T00:00:00Z" };
    const bucketsBy = async (by: Unit) =>
      (await ask(counts, { ...range, by })).buckets.map(({ start, box, type, count }) => [
        start.slice(11, 16),
        box,
        type,
        count,
      ]);
    expect(await bucketsBy("half-hour")).toEqual([
      ["08:00", "gate-1", "employee", 2],
      ["08:30", "a", "employee", 4],
      ["08:30", "gate-1", "employee", 3],
      ["08:30", "gate-1", "visitor", 1],
    ]);
    const sums = [
      ["a", "employee", 4],
      ["gate-1", "employee", 5],
      ["gate-1", "visitor", 1],
    ];
    expect(await bucketsBy("hour")).toEqual(sums.map((sum) => ["08:00", ...sum]));
    expect(await bucketsBy("day")).toEqual(sums.map((sum) => ["00:00", ...sum]));
  });

  it("devices of a box are told apart if they are asked for", async () => {
    const counts = countsOf([
      half("2026-11-05T08:00:00Z", 1, { device: "door" }),
      half("2026-11-05T08:30:00Z", 2, { device: "door" }),
      half("2026-11-05T08:00:00Z", 4, { device: "ramp" }),
      half("2026-11-05T08:30:00Z", 8),
    ]);
    const range = { from: "2026-11-05T00:00:00Z", to: "2026-11-06T00:00:00Z" };
    const apart = await ask(counts, { ...range, isByDevice: true });
    expect(apart.buckets.map(({ device, count }) => [device, count])).toEqual([
      [null, 8],
      ["door", 3],
      ["ramp", 4],
    ]);
    const together = await ask(counts, range);
    expect(together.buckets).toEqual([
      { start: "2026-11-05T08:00:00+00:00", box: "gate-1", type: "employee", count: 15 },
    ]);
  });

  it("the same time a week before is beside each hour, also if clocks changed between", async () => {
    const counts = countsOf([
      half("2026-10-22T06:00:00Z", 5),
      half("2026-10-22T07:30:00Z", 3),
      half("2026-10-29T07:00:00Z", 4),
      half("2026-10-28T22:30:00Z", 99),
    ]);
    const range = { from: "2026-10-29T00:00:00+01:00", to: "2026-10-30T00:00:00+01:00", zone: "Europe/Berlin" };
    const { buckets, busiest } = await ask(counts, { ...range, compare: "week" });
    expect(buckets.map(({ start, count, before }) => [start, count, before])).toEqual([
      ["2026-10-29T08:00:00+01:00", 4, 5],
      ["2026-10-29T09:00:00+01:00", 0, 3],
    ]);
    expect(busiest).toEqual({
      start: "2026-10-29T08:00:00+01:00",
      minutes: 30,
      count: 4,
      before: { start: "2026-10-22T08:00:00+02:00", minutes: 30, count: 5 },
    });
  });

  it("the same day of the month before is beside each day that has one", async () => {
    const days = ["2026-01-28", "2026-01-29", "2026-01-31", "2026-02-01", "2026-02-28"];
    const counts = countsOf(days.map((day, n) => half(`${day}T12:00:00Z`, 10 ** n)));
    const beforeOf = async (from: string, to: string) => {
      const asked = { by: "day", from: `${from}T00:00:00Z`, to: `${to}T00:00:00Z`, compare: "month" } as const;
      return (await ask(counts, asked)).buckets.map(({ start, count, before }) => [start.slice(5, 10), count, before]);
    };
    expect(await beforeOf("2026-02-01", "2026-03-01")).toEqual([
      ["02-01", 1000, 0],
      ["02-28", 10_000, 1],
    ]);
    expect(await beforeOf("2026-03-01", "2026-04-01")).toEqual([
      ["03-01", 0, 1000],
      ["03-28", 0, 10_000],
    ]);
    expect(await beforeOf("2026-03-31", "2026-04-01")).toEqual([]);
  });

  it("each half-hour of the past is beside at most one, in any zone", async () => {
    for (const zone of ["America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]) {
      for (const compare of ["week", "month"] as const) {
        const range = { from: "2026-01-02T00:00:00Z", to: "2026-12-30T00:00:00Z", by: "day", zone } as const;
        const all = every("2025-11-01T00:00:00Z", "2027-01-01T00:00:00Z");
        const { buckets } = await ask(all, { ...range, compare });
        const sum = buckets.reduce((before, bucket) => before + (bucket.before ?? 0), 0);
        const halfHours = (at(range.to) - at(range.from)) / halfHourMs;
        // The 29th to the 31st are beside no day of a shorter month: six days of this year.
        expect(Math.abs(sum - halfHours + (compare === "week" ? 0 : 6 * 48))).toBeLessThanOrEqual(2);
      }
    }
  });

  it("the busiest half-hour of all boxes is named, the first of equal ones", async () => {
    const counts = countsOf([
      half("2026-11-05T09:00:00Z", 5),
      half("2026-11-05T08:30:00Z", 3),
      half("2026-11-05T08:30:00Z", 2, { box: "a" }),
      half("2026-11-05T08:00:00Z", 4),
    ]);
    const range = { from: "2026-11-05T00:00:00Z", to: "2026-11-06T00:00:00Z", zone: "Asia/Shanghai" };
    expect((await ask(counts, range)).busiest).toEqual({ start: "2026-11-05T16:30:00+08:00", minutes: 30, count: 5 });
    expect((await ask(countsOf([]), range)).busiest).toBeNull();
  });

  it("match scores are summed by type", async () => {
    const types: [PersonType, number, number][] = [
      ["stranger", 0, 1],
      ["employee", 19, 2],
      ["stranger", 0, 1],
    ];
    const match = types.map(([type, bucket, count]) => ({ type, bucket, count }));
    const range = { from: "2026-11-05T00:00:00Z", to: "2026-11-06T00:00:00Z" };
    expect((await ask(countsOf([], match), range)).match).toEqual([
      { type: "employee", from: 95, to: 100, count: 2 },
      { type: "stranger", from: 0, to: 5, count: 2 },
    ]);
  });

  it("a range is moved outwards to half-hours", async () => {
    const counts = every("2026-11-05T07:00:00Z", "2026-11-05T10:00:00Z");
    const asked = { by: "half-hour", from: "2026-11-05T08:10:00Z", to: "2026-11-05T08:40:00Z" } as const;
    expect(await startsOf(counts, asked)).toEqual([
      ["2026-11-05T08:00:00+00:00", 1],
      ["2026-11-05T08:30:00+00:00", 1],
    ]);
  });

  it("the day of clocks put forward has 23 hours, of clocks put back 25", async () => {
    const zone = "Europe/Berlin";
    const forward = { zone, from: "2026-03-29T00:00:00+01:00", to: "2026-03-30T00:00:00+02:00" };
    const back = { zone, from: "2026-10-25T00:00:00+02:00", to: "2026-10-26T00:00:00+01:00" };
    const all = every("2026-03-01T00:00:00Z", "2026-11-01T00:00:00Z");
    expect(await startsOf(all, { ...forward, by: "day" })).toEqual([["2026-03-29T00:00:00+01:00", 46]]);
    expect(await startsOf(all, { ...back, by: "day" })).toEqual([["2026-10-25T00:00:00+02:00", 50]]);
    const hours = await startsOf(all, back);
    expect(hours).toHaveLength(25);
    expect(hours.slice(1, 5).map(([start]) => start)).toEqual([
      "2026-10-25T01:00:00+02:00",
      "2026-10-25T02:00:00+02:00",
      "2026-10-25T02:00:00+01:00",
      "2026-10-25T03:00:00+01:00",
    ]);
    expect((await startsOf(all, forward)).map(([start]) => String(start).slice(11, 16))).not.toContain("02:00");
  });

  it("half-hours begin on local half-hours, also in a zone with an offset of 45 minutes", async () => {
    const all = every("2026-11-05T00:00:00Z", "2026-11-07T00:00:00Z");
    const range = { zone: "Asia/Kathmandu", from: "2026-11-05T17:00:00Z", to: "2026-11-05T19:00:00Z" };
    expect(await startsOf(all, { ...range, by: "half-hour" })).toEqual([
      ["2026-11-05T22:45:00+05:45", 1],
      ["2026-11-05T23:15:00+05:45", 1],
      ["2026-11-05T23:45:00+05:45", 1],
      ["2026-11-06T00:15:00+05:45", 1],
    ]);
    expect(await startsOf(all, range)).toEqual([
      ["2026-11-05T22:00:00+05:45", 1],
      ["2026-11-05T23:00:00+05:45", 2],
      ["2026-11-06T00:00:00+05:45", 1],
    ]);
    expect(await startsOf(all, { ...range, by: "day" })).toEqual([
      ["2026-11-05T00:00:00+05:45", 3],
      ["2026-11-06T00:00:00+05:45", 1],
    ]);
  });

  it("each half-hour of a year belongs to one day of any zone, in order", async () => {
    for (const zone of ["America/Havana", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu", "Pacific/Apia"]) {
      const days = await ask(every("2025-12-01T00:00:00Z", "2027-01-01T00:00:00Z"), {
        zone,
        by: "day",
        from: "2025-12-01T00:00:00Z",
        to: "2027-01-01T00:00:00Z",
      });
      const starts = days.buckets.map(({ start }) => start);
      expect(new Set(starts.map((start) => start.slice(0, 10))).size).toBe(starts.length);
      expect(starts).toEqual([...starts].sort());
      expect(days.buckets.reduce((sum, { count }) => sum + count, 0)).toBe(396 * 48);
    }
  });

  it.each([
    ["half-hour", 31],
    ["hour", 92],
    ["day", 400],
  ] as const)("statistics by %s cover at most %i days", async (by, days) => {
    const from = at("2026-01-01T00:00:00Z");
    const upTo = (ms: number) => ({ by, from: new Date(from).toISOString(), to: new Date(from + ms).toISOString() });
    const dayMs = 24 * 60 * 60 * 1000;
    await expect(ask(countsOf([]), upTo(days * dayMs + 60 * 60 * 1000))).resolves.toMatchObject({ buckets: [] });
    await expect(ask(countsOf([]), upTo(days * dayMs + 61 * 60 * 1000))).rejects.toThrow(
      new GatepostError("bad-request", `from: by ${by}, ask for at most ${days} days at once`),
    );
  });

  it("a reversed range is refused", async () => {
    const asked = { from: "2026-11-06T00:00:00Z", to: "2026-11-05T00:00:00Z" };
    await expect(ask(countsOf([]), asked)).rejects.toThrow("from: must be before to");
  });

  it("a request for more numbers than an answer may have is refused", async () => {
    const boxes = Array.from({ length: 25_001 }, (_, n) => half("2026-11-05T08:00:00Z", 1, { box: `${n}` }));
    const asked = { from: "2026-11-05T00:00:00Z", to: "2026-11-06T00:00:00Z" };
    await expect(ask(countsOf(boxes), asked)).rejects.toThrow(
      "there are over 25,000 numbers: name a box, ask by day, or ask for fewer days",
    );
    await expect(ask(countsOf(boxes), { ...asked, by: "day" })).rejects.toThrow("name a box, or ask for fewer days");
    await expect(ask(countsOf(boxes.slice(1)), asked)).resolves.toMatchObject({ zone: "UTC" });
  });
});
