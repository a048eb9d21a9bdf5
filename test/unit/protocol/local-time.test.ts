import { LocalTimes, ZoneNeeded } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { clockText, wallClock } from "../../../packages/protocol/src/local-time.ts";

const shanghai = new LocalTimes("Asia/Shanghai");
const iso = (time: number | undefined) => (time === undefined ? undefined : new Date(time).toISOString());

describe("a time without a zone", () => {
  it.each([
    ["2026-11-24 08:01:18"],
    ["2026-11-24T08:01:18"],
    ["2026-11-24T08:01:18.250"],
    ["20261124080118"],
    ["24-11-2026 08:01:18"],
    [" 2026-11-24 08:01:18 "],
  ])("%s is read on the clocks of its zone", (text) => {
    expect(iso(shanghai.timeOf(text))).toBe("2026-11-24T00:01:18.000Z");
  });

  it.each([
    ["UTC", "2026-11-24T08:01:18.000Z"],
    ["America/Sao_Paulo", "2026-11-24T11:01:18.000Z"],
    ["Asia/Kolkata", "2026-11-24T02:31:18.000Z"],
    ["Asia/Kathmandu", "2026-11-24T02:16:18.000Z"],
    ["America/St_Johns", "2026-11-24T11:31:18.000Z"],
    ["Pacific/Kiritimati", "2026-11-23T18:01:18.000Z"],
  ])("is read in %s", (zone, time) => {
    expect(iso(new LocalTimes(zone).timeOf("2026-11-24 08:01:18"))).toBe(time);
  });

  it.each([
    ["before clocks are put back", "2026-10-25 02:30:00", "2026-10-25T00:30:00.000Z"],
    ["after clocks were put back", "2026-10-25 03:30:00", "2026-10-25T02:30:00.000Z"],
    ["in the hour that is left out", "2026-03-29 02:30:00", "2026-03-29T01:30:00.000Z"],
    ["after clocks were put forward", "2026-03-29 03:30:00", "2026-03-29T01:30:00.000Z"],
  ])("is read %s", (_, text, time) => {
    expect(iso(new LocalTimes("Europe/Berlin").timeOf(text))).toBe(time);
  });

  it.each(["", "2026-02-31 08:00:00", "2026-11-24", "2026-11-24 24:00:00", "24-13-2026 08:01:18", "x".repeat(99)])(
    "%s is no time",
    (text) => {
      expect(shanghai.timeOf(text)).toBeUndefined();
    },
  );

  it.each([null, "Mars/Olympus"])("is not known in the zone %s", (zone) => {
    const local = new LocalTimes(zone);
    expect(local.timeOf("2026-11-24 08:01:18")).toBeUndefined();
    expect(local.textOf(0)).toBeNull();
    expect(local.minutesAt(0)).toBeNull();
  });

  it("asks for a zone that is not read yet, and only for a time", () => {
    const unread = new LocalTimes(undefined);
    expect(() => unread.timeOf("2026-11-24 08:01:18")).toThrow(ZoneNeeded);
    expect(() => unread.textOf(0)).toThrow(ZoneNeeded);
    expect(unread.timeOf("no time")).toBeUndefined();
  });
});

describe("the clocks of a zone", () => {
  it("show a time, and how far they are ahead", () => {
    const time = Date.parse("2026-11-24T00:01:18Z");
    expect(shanghai.textOf(time)).toBe("2026-11-24 08:01:18");
    expect(shanghai.minutesAt(time)).toBe(480);
    expect(new LocalTimes("America/St_Johns").minutesAt(time)).toBe(-210);
    expect(shanghai.textOf(Number.NaN)).toBeNull();
  });

  it("show the seconds by which they once differed", () => {
    expect(new LocalTimes("Europe/London").textOf(Date.UTC(1840, 0, 1))).toBe("1839-12-31 23:58:45");
  });

  it("are read again once many zones were", () => {
    for (const zone of Intl.supportedValuesOf("timeZone").slice(0, 70)) new LocalTimes(zone).textOf(0);
    expect(shanghai.textOf(0)).toBe("1970-01-01 08:00:00");
  });

  it("are a number that is written as it was read", () => {
    expect(clockText(wallClock("2026-11-24 08:01:18") ?? 0)).toBe("2026-11-24 08:01:18");
  });
});
