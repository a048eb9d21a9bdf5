import { directionOf } from "@gatepost/core/boxes";
import { countDays, dayNumber, dayText, type Schedule, scheduleFor, shiftFault } from "@gatepost/core/hours";
import { countedTime, isClockWrong, type Passing } from "@gatepost/core/people";
import { isOverdue, standingAt } from "@gatepost/core/presence";
import { Zone } from "@gatepost/core/zones";
import { dayMs, minuteMs } from "@gatepost/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../support/seeded.ts";

const shanghai = Zone.find("Asia/Shanghai") ?? Zone.utc;
const berlin = Zone.find("Europe/Berlin") ?? Zone.utc;
const monday = dayNumber("2026-11-16");
const at = (text: string) => Date.parse(`2026-11-${text}:00+08:00`);

let made = 0;
function pass(time: number, direction: Passing["direction"] = null, facts: Partial<Passing> = {}): Passing {
  made += 1;
  return {
    event: `evt_${made}`,
    box: "gate-1",
    device: null,
    at: time,
    isClockWrong: false,
    direction,
    group: null,
    pictures: [],
    ...facts,
  };
}

const office: Schedule = {
  id: "sch_office",
  name: "Office",
  groups: ["Office"],
  start: "09:00",
  end: "18:00",
  lateAfter: 10,
  earlyBefore: 5,
  weekdays: [1, 2, 3, 4, 5],
  inWindow: ["05:00", "12:00"],
  outWindow: ["12:00", "05:00"],
  breaks: [],
  validFrom: "2026-01-01",
};
const night: Schedule = {
  ...office,
  id: "sch_night",
  name: "Night",
  start: "22:00",
  end: "06:00",
  lateAfter: 0,
  earlyBefore: 0,
  weekdays: [1, 2, 3, 4, 7],
  inWindow: ["18:00", "02:00"],
  outWindow: ["02:00", "12:00"],
};

const lunch = { from: "12:00", to: "13:00" };
const withBreaks: Schedule = { ...office, openDays: "end", breaks: [lunch, { minutes: 15, after: 540 }] };

function factsOf(schedules: readonly Schedule[], zone = shanghai, now = at("30T00:00")) {
  return {
    zone,
    now,
    workWeek: [1, 2, 3, 4, 5],
    holidays: new Set<string>(),
    corrections: new Map(),
    lastDay: null,
    firstKept: 0,
    scheduleOn: scheduleFor(() => ["Office"], schedules),
  };
}

/** The first day of the week, by a schedule. */
function mondayOf(passings: Passing[], facts = factsOf([office])) {
  const {
    days: [day],
  } = countDays(passings, { from: monday, to: monday }, facts);
  return day;
}

describe("the order and the repetition of passings change nothing in", () => {
  const passing = fc.record({
    event: fc.integer({ min: 0, max: 30 }).map((n) => `evt_${n}`),
    box: fc.constant("gate-1"),
    device: fc.constant(null),
    at: fc.integer({ min: at("15T00:00") / 600_000, max: at("20T00:00") / 600_000 }).map((time) => time * 600_000),
    isClockWrong: fc.boolean(),
    direction: fc.constantFrom("in" as const, "out" as const, null),
    group: fc.constant(null),
    pictures: fc.constant([]),
  });
  const heard = fc.uniqueArray(passing, { maxLength: 20, selector: ({ event }) => event }).chain((all) =>
    fc.record({
      all: fc.constant(all),
      heard: fc.shuffledSubarray([...all, ...all], { minLength: 2 * all.length }),
      moment: fc.integer({ min: at("15T00:00"), max: at("20T00:00") }),
    }),
  );

  it("who is inside", () => {
    fc.assert(
      fc.property(heard, ({ all, heard, moment }) => {
        expect(standingAt(heard, [at("17T12:00")], moment)).toEqual(standingAt(all, [at("17T12:00")], moment));
      }),
      runs(300),
    );
  });

  it("hours, with and without a schedule", () => {
    fc.assert(
      fc.property(
        heard,
        fc.constantFrom([], [office], [night], [office, night], [withBreaks]),
        ({ all, heard, moment }, schedules) => {
          const facts = factsOf(schedules, shanghai, moment);
          const range = { from: monday - 1, to: monday + 4 };
          expect(countDays(heard, range, facts)).toEqual(countDays(all, range, facts));
        },
      ),
      runs(300),
    );
  });
});

describe("a passing", () => {
  const timed = (timestamp: number, receivedAt: number, flags: string[] = []) => ({
    timestamp,
    flags,
    receivedAt: new Date(receivedAt).toISOString(),
  });

  it("counts at its receipt if its box is ahead, and is marked", () => {
    expect(countedTime(timed(at("16T11:00"), at("16T08:00")))).toBe(at("16T08:00"));
    expect(isClockWrong(timed(at("16T11:00"), at("16T08:00")))).toBe(true);
  });

  it("counts at its own time if it is reported late, and is not marked", () => {
    expect(countedTime(timed(at("16T08:00"), at("18T08:00")))).toBe(at("16T08:00"));
    expect(isClockWrong(timed(at("16T08:00"), at("18T08:00")))).toBe(false);
  });

  it("is marked if its box sent no usable time", () => {
    expect(isClockWrong(timed(at("16T08:00"), at("16T08:00"), ["clock"]))).toBe(true);
  });

  it.each([
    ["in", { set: { direction: "out", counts: true }, said: null }, "in"],
    [null, { set: { direction: "out", counts: true }, said: "in" }, "out"],
    [null, { set: { direction: null, counts: true }, said: "in" }, "in"],
    [null, { set: { direction: "both", counts: true }, said: "in" }, null],
    ["in", { set: { direction: "in", counts: false }, said: "in" }, null],
    ["in", { set: { direction: "ignore", counts: true }, said: "in" }, null],
    [null, { set: { direction: "ignore", counts: true }, said: "in" }, null],
    [null, { set: null, said: null }, null],
  ] as const)("has, with its own direction %s at a device %j, the direction %s", (own, gate, direction) => {
    expect(directionOf(own, gate)).toBe(direction);
  });
});

describe("who is inside", () => {
  it("the way out wins in the same ms", () => {
    const [way, out] = [pass(at("16T08:00"), "in"), pass(at("16T08:00"), "out")];
    expect(standingAt([way, out], [], at("16T09:00"))).toMatchObject({ is: "outside", isWithoutIn: false });
  });

  it("passings after the moment and without a direction are left out", () => {
    const [way, later, none] = [pass(at("16T08:00"), "in"), pass(at("16T18:00"), "out"), pass(at("16T10:00"))];
    expect(standingAt([way, later, none], [], at("16T17:00"))).toEqual({ is: "inside", since: way.at, passing: way });
    expect(standingAt([none], [], at("16T17:00"))).toEqual({ is: "unknown" });
  });

  it("a correction is a way out, until a later way in", () => {
    const way = pass(at("16T08:00"), "in");
    expect(standingAt([way], [at("16T18:00")], at("16T19:00"))).toEqual({
      is: "outside",
      since: at("16T18:00"),
      passing: null,
      isWithoutIn: false,
    });
    expect(standingAt([way, pass(at("17T08:00"), "in")], [at("16T18:00")], at("17T09:00")).is).toBe("inside");
  });

  it("a way out without a way in within 24 hours is marked", () => {
    const out = pass(at("17T18:00"), "out");
    expect(standingAt([out], [], at("17T19:00"))).toMatchObject({ isWithoutIn: true });
    expect(standingAt([pass(at("16T17:59"), "in"), out], [], at("17T19:00"))).toMatchObject({ isWithoutIn: true });
    expect(standingAt([pass(at("16T18:00"), "in"), out], [], at("17T19:00"))).toMatchObject({ isWithoutIn: false });
  });

  it("a person is overdue from midnight on, and never out by time alone", () => {
    const asked = { zone: shanghai, shiftEnd: null };
    expect(isOverdue(at("16T08:00"), { ...asked, at: at("16T23:59") })).toBe(false);
    expect(isOverdue(at("16T08:00"), { ...asked, at: at("17T00:00") })).toBe(true);
    expect(standingAt([pass(at("01T08:00"), "in")], [], at("30T00:00")).is).toBe("inside");
    const shift = { zone: shanghai, shiftEnd: at("17T12:00") };
    expect(isOverdue(at("16T22:00"), { ...shift, at: at("17T11:59") })).toBe(false);
    expect(isOverdue(at("16T22:00"), { ...shift, at: at("17T12:00") })).toBe(true);
  });
});

describe("hours of a day", () => {
  it("run from the first way in to the last way out, in whole minutes", () => {
    const day = mondayOf([
      ...[pass(at("16T08:54") + 30_000, "in"), pass(at("16T09:30"), "in"), pass(at("16T12:01"), "out")],
      ...[pass(at("16T17:36"), "out"), pass(at("16T18:30"))],
    ]);
    expect(day).toMatchObject({ in: at("16T08:54") + 30_000, out: at("16T17:36"), minutes: 521, state: "worked" });
    expect(day?.passings.map(({ use, by }) => [use, by])).toEqual([
      ...[
        ["first-in", "direction"],
        [null, null],
        [null, null],
      ],
      ...[
        ["last-out", "direction"],
        [null, null],
      ],
    ]);
  });

  it("take passings without a direction if there are no others, five minutes apart", () => {
    expect(mondayOf([pass(at("16T08:54")), pass(at("16T17:36"))])).toMatchObject({ minutes: 522, state: "worked" });
    const day = mondayOf([pass(at("16T11:58")), pass(at("16T12:02"))]);
    expect(day).toMatchObject({ out: null, minutes: null, state: "open" });
  });

  it("begin with no way out", () => {
    expect(mondayOf([pass(at("16T08:54"), "out")])).toMatchObject({ in: null, out: null, state: "none" });
  });

  it("are late and early beyond the grace, then from the start and the end", () => {
    const times = (first: string, last: string) => mondayOf([pass(at(first), "in"), pass(at(last), "out")]);
    expect(times("16T09:10", "16T17:55")).toMatchObject({ late: 0, early: 0 });
    expect(times("16T09:11", "16T17:54")).toMatchObject({ late: 11, early: 6 });
  });

  describe("with breaks", () => {
    const worked = (breaks: Schedule["breaks"], ...times: [time: string, direction?: "in" | "out"][]) => {
      const passings = times.map(([time, direction]) => pass(at(`16T${time}`), direction));
      const { minutes, break: taken } = mondayOf(passings, factsOf([{ ...office, breaks }])) ?? {};
      return [minutes, taken];
    };

    it("have a break at a time taken off as far as it is between first in and last out", () => {
      expect(worked([lunch], ["09:00"], ["18:00"])).toEqual([480, 60]);
      expect(worked([lunch], ["09:00"], ["12:20"])).toEqual([180, 20]);
      expect(worked([lunch], ["11:30"], ["12:00"])).toEqual([30, 0]);
    });

    it("have a break by length taken off as far as they are longer", () => {
      const half = { minutes: 30, after: 360 };
      expect(worked([half], ["09:00"], ["15:00"])).toEqual([360, 0]);
      expect(worked([half], ["09:00"], ["15:10"])).toEqual([360, 10]);
      expect(worked([half, { minutes: 15, after: 540 }], ["08:00"], ["18:00"])).toEqual([555, 45]);
      expect(
        worked(
          [
            { minutes: 60, after: 0 },
            { ...half, after: 0 },
          ],
          ["11:50"],
          ["12:20"],
        ),
      ).toEqual([0, 30]);
    });

    it("have the time away taken off in place of the breaks if it is longer", () => {
      const away = (out: string, back: string) =>
        worked([lunch], ["09:00", "in"], [out, "out"], [back, "in"], ["18:00", "out"]);
      expect([away("12:10", "12:50"), away("12:00", "13:30"), away("15:00", "16:30")]).toEqual([
        [480, 60],
        [450, 90],
        [450, 90],
      ]);
    });

    it("are counted as the example in the document", () => {
      const counted = (back: string) =>
        worked([lunch, { minutes: 30, after: 540 }], ["08:00", "in"], ["12:05", "out"], [back, "in"], ["17:20", "out"]);
      expect([counted("12:50"), counted("13:40")]).toEqual([
        [480, 80],
        [465, 95],
      ]);
    });

    it("have the time after the later one of two ways out in a row taken off", () => {
      expect(
        worked([lunch], ["09:00", "in"], ["11:00", "out"], ["15:00", "out"], ["17:00", "in"], ["18:00", "out"]),
      ).toEqual([420, 120]);
    });

    it("have minutes and break that are together the time from first in to last out", () => {
      const times = fc.array(fc.tuple(fc.integer({ min: 0, max: 86_399 }), fc.constantFrom("in", "out", null)));
      fc.assert(
        fc.property(times, fc.constantFrom(office, night, withBreaks), (of, schedule) => {
          const passings = of.map(([second, direction]) => pass(at("16T06:00") + second * 1000, direction));
          const day = mondayOf(passings, factsOf([schedule]));
          if (day?.minutes == null) return;
          expect(day.minutes + day.break).toBe(Math.floor(((day.out ?? 0) - (day.in ?? 0)) / minuteMs));
          expect(Math.min(day.minutes, day.break)).toBeGreaterThanOrEqual(0);
        }),
        runs(500),
      );
    });
  });

  it("are open once the window is over, and inside before", () => {
    const passings = [pass(at("16T09:00"), "in")];
    expect(mondayOf(passings, factsOf([office], shanghai, at("17T04:59")))).toMatchObject({ state: "inside" });
    expect(mondayOf(passings, factsOf([office], shanghai, at("17T05:00")))).toMatchObject({ state: "open" });
  });

  it("end with the shift once the window is over, if the schedule says so, until a last out arrives", () => {
    const first = pass(at("16T09:30"), "in");
    const facts = factsOf([withBreaks], shanghai, at("17T05:00"));
    const ended = { state: "worked", out: at("16T18:00"), outEvent: null, minutes: 450, break: 60, late: 30, early: 0 };
    expect(mondayOf([first], facts)).toMatchObject({ ...ended, flags: ["ended-by-rule"] });
    expect(mondayOf([first], { ...facts, now: at("17T04:59") })).toMatchObject({ state: "inside", flags: [] });
    const late = mondayOf([first, pass(at("16T17:00"), "out")], facts);
    expect(late).toMatchObject({ state: "worked", out: at("16T17:00"), early: 60, flags: [] });
  });

  it("stay open on a day off, after a way out, and if the first in is after the end", () => {
    const always: Schedule = { ...office, openDays: "end", inWindow: ["05:00", "20:00"] };
    const facts = factsOf([always]);
    const open = { state: "open", out: null, flags: [] };
    expect(mondayOf([pass(at("16T18:00"), "in")], facts)).toMatchObject(open);
    expect(mondayOf([pass(at("16T09:00"), "in"), pass(at("16T11:00"), "out")], facts)).toMatchObject(open);
    const holiday = { ...facts, holidays: new Set(["2026-11-16"]) };
    expect(mondayOf([pass(at("16T09:00"), "in")], holiday)).toMatchObject(open);
    const leave = { kind: "leave" as const, in: null, out: null };
    const marked = { ...facts, corrections: new Map([["2026-11-16", leave]]) };
    expect(mondayOf([pass(at("16T09:00"), "in")], marked)).toMatchObject({ state: "leave", out: null });
  });

  it("are absent on a work day alone, and only once the window is over", () => {
    const { days: week } = countDays([], { from: monday - 1, to: monday }, factsOf([office]));
    expect(week.map(({ state }) => state)).toEqual(["rest", "absent"]);
    expect(mondayOf([], factsOf([office], shanghai, at("17T04:59")))).toMatchObject({ state: "none" });
    expect(mondayOf([], factsOf([]))).toMatchObject({ state: "none" });
    expect(mondayOf([], { ...factsOf([office]), holidays: new Set(["2026-11-16"]) })).toMatchObject({ state: "rest" });
  });

  it("are never late on a holiday", () => {
    const facts = { ...factsOf([office]), holidays: new Set(["2026-11-16"]) };
    const passings = [pass(at("16T10:30"), "in"), pass(at("16T12:30"), "out")];
    expect(mondayOf(passings, facts)).toMatchObject({ state: "worked", late: 0, early: 0, minutes: 120 });
  });

  it("belong to the day on which a night shift begins", () => {
    const passings = [pass(at("16T21:55"), "in"), pass(at("17T06:11"), "out"), pass(at("17T21:50"), "in")];
    const { days: week } = countDays(passings, { from: monday, to: monday + 1 }, factsOf([night]));
    expect(week.map(({ minutes, state }) => [minutes, state])).toEqual([
      [496, "worked"],
      [null, "open"],
    ]);
  });

  it("are not of work after the last day, and keep their times", () => {
    const facts = { ...factsOf([office]), lastDay: monday };
    const late = [pass(at("17T11:00"), "in"), pass(at("17T11:30"), "out"), pass(at("18T03:00"), "in")];
    const { days: week } = countDays(late, { from: monday, to: monday + 6 }, facts);
    expect(week.map(({ state }) => state)).toEqual(["absent", "worked", "open", "none", "none", "rest", "rest"]);
    expect(week.map(({ schedule }) => schedule)).toEqual(["sch_office", null, null, null, null, null, null]);
    expect(week[1]).toMatchObject({ minutes: 30, late: 0, early: 0 });
    expect(countDays([], { from: monday + 1, to: monday + 1 }, facts).days).toMatchObject([{ state: "none" }]);
  });

  it("have the way out of a last night shift on its day", () => {
    const facts = { ...factsOf([night]), lastDay: monday };
    const passings = [pass(at("16T21:55"), "in"), pass(at("17T06:11"), "out"), pass(at("17T13:00"))];
    const { days: week } = countDays(passings, { from: monday, to: monday + 1 }, facts);
    expect(week.map(({ minutes, state, passings: of }) => [minutes, state, of.length])).toEqual([
      [496, "worked", 2],
      [null, "open", 1],
    ]);
    expect(countDays(passings, { from: monday + 1, to: monday + 1 }, facts).days).toEqual(week.slice(1));
  });

  describe("shifts of 24 hours", () => {
    const guards: Schedule = {
      ...office,
      start: "08:00",
      end: "08:00",
      weekdays: [1, 2, 3, 4, 5, 6, 7],
      inWindow: ["06:00", "10:00"],
      outWindow: ["06:00", "10:00"],
    };
    const facts = factsOf([guards], shanghai, at("30T12:00"));
    const timesOf = (passings: Passing[], from = monday, to = monday + 2) => {
      const clock = (time: number | null) => (time === null ? null : shanghai.text(time).slice(8, 16));
      return countDays(passings, { from, to }, facts).days.map((day) => [clock(day.in), clock(day.out)]);
    };

    it("end with the passing of the next morning", () => {
      const times = ["16T07:55", "16T12:00", "17T08:05", "18T08:30", "19T07:59"];
      expect(timesOf(times.map((time) => pass(at(time))))).toEqual([
        ["16T07:55", "17T08:05"],
        [null, null],
        ["18T08:30", "19T07:59"],
      ]);
    });

    it("follow each other, though devices report a passing twice", () => {
      const times = ["16T07:55", "16T07:56", "17T08:05", "17T08:06", "17T08:30", "18T08:02", "18T09:00"];
      expect(timesOf(times.map((time) => pass(at(time))))).toEqual([
        ["16T07:55", "17T08:06"],
        ["17T08:30", "18T08:02"],
        ["18T09:00", null],
      ]);
    });

    it("are told apart by directions first", () => {
      const passings = [pass(at("16T07:55"), "in"), pass(at("17T07:50"), "in"), pass(at("17T08:05"), "out")];
      expect(timesOf([...passings, pass(at("18T09:59"), "out"), pass(at("18T09:59"), "in")])).toEqual([
        ["16T07:55", "17T08:05"],
        ["17T07:50", "18T09:59"],
        ["18T09:59", null],
      ]);
    });

    it("are every second day, in a row of any length and asked by day", () => {
      const first = monday - 200;
      const passings = Array.from({ length: 202 }, (_, n) =>
        pass(at("16T00:00") + (n - 200) * dayMs + (n % 2 === 0 ? 475 : 485) * minuteMs),
      );
      const expected = (day: number) => ((day - first) % 2 === 0 ? "worked" : "absent");
      const { days } = countDays(passings, { from: first, to: monday }, facts);
      expect(days.map(({ state }) => state)).toEqual(days.map((_, n) => expected(first + n)));
      for (let day = first; day <= monday; day++) {
        const { since } = countDays(passings, { from: day, to: day }, facts);
        const read = passings.filter((one) => shanghai.dayOf(one.at) >= since - 1);
        expect(since).toBeGreaterThan(day - 56);
        expect(countDays(read, { from: day, to: day }, facts).days).toEqual([days[day - first]]);
      }
    });

    it("keep their values as passings before them expire", () => {
      const passings = ["16T07:55", "17T08:05", "18T07:55", "19T08:05"].map((time) => pass(at(time)));
      const rest = passings.slice(1);
      const range = { from: monday + 1, to: monday + 2 };
      const { days } = countDays(rest, range, { ...facts, firstKept: monday + 1 });
      expect(days).toEqual(countDays(passings, range, facts).days);
    });
  });

  describe("with a part that is leave", () => {
    const marked = (from: string, to: string, schedule: Schedule = withBreaks) => ({
      ...factsOf([schedule]),
      corrections: new Map([
        [
          "2026-11-16",
          { kind: "leave" as const, in: null, out: null, leave: [at(`16T${from}`), at(`16T${to}`)] as const },
        ],
      ]),
    });
    const worked = (from: string, to: string) => [pass(at(`16T${from}`), "in"), pass(at(`16T${to}`), "out")];

    it("are not late or early by it, nor by a break beside it", () => {
      expect(mondayOf(worked("13:05", "18:00"), marked("09:00", "12:00"))).toMatchObject({ late: 0, minutes: 295 });
      expect(mondayOf(worked("13:15", "18:00"), marked("09:00", "12:00"))).toMatchObject({ late: 15 });
      expect(mondayOf(worked("09:00", "12:00"), marked("13:00", "18:00"))).toMatchObject({ early: 0, minutes: 180 });
      expect(mondayOf(worked("09:00", "11:30"), marked("13:00", "18:00"))).toMatchObject({ early: 30 });
    });

    it("are late and early without it within the shift", () => {
      const office: Schedule = { ...withBreaks, breaks: [], inWindow: ["05:00", "14:00"] };
      expect(mondayOf(worked("12:00", "18:00"), marked("10:00", "12:00", office))).toMatchObject({ late: 60 });
      expect(mondayOf(worked("11:00", "18:00"), marked("10:00", "12:00", office))).toMatchObject({ late: 60 });
      expect(mondayOf(worked("09:00", "14:00"), marked("14:00", "16:00", office))).toMatchObject({
        late: 0,
        early: 120,
      });
      expect(mondayOf(worked("12:00", "18:00"), marked("09:05", "12:00", office))).toMatchObject({ late: 0 });
    });

    it("have no delay and no end by rule if nothing of the shift is left", () => {
      const delays = { late: 0, early: 0, flags: [] };
      expect(mondayOf(worked("18:30", "19:30"), marked("09:00", "18:00"))).toMatchObject({ ...delays, minutes: 60 });
      const [first] = worked("08:55", "18:00");
      const leave = { ...delays, state: "leave", out: null };
      expect(mondayOf(first === undefined ? [] : [first], marked("09:00", "18:00"))).toMatchObject(leave);
    });

    it("have minutes without it", () => {
      const day = { minutes: 360, break: 60, leaveFrom: at("16T14:00"), leaveTo: at("16T16:00"), state: "worked" };
      expect(mondayOf(worked("09:00", "18:00"), marked("14:00", "16:00"))).toMatchObject(day);
      expect(mondayOf(worked("09:00", "18:00"), marked("11:30", "13:30"))).toMatchObject({ minutes: 420, break: 0 });
    });

    it("are absent beside it, and leave if nothing of the shift is left", () => {
      expect(mondayOf([], marked("09:00", "13:00"))).toMatchObject({ state: "absent" });
      expect(mondayOf([], marked("09:00", "18:00"))).toMatchObject({ state: "leave" });
      const passed = mondayOf(worked("09:00", "18:00"), marked("09:00", "18:00"));
      expect(passed).toMatchObject({
        state: "leave",
        minutes: 0,
        passings: [{ use: "first-in" }, { use: "last-out" }],
      });
      expect(mondayOf([], marked("08:00", "17:00"))).toMatchObject({ state: "absent" });
    });

    it("end by rule where it begins", () => {
      const [first] = worked("09:00", "18:00");
      const day = { out: at("16T13:00"), minutes: 180, break: 60, flags: ["ended-by-rule"] };
      expect(mondayOf(first === undefined ? [] : [first], marked("13:00", "18:00"))).toMatchObject({
        ...day,
        out: at("16T12:00"),
        break: 0,
      });
    });
  });

  describe("with a night", () => {
    const shift: Schedule = { ...night, night: { from: "23:00", to: "05:00" } };
    const sums = (schedule: Schedule, ...times: [time: string, direction: "in" | "out"][]) => {
      const day = mondayOf(
        times.map(([time, direction]) => pass(at(time), direction)),
        factsOf([schedule]),
      );
      return [day?.minutes, day?.nightMinutes];
    };

    it("have the minutes in it summed apart, without breaks that are in it", () => {
      expect(sums(shift, ["16T22:00", "in"], ["17T06:00", "out"])).toEqual([480, 360]);
      const pause = { ...shift, breaks: [{ from: "02:00", to: "02:30" }] };
      expect(sums(pause, ["16T22:00", "in"], ["17T06:00", "out"])).toEqual([450, 330]);
      expect(sums(pause, ["16T22:00", "in"], ["17T03:00", "out"], ["17T04:00", "in"], ["17T06:00", "out"])).toEqual([
        420, 300,
      ]);
    });

    it("have breaks by length taken off the rest of the day first", () => {
      const long = { ...shift, breaks: [{ minutes: 150, after: 0 }] };
      expect(sums(long, ["16T22:00", "in"], ["17T06:00", "out"])).toEqual([330, 330]);
    });
  });

  it("have the real length when clocks are put back", () => {
    const sunday = dayNumber("2026-10-25");
    const saturday = [
      pass(Date.parse("2026-10-24T22:00+02:00"), "in"),
      pass(Date.parse("2026-10-25T06:00+01:00"), "out"),
    ];
    const facts = { ...factsOf([{ ...night, weekdays: [6] }], berlin, Date.parse("2026-11-30T00:00Z")) };
    const {
      days: [day],
    } = countDays(saturday, { from: sunday - 1, to: sunday - 1 }, facts);
    expect(day).toMatchObject({ minutes: 9 * 60, late: 0, early: 0, state: "worked" });
  });

  it.each([
    ["2026-10-24T22:00+02:00", "2026-10-25T06:00+01:00", 9 * 60],
    ["2026-03-28T22:00+01:00", "2026-03-29T06:00+02:00", 7 * 60],
  ])("have a break of its length in the hour that clocks change after %s", (from, to, whole) => {
    const day = dayNumber(from.slice(0, 10));
    const breaks = [{ from: "02:30", to: "03:00" }];
    const facts = factsOf([{ ...night, weekdays: [6], breaks }], berlin, Date.parse("2026-11-30T00:00Z"));
    const shift = [pass(Date.parse(from), "in"), pass(Date.parse(to), "out")];
    const { days } = countDays(shift, { from: day, to: day }, facts);
    expect(days).toMatchObject([{ minutes: whole - 30, break: 30 }]);
  });

  it("have no work on a date that the zone skips", () => {
    const samoa = Zone.find("Pacific/Apia") ?? Zone.utc;
    const facts = factsOf([office], samoa);
    const [entered, left] = ["09:00", "18:00"].map((time) => Date.parse(`2011-12-31T${time}:00+14:00`));
    const everyDay = { ...office, weekdays: [1, 2, 3, 4, 5, 6, 7] };
    const { days } = countDays(
      [pass(entered ?? 0, "in"), pass(left ?? 0, "out")],
      { from: dayNumber("2011-12-29"), to: dayNumber("2012-01-01") },
      { ...facts, scheduleOn: scheduleFor(() => ["Office"], [{ ...everyDay, validFrom: "2011-01-01" }]) },
    );
    expect(days.map(({ state }) => state)).toEqual(["absent", "rest", "worked", "absent"]);
    expect(days[2]).toMatchObject({ minutes: 540, late: 0, early: 0 });
  });

  it("are marked if they rest on a wrong clock", () => {
    const wrong = pass(at("16T08:54"), "in", { isClockWrong: true });
    expect(mondayOf([wrong, pass(at("16T17:36"), "out")])?.flags).toEqual(["clock"]);
    expect(mondayOf([pass(at("16T08:00"), "in"), wrong, pass(at("16T17:36"), "out")])?.flags).toEqual([]);
  });

  it("follow the version of the schedule that is valid on the day", () => {
    const later = { ...office, start: "08:00", validFrom: "2026-11-17" };
    const passings = ["16", "17"].flatMap((day) => [pass(at(`${day}T09:05`), "in"), pass(at(`${day}T18:00`), "out")]);
    const { days: week } = countDays(passings, { from: monday, to: monday + 1 }, factsOf([later, office]));
    expect(week.map(({ late }) => late)).toEqual([0, 65]);
  });

  it("follow the first schedule by name, with a flag, if there are several", () => {
    expect(mondayOf([], factsOf([office, night]))).toMatchObject({
      schedule: "sch_night",
      flags: ["several-schedules"],
    });
  });

  it("follow the schedule of the weekday, if a group has shifts by weekday", () => {
    const evening = { ...night, start: "18:00", end: "07:00", weekdays: [1], inWindow: ["15:00", "21:00"] as const };
    const outWindow = ["17:00", "23:00"] as const;
    const late = {
      ...office,
      name: "Late",
      start: "14:00",
      end: "20:00",
      weekdays: [2],
      inWindow: ["12:00", "17:00"] as const,
      outWindow,
    };
    const passings = ["16T18:30", "17T07:10", "17T14:05", "17T20:02"].map((time) => pass(at(time)));
    const { days: week } = countDays(passings, { from: monday, to: monday + 2 }, factsOf([evening, late]));
    expect(week.map(({ state, minutes, flags }) => [state, minutes, flags])).toEqual([
      ["worked", 760, []],
      ["worked", 357, []],
      ["rest", null, []],
    ]);
  });

  it("show a correction in place of the counted time, and leave beside it", () => {
    const facts = (correction: { kind: "times" | "leave"; in: number | null; out: number | null }) => ({
      ...factsOf([office]),
      corrections: new Map([["2026-11-16", correction]]),
    });
    const passings = [pass(at("16T09:40"), "in"), pass(at("16T18:00"), "out")];
    expect(mondayOf(passings, facts({ kind: "times", in: at("16T08:25"), out: null }))).toMatchObject({
      in: at("16T08:25"),
      inEvent: null,
      out: at("16T18:00"),
      minutes: 575,
      late: 0,
      isCorrected: true,
    });
    expect(mondayOf([], facts({ kind: "leave", in: null, out: null }))).toMatchObject({
      state: "leave",
      minutes: null,
      isCorrected: true,
    });
  });
});

describe("a schedule", () => {
  it("must have its start and end in its windows, and two days at most", () => {
    expect([office, night].map(shiftFault)).toEqual([null, null]);
    expect(shiftFault({ ...office, inWindow: ["05:00", "08:00"] })).toMatch("inWindow");
    expect(shiftFault({ ...office, outWindow: ["19:00", "05:00"] })).toMatch("outWindow");
    expect(shiftFault({ ...office, outWindow: ["18:00", "17:59"] })).toMatch("36 hours");
  });

  it("must have its breaks within the shift, one after the other", () => {
    const faultOf = (shift: Schedule, ...breaks: Schedule["breaks"]) => shiftFault({ ...shift, breaks });
    expect(faultOf(office, lunch, { from: "13:00", to: "13:15" }, { minutes: 30, after: 0 })).toBeNull();
    expect(faultOf(night, { from: "23:45", to: "00:15" }, { from: "05:00", to: "06:00" })).toBeNull();
    expect(faultOf(office, { from: "17:30", to: "18:30" })).toMatch("from the start to the end");
    expect(faultOf(office, { from: "08:00", to: "08:30" })).toMatch("from the start to the end");
    expect(faultOf(office, { from: "12:30", to: "12:45" }, lunch)).toMatch("must not overlap");
  });

  it("names its days by their dates", () => {
    expect(dayText(dayNumber("2026-11-16"))).toBe("2026-11-16");
  });
});
