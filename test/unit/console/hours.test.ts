import { describe, expect, it } from "vitest";
import { openPage } from "./support.ts";

async function hours() {
  await openPage(() => 503);
  const days = await import("../../../packages/console/src/state/days.ts");
  const zone = await import("../../../packages/console/src/state/hours/zoned.ts");
  const { chosenTimes, typedTimes } = await import("../../../packages/console/src/hours/correcting.ts");
  const { changedDays } = await import("../../../packages/console/src/state/hours/sheet.ts");
  const { shownIn } = await import("../../../packages/console/src/hours/shown.ts");
  return { ...days, ...zone, chosenTimes, typedTimes, changedDays, shownIn };
}

describe("days of Hours", () => {
  it.each([
    ["day", "2026-11-18", "2026-11-18", "2026-11-18"],
    ["week", "2026-11-22", "2026-11-16", "2026-11-22"],
    ["week", "2027-01-01", "2026-12-28", "2027-01-03"],
    ["month", "2026-02-28", "2026-02-01", "2026-02-28"],
    ["month", "2028-02-10", "2028-02-01", "2028-02-29"],
  ] as const)("a %s of %s begins and ends with whole days", async (period, day, from, to) => {
    expect((await hours()).stretchOf(period, day)).toEqual({ from, to });
  });

  it("steps to other periods, but to none that is to come", async () => {
    const { stepped } = await hours();
    expect(stepped("week", "2026-11-18", -1, "2026-11-20")).toBe("2026-11-09");
    expect(stepped("week", "2026-11-18", 1, "2026-11-20")).toBeNull();
    expect(stepped("month", "2026-10-31", 1, "2026-11-20")).toBe("2026-11-01");
    expect(stepped("day", "2000-01-01", -1, "2026-11-20")).toBeNull();
  });

  it.each([null, "", "2026-11-21", "2026-02-30", "1999-12-31", "__proto__", "9".repeat(5000)])(
    "an address with the day %s shows today",
    async (text) => {
      expect((await hours()).dayOf(text, "2026-11-20")).toBe("2026-11-20");
    },
  );

  it.each([
    ["2026-11-16", 47],
    ["2026-01-01", 1],
    ["2027-01-01", 53],
    ["2024-12-30", 1],
  ])("%s is in week %i", async (day, week) => {
    expect((await hours()).weekNumber(day)).toBe(week);
  });

  it("names periods as people do", async () => {
    const { dayInWords, longDay, shortDay, stretchInWords } = await hours();
    expect(stretchInWords({ from: "2026-11-16", to: "2026-11-22" })).toBe("16–22 Nov 2026");
    expect(stretchInWords({ from: "2026-11-30", to: "2026-12-06" })).toBe("30 Nov – 6 Dec 2026");
    expect(dayInWords("2026-11-18")).toBe("Wed 18 Nov 2026");
    expect(longDay("2026-11-18")).toBe("Wednesday 18 November");
    expect(shortDay("2026-11-16")).toBe("Mon 16");
  });

  it("reads the address by the clocks of the site", async () => {
    const { shownIn } = await hours();
    const site = { id: "hq", zone: "Asia/Shanghai" } as Parameters<typeof shownIn>[1]["site"];
    const now = Date.parse("2026-11-19T17:00:00Z");
    const { today, asked } = shownIn({ by: ["day"], only: ["late", "x"] }, { site, now, usual: "week" });
    expect(today).toBe("2026-11-20");
    expect(asked).toEqual({ site: "hq", from: "2026-11-20", to: "2026-11-20", group: null, only: ["late"] });
    expect(shownIn({ by: ["year"] }, { site, now, usual: "week" }).asked.from).toBe("2026-11-16");
  });
});

describe("clocks of a site", () => {
  it("shows times and days of the zone", async () => {
    const { zonedClock, zonedDay, zonedTime } = await hours();
    expect(zonedClock("2026-11-17T22:08:59Z", "Asia/Shanghai")).toBe("06:08:59");
    expect(zonedDay("2026-11-17T22:08:59Z", "Asia/Shanghai")).toBe("2026-11-18");
    expect(zonedTime("2026-11-17T22:08:59Z", "Not/AZone")).toBe("22:08");
  });

  it.each([
    ["Asia/Shanghai", "2026-11-18", "08:25", "2026-11-18T00:25:00.000Z"],
    ["Europe/Berlin", "2026-07-01", "00:00", "2026-06-30T22:00:00.000Z"],
    ["Europe/Berlin", "2026-10-25", "09:00", "2026-10-25T08:00:00.000Z"],
    ["America/New_York", "2026-03-08", "09:00", "2026-03-08T13:00:00.000Z"],
  ])("clocks in %s show %s %s at %s", async (zone, day, time, instant) => {
    expect(new Date((await hours()).zonedInstant(day, time, zone)).toISOString()).toBe(instant);
  });

  it("takes a typed last out of a night shift for the next day", async () => {
    const { typedTimes } = await hours();
    const night = { day: "2026-11-16", zone: "Asia/Shanghai", shift: { start: "22:00", end: "06:00" } };
    const iso = (times: ReturnType<typeof typedTimes>) =>
      [times.in, times.out].map((at) => (at === null ? null : new Date(at + 8 * 3_600_000).toISOString().slice(0, 16)));
    expect(iso(typedTimes({ in: "21:52", out: "06:08" }, night))).toEqual(["2026-11-16T21:52", "2026-11-17T06:08"]);
    expect(iso(typedTimes({ in: "00:10", out: "" }, night))).toEqual(["2026-11-17T00:10", null]);
    expect(iso(typedTimes({ in: "", out: "23:50" }, { ...night, shift: null }))).toEqual([null, "2026-11-16T23:50"]);
  });

  it("offers the next day for a last out that is not after the first in", async () => {
    const { chosenTimes } = await hours();
    const place = { day: "2026-11-16", zone: "Asia/Shanghai", shift: null };
    const counted = { in: "2026-11-16T13:52:00.000Z", out: null };
    const chosen = (out: string, isNextDay: boolean) =>
      chosenTimes({ in: "", out }, place, { counted, kept: null, isNextDay });
    const at = Date.parse("2026-11-16T06:08:00+08:00");
    expect(chosen("06:08", false)).toEqual({ in: null, out: at, mayBeNextDay: true });
    expect(chosen("06:08", true)).toEqual({ in: null, out: at + 86_400_000, mayBeNextDay: true });
    expect(chosen("23:50", true).mayBeNextDay).toBe(false);
  });
});

it("counts the cells that are others than they were", async () => {
  const { changedDays } = await hours();
  type Sheet = Parameters<typeof changedDays>[0];
  const day = (date: string, late: number, state = "worked") => ({
    day: date,
    in: "a",
    out: "b",
    minutes: 5,
    late,
    early: 0,
    state,
    isCorrected: false,
  });
  const sheet = (...people: [id: string, days: ReturnType<typeof day>[]][]) =>
    ({ people: people.map(([id, days]) => ({ library: "gate-1", id, days })) }) as unknown as Sheet;
  const before = sheet(["1", [day("2026-11-16", 0), day("2026-11-17", 3)]]);
  const after = sheet(
    ["1", [day("2026-11-16", 24), day("2026-11-17", 3)]],
    ["2", [day("2026-11-16", 0), day("2026-11-17", 0, "rest")]],
  );
  expect(changedDays(before, before)).toBe(0);
  expect(changedDays(before, after)).toBe(2);
});

describe("schedules", () => {
  const drafts = async () => {
    await openPage(() => 503);
    return {
      ...(await import("../../../packages/console/src/hours/schedules/draft.ts")),
      ...(await import("../../../packages/console/src/hours/schedules/week.ts")),
    };
  };

  it("a new draft can be saved once it has a name and a group", async () => {
    const { draftOf, wishOf } = await drafts();
    const draft = draftOf(null, "2026-11-01");
    expect(wishOf(draft, "hq")).toBeNull();
    draft.name.value = " Office ";
    draft.groups.value = "office, 白班，office";
    expect(wishOf(draft, "hq")).toMatchObject({
      site: "hq",
      name: "Office",
      groups: ["office", "白班"],
      lateAfter: 10,
    });
    draft.lateAfter.value = "721";
    expect(wishOf(draft, "hq")).toBeNull();
  });

  it("a draft of a 24-hour shift can be saved, and spans two days", async () => {
    const { draftOf, wishOf, spanOf } = await drafts();
    const draft = draftOf(null, "2026-11-01");
    for (const name of ["name", "groups"] as const) draft[name].value = "Guards";
    for (const name of ["start", "end"] as const) draft[name].value = "08:00";
    for (const name of ["inFrom", "outFrom"] as const) draft[name].value = "06:00";
    for (const name of ["inTo", "outTo"] as const) draft[name].value = "10:00";
    const wish = wishOf(draft, "hq");
    expect(wish).toMatchObject({ start: "08:00", end: "08:00", inWindow: ["06:00", "10:00"] });
    const span = wish === null ? null : spanOf(wish);
    expect(span).toEqual({ start: 480, end: 1920, in: [360, 600], out: [1800, 2040] });
  });

  it("spans a night shift as the server does", async () => {
    const { spanOf } = await drafts();
    const night = { start: "22:00", end: "06:00", inWindow: ["18:00", "02:00"], outWindow: ["02:00", "12:00"] };
    expect(spanOf(night)).toEqual({ start: 1320, end: 1800, in: [1080, 1560], out: [1560, 2160] });
  });

  it.each([
    [[1, 2, 3, 4, 5], "Mon–Fri"],
    [[1, 2, 3, 4, 7], "Sun–Thu"],
    [[1, 3], "Mon, Wed"],
    [[1, 2, 3, 4, 5, 6, 7], "every day"],
    [[1, 2, 4, 5], "Mon, Tue, Thu, Fri"],
  ])("names the days %j %s", async (days, words) => {
    expect((await drafts()).daysInWords(days)).toBe(words);
  });
});
