import { describe, expect, it } from "vitest";
import { Zone } from "../../../../packages/core/src/zones/zone.ts";

const zone = (name: string) => {
  const found = Zone.find(name);
  if (found === null) throw new Error(`there is no zone ${name}`);
  return found;
};

const minutes = (count: number) => count * 60_000;

describe("a zone", () => {
  it.each(["", "Nowhere/Else", "Asia/Shanghai ", "x".repeat(64), "../etc", "Asia\u0000/Shanghai"])(
    "%j does not exist",
    (name) => {
      expect(Zone.find(name)).toBeNull();
    },
  );

  it.each([
    ["UTC", "2026-11-05T12:00:00Z", 0],
    ["Asia/Shanghai", "2026-11-05T12:00:00Z", 480],
    ["Asia/Kathmandu", "2026-11-05T12:00:00Z", 345],
    ["Asia/Kolkata", "2026-11-05T12:00:00Z", 330],
    ["Pacific/Chatham", "2026-11-05T12:00:00Z", 825],
    ["Pacific/Marquesas", "2026-11-05T12:00:00Z", -570],
    ["Europe/Berlin", "2026-03-29T00:59:59Z", 60],
    ["Europe/Berlin", "2026-03-29T01:00:00Z", 120],
    ["Europe/Berlin", "2026-10-25T00:30:00Z", 120],
    ["Europe/Berlin", "2026-10-25T01:00:00Z", 60],
    ["Australia/Lord_Howe", "2026-04-04T14:59:00Z", 660],
    ["Australia/Lord_Howe", "2026-04-04T15:00:00Z", 630],
  ])("%s at %s is %i minutes ahead", (name, time, ahead) => {
    expect(zone(name).offsetAt(Date.parse(time))).toBe(minutes(ahead));
  });

  it("a time is given as the zone's clocks show it", () => {
    const time = Date.parse("2026-11-05T18:15:00Z");
    expect(zone("Asia/Kathmandu").text(time)).toBe("2026-11-06T00:00:00+05:45");
    expect(zone("America/St_Johns").text(time)).toBe("2026-11-05T14:45:00-03:30");
    expect(zone("UTC").text(time)).toBe("2026-11-05T18:15:00+00:00");
  });

  it.each([
    ["Asia/Shanghai", "2026-11-05", "2026-11-05T00:00:00+08:00"],
    ["Asia/Kathmandu", "2026-11-05", "2026-11-05T00:00:00+05:45"],
    ["Europe/Berlin", "2026-03-29", "2026-03-29T00:00:00+01:00"],
    // Clocks are put forward at midnight: the date begins at one.
    ["Africa/Cairo", "2026-04-24", "2026-04-24T01:00:00+03:00"],
    ["America/Santiago", "2026-09-06", "2026-09-06T01:00:00-03:00"],
    // Clocks are put back at midnight, so the hour before it occurs twice.
    ["Africa/Cairo", "2026-10-30", "2026-10-30T00:00:00+02:00"],
    ["America/Santiago", "2026-04-05", "2026-04-05T00:00:00-04:00"],
    // They are put back from one to midnight: the date begins with the first.
    ["America/Havana", "2026-11-01", "2026-11-01T00:00:00-04:00"],
  ])("%s: %s begins at %s", (name, date, start) => {
    const found = zone(name);
    const day = Date.parse(`${date}T00:00:00Z`) / 86_400_000;
    expect(found.text(found.startOfDay(day))).toBe(start);
    expect(found.dayOf(found.startOfDay(day))).toBe(day);
    expect(found.dayOf(found.startOfDay(day) - 1)).toBe(day - 1);
  });

  it("an old offset with seconds is read", () => {
    expect(zone("Africa/Monrovia").offsetAt(0)).toBe(-(minutes(44) + 30_000));
  });
});
