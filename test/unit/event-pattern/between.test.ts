import { compile, explain, hoursApart, matches, PatternError } from "@gatepost/event-pattern";
import { describe, expect, it } from "vitest";

const at = (member: object) => compile({ time: [member] });
const takes = (member: object, time: string) => matches(at(member), { time });

/** Friday 20 November 2026; Shanghai is 8 hours ahead. */
const night = { between: ["22:00", "06:00"], zone: "Asia/Shanghai" };

describe("between", () => {
  it.each([
    ["2026-11-20T13:59:59.999Z", false],
    ["2026-11-20T14:00:00Z", true],
    ["2026-11-20T22:00:00+08:00", true],
    ["2026-11-20T21:59:59.999Z", true],
    ["2026-11-20T22:00:00Z", false],
    ["2026-11-21T05:59:00+08:00", true],
    ["2026-11-21T12:00:00+08:00", false],
  ])("takes hours over midnight on the clocks of its zone: %s", (time, isTaken) => {
    expect(takes(night, time)).toBe(isTaken);
  });

  it("takes hours within a day from the first minute to before the last", () => {
    const day = { between: ["08:00", "18:00"], zone: "UTC" };
    const times = ["07:59:59", "08:00:00", "17:59:59", "18:00:00"].map((time) => takes(day, `2026-11-20T${time}Z`));
    expect(times).toEqual([false, true, true, false]);
  });

  it("counts hours after midnight to the weekday on which they began", () => {
    const friday = { ...night, weekdays: [5] };
    expect(takes(friday, "2026-11-20T23:00:00+08:00")).toBe(true);
    expect(takes(friday, "2026-11-21T05:00:00+08:00")).toBe(true);
    expect(takes(friday, "2026-11-20T05:00:00+08:00")).toBe(false);
    expect(takes(friday, "2026-11-21T23:00:00+08:00")).toBe(false);
    const sunday = { ...night, weekdays: [7] };
    expect(takes(sunday, "2026-11-23T05:00:00+08:00")).toBe(true);
  });

  it("takes whole days", () => {
    const workdays = { between: ["00:00", "24:00"], zone: "UTC", weekdays: [1, 2, 3, 4, 5] };
    expect(takes(workdays, "2026-11-20T23:59:59Z")).toBe(true);
    expect(takes(workdays, "2026-11-21T00:00:00Z")).toBe(false);
  });

  it("goes by the clocks when they change", () => {
    const hour = { between: ["02:00", "03:00"], zone: "Europe/Berlin" };
    // In the autumn there are two such hours, in the spring none.
    expect(takes(hour, "2026-10-25T00:30:00Z")).toBe(true);
    expect(takes(hour, "2026-10-25T01:30:00Z")).toBe(true);
    expect([0, 30, 59, 60, 90].some((n) => takes(hour, new Date(Date.UTC(2026, 2, 29, 0, 30 + n)).toISOString()))).toBe(
      false,
    );
  });

  it.each([
    ["a date", "2026-11-20"],
    ["a day that is none", "2026-13-40T22:00:00Z"],
    ["a long text", `2026-11-20T22:00:00Z${" ".repeat(1_000_000)}`],
    ["digits without an end", `2026-11-20T22:00:00.${"0".repeat(1_000_000)}`],
  ])("does not take %s", (_, time) => {
    expect(takes({ between: ["00:00", "24:00"], zone: "UTC" }, time)).toBe(false);
    expect(matches(at(night), { time: 1_763_647_200 })).toBe(false);
  });

  it.each([
    ["no list", { between: "22:00", zone: "UTC" }],
    ["an hour that is none", { between: ["24:30", "06:00"], zone: "UTC" }],
    ["one time", { between: ["22:00"], zone: "UTC" }],
    ["three times", { between: ["22:00", "06:00", "07:00"], zone: "UTC" }],
    ["the end of the day first", { between: ["24:00", "06:00"], zone: "UTC" }],
    ["equal times", { between: ["06:00", "06:00"], zone: "UTC" }],
    ["no zone", { between: ["22:00", "06:00"] }],
    ["a zone that is none", { between: ["22:00", "06:00"], zone: "Mars/Olympus" }],
    ["a long zone", { between: ["22:00", "06:00"], zone: "A/".repeat(5000) }],
    ["no days", { ...night, weekdays: [] }],
    ["a day that is none", { ...night, weekdays: [0] }],
    ["a day twice", { ...night, weekdays: [1, 1] }],
    ["another operator beside it", { ...night, prefix: "2026" }],
  ])("refuses %s", (_, member) => {
    expect(() => at(member)).toThrow(PatternError);
  });

  it("is explained with its zone", () => {
    expect(explain(at(night), { time: "2026-11-20T00:39:51Z" })).toEqual([
      {
        path: "time",
        holds: false,
        is: "2026-11-20T00:39:51Z",
        wants: 'between ["22:00","06:00"] zone "Asia/Shanghai"',
      },
    ]);
  });
});

describe("a pattern for EventBridge", () => {
  it("is cut into the part for EventBridge and the part with hours", () => {
    const person = { type: ["stranger"] };
    const whole = { source: ["gatepost"], detail: { event: { person, time: [night] } } };
    expect(hoursApart(whole)).toEqual({
      bus: { source: ["gatepost"], detail: { event: { person } } },
      hours: { detail: { event: { time: [night] } } },
    });
    expect(hoursApart({ detail: { event: { time: [night] } } })).toMatchObject({ bus: null });
    expect(hoursApart({ source: ["gatepost"] })).toEqual({ bus: { source: ["gatepost"] }, hours: null });
  });

  it("has no hours within $or", () => {
    const either = { $or: [{ source: ["gatepost"] }, { detail: { event: { time: [night] } } }] };
    expect(() => hoursApart(either)).toThrow("$.$or: here between is not for $or");
  });
});
