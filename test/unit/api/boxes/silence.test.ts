import {
  judge,
  LocalHours,
  type Pauses,
  rhythmHours,
  silentAfter,
  usualPause,
  type Watched,
} from "@gatepost/core/boxes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { always, day, hour, minute, noon, week } from "./support.ts";

const utc = new LocalHours("UTC");
const at = (time: number) => utc.hourOf(time);

const watched = (changes: Partial<Watched> = {}): Watched => ({
  life: { first: noon - 300 * day, last: noon },
  afterMs: null,
  pauses: {},
  reception: always,
  ...changes,
});

/** The same longest pause in every hour of five weeks. */
function everyHour(pause: number, from = noon): Pauses {
  const last = at(from);
  return Object.fromEntries(Array.from({ length: 35 * 24 + 1 }, (_, back) => [last - back, pause]));
}

describe("a box counts as silent", () => {
  it("after three times the longest pause of the same weekday and hour in four weeks", () => {
    const pauses = { [at(noon - week)]: 20 * minute, [at(noon - 3 * week)]: 30 * minute, [at(noon - hour)]: 5 * hour };
    expect(silentAfter(watched({ pauses }), noon, utc)).toBe(90 * minute);
  });

  it("not by pauses of more than four weeks ago, nor of another weekday", () => {
    const pauses = { [at(noon - 5 * week)]: 9 * hour, [at(noon - day)]: 8 * hour, [at(noon - 4 * week)]: 15 * minute };
    expect(silentAfter(watched({ pauses }), noon, utc)).toBe(45 * minute);
  });

  it("after ten minutes at least", () => {
    expect(silentAfter(watched({ pauses: everyHour(20_000) }), noon, utc)).toBe(10 * minute);
  });

  it("after an hour before there is a week of history", () => {
    const life = { first: noon - week + 1, last: noon };
    expect(silentAfter(watched({ life, pauses: everyHour(minute) }), noon, utc)).toBe(hour);
    expect(silentAfter(watched({ life, pauses: everyHour(minute) }), noon + 1, utc)).toBe(10 * minute);
  });

  it("an hour, if nothing is known of this weekday and hour", () => {
    expect(silentAfter(watched({ pauses: { [at(noon - hour)]: minute } }), noon, utc)).toBe(hour);
  });

  it("the time that a person has set, for any rhythm", () => {
    expect(silentAfter(watched({ afterMs: 2 * minute, pauses: everyHour(hour) }), noon, utc)).toBe(2 * minute);
  });

  it("by the hours of the zone, also after its clocks were changed", () => {
    const berlin = new LocalHours("Europe/Berlin");
    // 09:30 in Berlin: before the change of 25 October at 07:30 UTC, after it at 08:30.
    const [before, after] = [Date.UTC(2026, 9, 23, 7, 30), Date.UTC(2026, 9, 30, 8, 30)];
    const pauses = { [berlin.hourOf(before)]: 20 * minute };
    expect(usualPause(pauses, after, berlin)).toBe(20 * minute);
    expect(usualPause(pauses, after - hour, berlin)).toBeNull();
  });
});

describe("a look at a box", () => {
  const busy = everyHour(minute, noon + day);

  it("a box is silent from the limit on, and not before", () => {
    const quietBox = watched({ pauses: busy });
    expect(judge(quietBox, noon + 10 * minute - 1, utc)).toEqual({ isSilent: false, lookAt: noon + 10 * minute });
    expect(judge(quietBox, noon + 10 * minute, utc).isSilent).toBe(true);
  });

  it("a box that is quiet each night is not silent then, but in the morning", () => {
    const night = Object.fromEntries(Array.from({ length: 8 }, (_, more) => [at(noon - week) + 10 + more, 9 * hour]));
    const quietBox = watched({ life: { first: 0, last: noon + 10 * hour }, pauses: { ...busy, ...night } });
    const morning = noon + 18 * hour;
    expect(judge(quietBox, noon + 17 * hour, utc)).toEqual({ isSilent: false, lookAt: morning });
    expect(judge(quietBox, morning, utc).isSilent).toBe(true);
  });

  it("time without reception is not counted", () => {
    const reception = {
      since: noon + hour,
      until: noon + hour,
      gaps: [[noon + minute, noon + hour]] as [number, number][],
    };
    const quietBox = watched({ pauses: busy, reception });
    expect(judge(quietBox, noon + hour, utc).isSilent).toBe(false);
    expect(judge(quietBox, noon + hour + 10 * minute - 1, utc).isSilent).toBe(false);
    expect(judge(quietBox, noon + hour + 10 * minute, utc).isSilent).toBe(true);
  });

  it("a box is not silent in the first ten minutes after a restart", () => {
    const reception = { since: noon + 9 * minute, until: noon + 9 * minute, gaps: [] };
    expect(judge(watched({ pauses: busy, reception }), noon + 11 * minute, utc)).toEqual({
      isSilent: false,
      lookAt: noon + 19 * minute,
    });
  });

  it("a box whose last sign is in the future is not silent", () => {
    expect(judge(watched({ life: { first: 0, last: noon + hour }, pauses: busy }), noon, utc).isSilent).toBe(false);
  });

  it("a silent box is found at the planned look, or after a day", () => {
    const zones = fc.constantFrom("UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York");
    const start = fc.integer({ min: Date.UTC(2026, 0, 10), max: Date.UTC(2026, 11, 1) });
    const rhythm = fc.array(fc.integer({ min: 0, max: 20 * hour }), { minLength: 24, maxLength: 24 });
    fc.assert(
      fc.property(zones, start, rhythm, fc.integer({ min: 0, max: 3 * day }), (zone, last, lengths, quiet) => {
        const hours = new LocalHours(zone);
        const now = last + quiet;
        const asked = rhythmHours(now, hours);
        const pauses = Object.fromEntries(asked.map((of) => [of, lengths[((of % 24) + 24) % 24] ?? 0]));
        const reception = { since: 0, until: now, gaps: [] };
        const quietBox = watched({ life: { first: last - 30 * day, last }, pauses, reception });
        const { isSilent, lookAt } = judge(quietBox, now, hours);
        if (isSilent) return;
        expect(lookAt).toBeGreaterThan(now);
        const judgedAt = (time: number) =>
          judge({ ...quietBox, reception: { ...reception, until: time } }, time, hours);
        for (let time = now; time < lookAt; time += 20 * minute) expect(judgedAt(time).isSilent).toBe(false);
        expect(judgedAt(lookAt - 1).isSilent).toBe(false);
        if (lookAt < now + day) expect(judgedAt(lookAt).isSilent).toBe(true);
      }),
    );
  });
});
