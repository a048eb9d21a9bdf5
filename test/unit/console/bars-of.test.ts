import type { Stats } from "@gatepost/client";
import { afterEach, expect, it, vi } from "vitest";
import { countedStretch, isMidnightCut, stretchOf } from "../../../packages/console/src/statistics/periods.ts";
import { readStatistics } from "../../../packages/core/src/statistics/statistics.ts";
import { Zone } from "../../../packages/core/src/zones/zone.ts";
import { openPage } from "./support.ts";

afterEach(() => void vi.unstubAllEnvs());

const halfHourMs = 30 * 60_000;

/** The page's bars, and the server's counts, if one person passes in each half-hour of three days around it. */
async function shownIn(zone: string, day: string, period: "day" | "week" = "day") {
  await openPage(() => 503);
  vi.stubEnv("TZ", zone);
  const { barsOf } = await import("../../../packages/console/src/statistics/bars-of.ts");
  const noon = new Date(`${day}T12:00:00`).getTime();
  const stretch = stretchOf(period, noon);
  const counted = countedStretch(stretch);
  const passed = (from: number, to: number) =>
    Array.from({ length: (to - from) / halfHourMs }, (_, at) => from + at * halfHourMs);
  const counts = {
    async *read({ from, to }: { from: number; to: number }) {
      const halfHours = passed(from, to).map((start) => ({
        box: "b",
        device: null,
        start,
        type: "employee" as const,
        count: 1,
      }));
      yield { halfHours, match: [] };
    },
    totals: async () => new Map(),
    flags: async () => [],
    flagged: async () => 0,
  };
  const asked = { by: stretch.by, zone: Zone.find(zone) ?? Zone.utc, boxes: null, ...counted };
  const stats = await readStatistics(asked, counts, noon);
  const bars = barsOf(stats as Pick<Stats, "by" | "buckets">, stretch.from, stretch.to);
  const sum = stats.buckets.reduce((all, { count }) => all + count, 0);
  return { stretch, sum, bars, stats };
}

const twoDigits = (hour: number) => String(hour).padStart(2, "0");
const zones = ["UTC", "Asia/Shanghai", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Chatham", "America/St_Johns"];

it.each(zones)("shows the whole day of %s and nothing of the day before", async (zone) => {
  const { bars, sum } = await shownIn(zone, "2026-06-10");
  expect(bars.map(({ label }) => label)).toEqual(Array.from({ length: 24 }, (_, hour) => twoDigits(hour)));
  expect(bars.map(({ total }) => total)).toEqual(Array.from({ length: 24 }, () => 2));
  expect(sum).toBe(48);
});

it.each(zones)("shows whole days of a week of %s", async (zone) => {
  const { bars, sum } = await shownIn(zone, "2026-06-10", "week");
  expect(bars.map(({ total }) => total)).toEqual(Array.from({ length: 7 }, () => 48));
  expect(sum).toBe(7 * 48);
});

it.each([
  ["Australia/Lord_Howe", "2026-10-04", 47],
  ["Australia/Lord_Howe", "2026-04-05", 49],
  ["Europe/Berlin", "2026-10-25", 50],
  ["Europe/Berlin", "2026-03-29", 46],
])("labels each hour as clocks show it where they are changed: %s on %s", async (zone, day, halfHours) => {
  const { bars, stats, sum } = await shownIn(zone, day);
  expect([sum, bars.reduce((all, { total }) => all + total, 0)]).toEqual([halfHours, halfHours]);
  const told = new Map<string, number>();
  for (const { start, count } of stats.buckets) {
    const hour = start.slice(11, 13);
    told.set(hour, (told.get(hour) ?? 0) + count);
  }
  const shown = new Map<string, number>();
  for (const { label, total } of bars) if (total > 0) shown.set(label, (shown.get(label) ?? 0) + total);
  expect(shown).toEqual(told);
});

it("says where minutes after midnight count with the day before", async () => {
  expect(isMidnightCut((await shownIn("Asia/Kathmandu", "2026-06-10")).stretch)).toBe(true);
  expect(isMidnightCut((await shownIn("Asia/Kolkata", "2026-06-10")).stretch)).toBe(false);
});

it("knows the last bar with passings", async () => {
  await openPage(() => 503);
  const { lastPassed } = await import("../../../packages/console/src/statistics/bars-of.ts");
  expect(lastPassed([0, 3, 0, 1, 0].map((total) => ({ total })))).toBe(3);
  expect(lastPassed([0, 0].map((total) => ({ total })))).toBe(0);
});
