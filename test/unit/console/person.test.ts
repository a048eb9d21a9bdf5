import { describe, expect, it } from "vitest";
import {
  axisFor,
  courseOf,
  hourText,
  usualSpan,
  weekdayOf,
} from "../../../packages/console/src/people/person/course.ts";
import { weekdaysText } from "../../../packages/console/src/people/person/weekdays.ts";
import { apartFrom } from "../../../packages/console/src/people/stranger/apart.ts";
import { hoursAndMinutes, zonedMinutes, zonedTime } from "../../../packages/console/src/state/hours/zoned.ts";

describe("times of a zone", () => {
  it("are as its clocks show them", () => {
    expect(zonedTime("2026-11-20T00:01:59Z", "Asia/Shanghai")).toBe("08:01");
    expect(zonedMinutes("2026-11-20T00:01:59Z", "2026-11-20", "Asia/Shanghai")).toBe(481);
  });

  it("are over a day after the next midnight", () => {
    expect(zonedMinutes("2026-11-20T22:10:00Z", "2026-11-20", "Asia/Shanghai")).toBe(1810);
  });

  it("follow a change of the clock", () => {
    expect(zonedMinutes("2026-10-25T08:00:00Z", "2026-10-25", "Europe/Berlin")).toBe(540);
  });

  it("are of UTC for a zone that the browser does not know", () => {
    expect(zonedTime("2026-11-20T08:01:00Z", "Moon/Sea")).toBe("08:01");
  });

  it.each([
    [0, "0:00"],
    [585, "9:45"],
    [1500, "25:00"],
  ])("make %i minutes %s", (minutes, text) => {
    expect(hoursAndMinutes(minutes)).toBe(text);
  });
});

describe("the course of a day", () => {
  const apart = { nightMinutes: 0, leaveFrom: null, leaveTo: null };
  const day = {
    day: "2026-11-20",
    state: "worked" as const,
    minutes: null,
    break: 0,
    ...apart,
    late: 0,
    early: 0,
    flags: [],
  };
  const course = (...times: string[]) =>
    courseOf({ ...day, in: times[0] ?? null, out: times.at(-1) ?? null, passings: times }, "UTC");

  it("is in minutes from midnight", () => {
    expect(course("2026-11-20T08:01:00Z", "2026-11-20T17:48:00Z")).toEqual({
      day: "2026-11-20",
      in: 481,
      out: 1068,
      passings: [481, 1068],
    });
  });

  it.each([
    ["the usual day", ["2026-11-20T08:01:00Z", "2026-11-20T21:59:00Z"], [360, 1320]],
    ["the whole day", ["2026-11-20T05:30:00Z", "2026-11-20T17:48:00Z"], [0, 1440]],
    ["a night shift", ["2026-11-20T22:00:00Z", "2026-11-21T06:00:00Z"], [0, 2160]],
    ["a day without passings", [], [360, 1320]],
  ])("has an axis for %s", (_, times, [from, to]) => {
    expect(axisFor([course(...times)])).toMatchObject({ from, to });
  });

  it("names the lines of its axis by the hours that clocks show", () => {
    const night = axisFor([course("2026-11-20T22:00:00Z", "2026-11-21T06:00:00Z")]);
    expect(night.lines.map(hourText)).toEqual(["00", "12", "00", "12"]);
  });

  it("has a weekday, of which Sunday is the last", () => {
    expect(["2026-11-16", "2026-11-20", "2026-11-22"].map(weekdayOf)).toEqual([1, 5, 7]);
  });

  it("has usual hours, also over midnight", () => {
    expect(usualSpan({ in: ["07:52", "08:24"], out: ["17:35", "18:20"], weekdays: [1] })).toEqual([472, 1100]);
    expect(usualSpan({ in: ["21:50", "22:10"], out: ["05:55", "06:10"], weekdays: [1] })).toEqual([1310, 1810]);
    expect(usualSpan({ in: ["07:52", "08:24"], out: null, weekdays: [1] })).toBeNull();
  });
});

describe("weekdays in words", () => {
  const en = { locale: "en-GB", range: (from: string, to: string) => `${from} to ${to}`, comma: ", " };
  const zh = { locale: "zh-CN", range: (from: string, to: string) => `${from}至${to}`, comma: "、" };

  it.each([
    [[1, 2, 3, 4, 5], "Monday to Friday", "周一至周五"],
    [[7, 1, 2], "Monday, Tuesday, Sunday", "周一、周二、周日"],
    [[], "", ""],
  ])("name %j", (weekdays, english, chinese) => {
    expect(weekdaysText(weekdays, en)).toBe(english);
    expect(weekdaysText(weekdays, zh)).toBe(chinese);
  });
});

describe("the distance of two passings", () => {
  it.each([
    ["2026-11-18T22:14:09Z", { is: "before", unit: "hours", count: 34 }],
    ["2026-11-20T08:20:13Z", { is: "before", unit: "minutes", count: 20 }],
    ["2026-11-20T11:10:13Z", { is: "after", unit: "hours", count: 3 }],
  ])("from %s is in words of its size", (other, apart) => {
    expect(apartFrom("2026-11-20T08:40:13Z", other)).toEqual(apart);
  });
});
