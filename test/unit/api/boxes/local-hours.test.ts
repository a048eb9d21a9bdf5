import { LocalHours } from "@gatepost/core/boxes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hour, minute } from "./support.ts";

describe("the hours of a zone", () => {
  it("local hours begin by the zone's clocks, also with half-hour offsets", () => {
    const kolkata = new LocalHours("Asia/Kolkata");
    const time = Date.UTC(2026, 10, 20, 6, 45);
    expect(kolkata.nextHour(time)).toBe(Date.UTC(2026, 10, 20, 7, 30));
    expect(kolkata.hourOf(time) % 24).toBe(12);
  });

  it("the days of a zone are local days, not UTC days", () => {
    const shanghai = new LocalHours("Asia/Shanghai");
    const evening = Date.UTC(2026, 10, 20, 15, 59);
    expect(shanghai.dayOf(evening)).toBe(new LocalHours("UTC").dayOf(evening));
    expect(shanghai.dayOf(evening + minute)).toBe(shanghai.dayOf(evening) + 1);
  });

  it("local hours leave out the hour skipped in spring, and repeat one in autumn", () => {
    const berlin = new LocalHours("Europe/Berlin");
    const spring = Date.UTC(2026, 2, 29, 0, 30);
    expect(berlin.hourOf(spring + hour) - berlin.hourOf(spring)).toBe(2);
    const autumn = Date.UTC(2026, 9, 25, 0, 30);
    expect(berlin.hourOf(autumn + hour)).toBe(berlin.hourOf(autumn));
    expect(berlin.hourOf(autumn + 2 * hour)).toBe(berlin.hourOf(autumn) + 1);
  });

  it("the middle of an hour lies in that hour, also on days when clocks change", () => {
    const zones = fc.constantFrom("UTC", "Asia/Shanghai", "Asia/Kolkata", "Europe/Berlin", "Australia/Lord_Howe");
    const times = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2030, 0) });
    fc.assert(
      fc.property(zones, times, (zone, time) => {
        const hours = new LocalHours(zone);
        expect(hours.hourOf(hours.middleOf(hours.hourOf(time)))).toBe(hours.hourOf(time));
      }),
    );
  });

  it("an unknown zone is refused, with an example of a name", () => {
    expect(() => new LocalHours("Asia/Nowhere")).toThrow(
      'there is no time zone "Asia/Nowhere"; give one as Asia/Shanghai',
    );
  });

  it("the next hour is always later, by an hour at most", () => {
    const zones = fc.constantFrom("UTC", "Asia/Kolkata", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns");
    const times = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2030, 0) });
    fc.assert(
      fc.property(zones, times, (zone, time) => {
        const hours = new LocalHours(zone);
        const next = hours.nextHour(time);
        expect(next).toBeGreaterThan(time);
        expect(next - time).toBeLessThanOrEqual(hour);
      }),
    );
  });
});
