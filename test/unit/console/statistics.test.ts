import { expect, it, vi } from "vitest";
import { dayIn, pastOf, stepped, stretchOf } from "../../../packages/console/src/statistics/periods.ts";
import { openPage } from "./support.ts";

const at = (text: string) => new Date(text).getTime();
const now = at("2026-11-20T08:41:00");

it.each([
  ["day", "2026-11-20", "2026-11-21", "2026-11-13"],
  ["week", "2026-11-16", "2026-11-23", "2026-11-09"],
  ["month", "2026-11-01", "2026-12-01", "2026-10-01"],
] as const)("a %s begins and ends with whole days, and is beside an earlier one", (period, from, to, past) => {
  const stretch = stretchOf(period, now);
  expect(stretch).toMatchObject({ from: at(`${from}T00:00`), to: at(`${to}T00:00`) });
  expect(pastOf(period, stretch).from).toBe(at(`${past}T00:00`));
});

it("a Sunday is the last day of its week, also if clocks are changed then", () => {
  vi.stubEnv("TZ", "Europe/Berlin");
  const { from, to } = stretchOf("week", at("2026-10-25T23:30:00"));
  expect([from, to]).toEqual([at("2026-10-19T00:00"), at("2026-10-26T00:00")]);
  expect(to - from).toBe((7 * 24 + 1) * 3_600_000);
  vi.unstubAllEnvs();
});

it.each([null, "", "2026-11-21", "2026-02-30", "2026-13-01", "1999-12-31", "26-1-1", "__proto__", "9".repeat(5000)])(
  "an address with the day %s shows today",
  (text) => {
    expect(dayIn(text, now)).toBe(at("2026-11-20T00:00"));
  },
);

it("leads to the periods before and after, but to none that is to come", () => {
  expect(dayIn("2000-01-01", now)).toBe(at("2000-01-01T00:00"));
  expect(stepped("day", at("2026-11-19T00:00"), 1, now)).toBe("2026-11-20");
  expect(stepped("day", at("2026-11-20T00:00"), 1, now)).toBeNull();
  expect(stepped("week", at("2026-11-20T00:00"), -1, now)).toBe("2026-11-09");
  expect(stepped("month", at("2026-03-31T00:00"), -1, now)).toBe("2026-02-01");
  expect(stepped("month", at("2026-11-02T00:00"), 1, now)).toBeNull();
  expect(stepped("day", at("2000-01-01T00:00"), -1, now)).toBeNull();
});

it("compares an unfinished day by its hours that are over", async () => {
  await openPage(() => 503);
  const { barsOf, untilNow } = await import("../../../packages/console/src/statistics/bars-of.ts");
  const { changeWords } = await import("../../../packages/console/src/statistics/change.ts");
  const { shownIn } = await import("../../../packages/console/src/statistics/shown.ts");
  const shown = shownIn({ compare: ["week"] }, now);
  const bucket = (hour: number, count: number, before: number) => ({
    start: new Date(at("2026-11-20T00:00") + hour * 3_600_000).toISOString(),
    box: "gate-1",
    type: "employee" as const,
    count,
    before,
  });
  const buckets = [bucket(7, 13, 10), bucket(8, 5, 40), bucket(20, 2, 30)];
  const { from, to } = shown.stretch;
  const { bars, future } = untilNow(barsOf({ by: "hour", buckets }, from, to), now);
  expect(future).toBe(2);
  expect(bars.map(({ total }) => total).filter((total) => total > 0)).toEqual([13, 5]);
  const change = changeWords(shown, bars, (bar) => [bar.total, bar.totalBefore]);
  expect(change).toBe("↑ 30 % · 10 on Fri 13 Nov, both until 08:00");
  expect(changeWords({ ...shown, compare: null }, bars, (bar) => [bar.total, bar.totalBefore])).toBeNull();
  const without = bars.map((bar) => ({ ...bar, totalBefore: 0 }));
  expect(changeWords(shown, without, (bar) => [bar.total, bar.totalBefore])).toBe("no week before");
});

it("tells gates apart, and writes bars as a table", async () => {
  await openPage(() => 503);
  const { gatesOf } = await import("../../../packages/console/src/statistics/gates-of.ts");
  const { barsCsv } = await import("../../../packages/console/src/statistics/export.tsx");
  const { shownIn } = await import("../../../packages/console/src/statistics/shown.ts");
  const shown = shownIn({ at: ["2026-11-19"] }, now);
  const bucket = (device: string | null, count: number) => ({
    start: new Date("2026-11-19T09:00:00").toISOString(),
    box: "gate-1",
    device,
    type: "vip" as const,
    count,
    before: 1,
  });
  const buckets = [bucket("door", 1), bucket(null, 3), bucket("ramp", 2)];
  const stats = { by: "hour" as const, zone: "UTC", buckets, match: [], busiest: null, usualWeek: [] };
  const gates = gatesOf(stats, shown);
  expect(gates.map(({ device, total }) => [device, total])).toEqual([
    [null, 3],
    ["ramp", 2],
    ["door", 1],
  ]);
  const lines = barsCsv(gates[0]?.bars ?? [], true).split("\r\n");
  expect(lines[0]).toBe("\ufefffrom,to,employee,visitor,vip,stranger,blacklist,unknown,all,before");
  expect(lines[10]).toContain('"0","0","3","0","0","0","3","1"');
  expect(lines).toHaveLength(26);
});
