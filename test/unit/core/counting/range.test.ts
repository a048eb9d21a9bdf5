import {
  countDays,
  dayNumber,
  groupsOf,
  type HoursDay,
  type RosterOn,
  reachOf,
  type Schedule,
  scheduleFor,
} from "@gatepost/core/hours";
import { laterOf, type Passing } from "@gatepost/core/people";
import { Zone } from "@gatepost/core/zones";
import { describe, expect, it } from "vitest";
import { RandomShifts } from "../../../support/random-shifts.ts";
import { runs, seedOfRun } from "../../../support/seeded.ts";

const first = dayNumber("2026-10-10");
const last = first + 90;

/** Counts days as a reader does: by the passings that are in reach, and the last one before them. */
function cellsOf(all: readonly Passing[], schedules: readonly Schedule[], asked: Asked): HoursDay[] {
  const { from, to, zone, lastDay, firstKept, roster } = asked;
  const reach = reachOf(schedules);
  const end = zone.startOfDay(to + reach + 1);
  for (let back = 0; ; back = Math.max(1, 2 * back)) {
    const begin = zone.startOfDay(from - reach - back);
    const before = all.filter(({ at }) => at < begin).reduce<Passing | null>(laterOf, null);
    const read = all.filter(({ at }) => at >= begin && at < end);
    const groupsOn = groupsOf([...(before === null ? [] : [before]), ...read], { known: ["night"], zone });
    const { days, since } = countDays(
      read,
      { from, to },
      {
        zone,
        now: zone.startOfDay(last + 10),
        workWeek: [1, 2, 3, 4, 5],
        holidays: new Set(["2026-10-26"]),
        corrections: new Map(),
        lastDay,
        scheduleOn: scheduleFor(
          groupsOn,
          schedules,
          rosterWithin(roster, { from: from - reach - back - 2, to: to + reach + 2 }),
        ),
        firstKept,
      },
    );
    expect(since).toBeGreaterThan(from - 56);
    if (since >= from - back) return days;
  }
}

interface Asked {
  from: number;
  to: number;
  zone: Zone;
  lastDay: number | null;
  firstKept: number;
  roster: ReadonlyMap<string, string | null> | null;
}

/** A roster of which only the days that a reader reads are known. */
function rosterWithin(roster: Asked["roster"], { from, to }: { from: number; to: number }): RosterOn | null {
  if (roster === null) return null;
  return (day) => (dayNumber(day) < from || dayNumber(day) > to ? undefined : roster.get(day));
}

describe("a day of a person", () => {
  it("has the same value in each range", () => {
    const random = new RandomShifts(seedOfRun("ranges of hours"));
    for (let run = 0; run < runs(150).numRuns; run++) {
      const zone = Zone.find(random.pick(["Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe"])) ?? Zone.utc;
      const schedules = random.schedules(random.below(5), "2026-10-10");
      const all = random.passings("1", { from: first, to: last }).map(({ at, direction, group }, n): Passing => {
        return {
          event: `evt_${n}`,
          box: "gate-1",
          device: null,
          at,
          isClockWrong: false,
          direction,
          group,
          pictures: [],
        };
      });
      const lastDay = random.pick([null, first + random.below(90)]);
      const firstKept = first + random.pick([-30, -30, random.below(80)]);
      const roster = random.pick([null, random.roster(schedules, { from: first - 5, to: last + 20 })]);
      const facts = { zone, lastDay, firstKept, roster };
      const whole = cellsOf(all, schedules, { from: first - 5, to: last + 20, ...facts });
      for (let range = 0; range < 20; range++) {
        const from = first + random.below(90);
        const to = from + random.pick([0, 0, 6, random.below(20)]);
        const cells = cellsOf(all, schedules, { from, to, ...facts });
        expect(cells).toEqual(whole.slice(from - first + 5, to - first + 6));
      }
    }
  });
});
