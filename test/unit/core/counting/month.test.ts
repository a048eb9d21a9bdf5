import { directionOf } from "@gatepost/core/boxes";
import { countDays, dayNumber, type HoursOfPerson, nightShiftEnd, scheduleFor } from "@gatepost/core/hours";
import { countedTime, isClockWrong, type Passing } from "@gatepost/core/people";
import { isOverdue, standingAt } from "@gatepost/core/presence";
import { Zone } from "@gatepost/core/zones";
import { describe, expect, it } from "vitest";
import { seeded, seedOfRun } from "../../../support/seeded.ts";
import { type Month, monthOf, type Worker } from "./month.ts";
import { hoursOf, isListedLate, presenceOf, type Told } from "./oracle.ts";

/** Months in which clocks are put back, put forward, and stay. */
const months = [
  { zone: "Europe/Berlin", firstDay: "2026-10-05" },
  { zone: "America/New_York", firstDay: "2026-03-01" },
  { zone: "Asia/Shanghai", firstDay: "2026-11-01" },
  // Clocks change by half an hour.
  { zone: "Australia/Lord_Howe", firstDay: "2026-09-20" },
  { zone: "Australia/Lord_Howe", firstDay: "2027-03-20" },
  // Clocks change at midnight.
  { zone: "Asia/Beirut", firstDay: "2026-10-10" },
  { zone: "Asia/Beirut", firstDay: "2027-03-14" },
];

describe.each(months)(
  "30 days of 15 people in $zone from $firstDay equal a second count of",
  ({ zone: name, firstDay }) => {
    const seed = seedOfRun(`people in ${name}`);
    const month = monthOf(seed, { zone: name, firstDay });
    const zone = Zone.find(name) ?? Zone.utc;
    const random = seeded(seed + 1);
    const first = dayNumber(firstDay);
    const times = Array.from({ length: 12 }, () => zone.startOfDay(first) + Math.floor(random() * 30 * 86_400_000));

    it("who is inside, and who was not seen leaving", () => {
      for (const worker of month.workers) {
        const told = toldOf(month, worker);
        const departures = random() < 0.2 ? [times[0] ?? 0, times[1] ?? 0] : [];
        for (const at of times) {
          const standing = standingAt(told.flatMap(passingOf), departures, at);
          const expected = presenceOf(told, departures, at);
          expect(shownOf(standing)).toEqual(expected);
          if (standing.is !== "inside") continue;
          const facts = factsOf(worker, at);
          const shiftEnd = nightShiftEnd(standing.since, facts);
          expect(isOverdue(standing.since, { at, zone, shiftEnd })).toBe(
            isListedLate(standing.since, at, askedOf(worker, at)),
          );
        }
      }
    });

    it("their hours, at several moments", () => {
      for (const now of times.slice(0, 2)) {
        for (const worker of month.workers) {
          const told = toldOf(month, worker).filter(({ receivedAt }) => receivedAt <= now);
          const { days: counted } = countDays(
            told.flatMap(passingOf),
            { from: first, to: first + 29 },
            factsOf(worker, now),
          );
          const asked = askedOf(worker, now);
          const expected = counted.map(({ day }) => hoursOf(day, told, asked));
          expect(counted.map(({ passings: _, ...day }) => day)).toEqual(expected);
        }
      }
    });

    function askedOf({ group }: Worker, now: number) {
      const { plans, holidays, workWeek } = month;
      return { zone: name, groups: [group], plans, holidays, workWeek, now };
    }

    function factsOf({ group }: Worker, now: number): HoursOfPerson {
      return {
        zone,
        now,
        workWeek: month.workWeek,
        holidays: new Set(month.holidays),
        corrections: new Map(),
        lastDay: null,
        firstKept: 0,
        scheduleOn: scheduleFor(() => [group], month.plans),
      };
    }
  },
);

/** The passings of a person: an id at the boxes of one library. */
function toldOf({ told }: Month, { id, boxes }: Worker): Told[] {
  return told.filter(({ person, box }) => person === id && boxes.some((one) => one === box));
}

function passingOf({ id, box, time, receivedAt, flags, isDenied, own, set, said }: Told): Passing[] {
  if (isDenied) return [];
  const timed = { timestamp: time, receivedAt: new Date(receivedAt).toISOString(), flags };
  const direction = directionOf(own, { set, said });
  const facts = { device: null, group: null, pictures: [] };
  return [{ event: id, box, at: countedTime(timed), isClockWrong: isClockWrong(timed), direction, ...facts }];
}

function shownOf(standing: ReturnType<typeof standingAt>) {
  if (standing.is === "unknown") return { is: "unknown" };
  if (standing.is === "inside") return { is: "inside", since: standing.since, evidence: standing.passing.event };
  return { is: "outside", since: standing.since, isWithoutIn: standing.isWithoutIn };
}
