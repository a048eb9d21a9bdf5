/**
 * A second, slow count of presence and hours, written from the rules alone. It compares times as clocks show them, and
 * looks through everything again for each answer.
 */

/** A passing as events have it, with the settings of its device. */
export interface Told {
  id: string;
  box: string;
  person: string;
  type: "employee" | "visitor" | "stranger";
  /** `event.time` and the first `receivedAt`, ms. */
  time: number;
  receivedAt: number;
  flags: string[];
  isDenied: boolean;
  own: "in" | "out" | null;
  set: { direction: "in" | "out" | "both" | "ignore" | null; counts: boolean } | null;
  said: "in" | "out" | null;
}

export interface Plan {
  id: string;
  name: string;
  groups: string[];
  start: string;
  end: string;
  lateAfter: number;
  earlyBefore: number;
  weekdays: number[];
  inWindow: [string, string];
  outWindow: [string, string];
  openDays?: "stay" | "end";
  night?: { from: string; to: string } | null;
  breaks: ({ from: string; to: string } | { minutes: number; after: number })[];
  validFrom: string;
}

const day = 24 * 60 * 60_000;
const minute = 60_000;

function timeOf(told: Told): number {
  return told.time < told.receivedAt ? told.time : told.receivedAt;
}

function isMarked(told: Told): boolean {
  return told.flags.includes("clock") || told.time > told.receivedAt + minute;
}

function wayOf(told: Told): "in" | "out" | null {
  if (told.set !== null && !told.set.counts) return null;
  if (told.set?.direction === "ignore") return null;
  if (told.own === "in" || told.own === "out") return told.own;
  if (told.set !== null && told.set.direction !== null)
    return told.set.direction === "both" ? null : told.set.direction;
  return told.said;
}

interface Shown {
  date: string;
  minutes: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const ofTimes = new Map<string, Shown>();

/** The date and the minutes since midnight that clocks show. */
function shown(time: number, zone: string): Shown {
  const key = `${time} ${zone}`;
  const found = ofTimes.get(key) ?? read(time, zone);
  ofTimes.set(key, found);
  return found;
}

function read(time: number, zone: string): Shown {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium", hourCycle: "h23" });
  formats.set(zone, format);
  const [date = "", clock = ""] = format.format(time).split(" ");
  const [hours = "", minutes = ""] = clock.split(":");
  return { date, minutes: Number(hours) * 60 + Number(minutes) };
}

export function dateAfter(date: string, days: number): string {
  return new Date(Date.parse(date) + days * day).toISOString().slice(0, 10);
}

/** Minutes from midnight of a date to a time, as clocks show both. */
function minutesFrom(date: string, time: number, zone: string): number {
  const at = shown(time, zone);
  return ((Date.parse(at.date) - Date.parse(date)) / day) * 1440 + at.minutes;
}

const known = new Map<string, number>();

/** The first minute at which clocks show a time, by trying all minutes. */
function instantOf(date: string, minutes: number, zone: string): number {
  const key = `${date} ${minutes} ${zone}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const middle = Date.parse(date) + minutes * minute;
  for (let time = middle - 15 * 60 * minute; time < middle + 15 * 60 * minute; time += minute) {
    if (minutesFrom(date, time, zone) !== minutes) continue;
    known.set(key, time);
    return time;
  }
  // Clocks skip it: an hour after the time that is an hour earlier.
  return instantOf(date, minutes - 60, zone) + 60 * minute;
}

/** `unsure` if the last one with a direction is none of the two. */
export function presenceOf(told: readonly Told[], departures: readonly number[], at: number) {
  const counting = told.filter((one) => one.type !== "stranger" && !one.isDenied && timeOf(one) <= at);
  const ways = counting.flatMap((one) => {
    const way = wayOf(one);
    return way === null ? [] : [{ at: timeOf(one), way, id: one.id }];
  });
  const all = [...ways, ...departures.filter((time) => time <= at).map((time) => ({ at: time, way: "out", id: "" }))];
  if (all.length === 0) return { is: "unknown" };
  const last = Math.max(...all.map((one) => one.at));
  const atLast = all.filter((one) => one.at === last);
  if (!atLast.some(({ way }) => way === "out")) {
    const [evidence] = atLast.map(({ id }) => id).sort();
    return { is: "inside", since: last, evidence };
  }
  const hasIn = ways.some((one) => one.way === "in" && one.at <= last && last - one.at <= day);
  return { is: "outside", since: last, isWithoutIn: !hasIn };
}

function clockMinutes(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
}

function planOn(date: string, groups: readonly string[], plans: readonly Plan[]): { plan: Plan | null; many: boolean } {
  const ids = [...new Set(plans.map(({ id }) => id))];
  const valid: Plan[] = [];
  for (const id of ids) {
    const begun = plans.filter((plan) => plan.id === id && plan.validFrom <= date);
    begun.sort((a, b) => (a.validFrom < b.validFrom ? -1 : 1));
    const newest = begun[begun.length - 1];
    if (newest?.groups.some((group) => groups.includes(group))) valid.push(newest);
  }
  valid.sort((a, b) => (a.name < b.name ? -1 : 1));
  const weekday = new Date(date).getUTCDay() || 7;
  const working = valid.filter((plan) => plan.weekdays.includes(weekday));
  return { plan: working[0] ?? valid[0] ?? null, many: working.length > 1 };
}

/** Minutes from midnight: the in window, the out window, and start and end. */
function timesOf(plan: Plan | null) {
  if (plan === null) return { in: [0, 1440], out: [0, 1440], start: 0, end: 0 } as const;
  const start = clockMinutes(plan.start);
  let end = clockMinutes(plan.end);
  if (end <= start) end += 1440;
  let inFrom = clockMinutes(plan.inWindow[0]);
  while (inFrom > start) inFrom -= 1440;
  let inTo = clockMinutes(plan.inWindow[1]);
  while (inTo <= inFrom) inTo += 1440;
  let outTo = clockMinutes(plan.outWindow[1]);
  while (outTo < end) outTo += 1440;
  let outFrom = clockMinutes(plan.outWindow[0]);
  while (outFrom + 1440 < outTo) outFrom += 1440;
  return { in: [inFrom, inTo], out: [outFrom, outTo], start, end } as const;
}

interface Asked {
  zone: string;
  groups: readonly string[];
  plans: readonly Plan[];
  holidays: readonly string[];
  workWeek: readonly number[];
  now: number;
}

/** Whether a person who went in at a time is listed at another as not seen leaving. */
export function isListedLate(since: number, at: number, asked: Asked): boolean {
  if (shown(since, asked.zone).date === shown(at, asked.zone).date) return false;
  const date = dateBy("in", since, asked);
  if (date === null) return true;
  const { plan } = planOn(date, asked.groups, asked.plans);
  if (plan === null || plan.end > plan.start) return true;
  return minutesFrom(date, at, asked.zone) >= timesOf(plan).out[1];
}

/** The dates in whose windows a time is, and the dates for whose first in, or last out, it can be taken. */
function datesOf(time: number, { zone, groups, plans }: Asked) {
  const today = shown(time, zone).date;
  const dates = [-2, -1, 0, 1].map((days) => {
    const date = dateAfter(today, days);
    return { date, minutes: minutesFrom(date, time, zone), times: timesOf(planOn(date, groups, plans).plan) };
  });
  const among = (isMeant: (one: (typeof dates)[number]) => boolean) => dates.filter(isMeant).map(({ date }) => date);
  return {
    within: among(({ minutes, times }) => minutes >= times.in[0] && minutes < times.out[1]),
    starting: among(({ minutes, times }) => minutes >= times.in[0] && minutes < times.in[1]),
    ending: among(({ minutes, times }) => minutes >= times.out[0] && minutes < times.out[1]),
  };
}

/** The day to which a passing with a direction belongs. */
function dateBy(way: "in" | "out", time: number, asked: Asked): string | null {
  const { within, starting, ending } = datesOf(time, asked);
  return (way === "in" ? (starting.at(-1) ?? within.at(-1)) : (ending[0] ?? within[0])) ?? null;
}

const ofPeople = new WeakMap<readonly Told[], Map<Told, string | null>>();

/** The days to which the passings of a person belong, in the order of time. */
function datesBy(told: readonly Told[], asked: Asked): Map<Told, string | null> {
  const dates = ofPeople.get(told) ?? new Map<Told, string | null>();
  if (ofPeople.has(told)) return dates;
  ofPeople.set(told, dates);
  const counting = told
    .filter((one) => one.type !== "stranger" && !one.isDenied)
    .sort((a, b) => timeOf(a) - timeOf(b) || (a.id < b.id ? -1 : 1));
  for (const one of counting) {
    const way = wayOf(one);
    if (way !== null) {
      dates.set(one, dateBy(way, timeOf(one), asked));
      continue;
    }
    const { within } = datesOf(timeOf(one), asked);
    const lacking = within.find((date) => {
      const times = timesOf(planOn(date, asked.groups, asked.plans).plan);
      const before = [...dates].filter(([, of]) => of === date).map(([told]) => told);
      const { first } = endsOf(date, before, times, asked.zone);
      if (first === null) return false;
      const since = before.slice(before.indexOf(first)).filter((told) => timeOf(told) <= timeOf(one) - 5 * minute);
      return endsOf(date, [first, ...since], times, asked.zone).last === null;
    });
    dates.set(one, lacking ?? within.at(-1) ?? null);
  }
  return dates;
}

/** The passings of a day that are its first in and its last out. */
function endsOf(date: string, mine: readonly Told[], times: ReturnType<typeof timesOf>, zone: string) {
  const isIn = (one: Told, [from, to]: readonly [number, number]) => {
    const minutes = minutesFrom(date, timeOf(one), zone);
    return minutes >= from && minutes < to;
  };
  const arriving = mine.filter((one) => isIn(one, times.in));
  const leaving = mine.filter((one) => isIn(one, times.out)).reverse();
  const first = arriving.find((one) => wayOf(one) === "in") ?? arriving.find((one) => wayOf(one) === null) ?? null;
  if (first === null) return { first, last: leaving.find((one) => wayOf(one) === "out") ?? null };
  const later = leaving.filter((one) => timeOf(one) > timeOf(first));
  const without = later.find((one) => wayOf(one) === null && timeOf(one) - timeOf(first) >= 5 * minute);
  return { first, last: later.find((one) => wayOf(one) === "out") ?? without ?? null };
}

/** The breaks by length, in ms, and the times of the others. */
function pausesOf(date: string, plan: Plan | null, whole: number, zone: string) {
  const start = clockMinutes(plan?.start ?? "00:00");
  let lengths = 0;
  const pauses: [number, number][] = [];
  for (const one of plan?.breaks ?? []) {
    if ("minutes" in one) lengths += Math.max(0, Math.min(one.minutes, whole / minute - one.after)) * minute;
    else {
      let begins = clockMinutes(one.from);
      if (begins < start) begins += 1440;
      let ends = clockMinutes(one.to);
      while (ends <= begins) ends += 1440;
      const begun = instantOf(date, begins, zone);
      pauses.push([begun, begun + (ends - begins) * minute]);
    }
  }
  return { lengths, pauses };
}

/** Minutes and break of a day, from looking at each piece between two times at which something begins or ends. */
function workedOf(
  date: string,
  [from, to]: readonly [number | null, number | null],
  { mine, plan, zone }: OfDay,
): { minutes: number | null; break: number; nightMinutes: number } {
  if (from === null || to === null) return { minutes: null, break: 0, nightMinutes: 0 };
  const whole = to - from;
  const hasBreaks = plan !== null && plan.breaks.length > 0;
  const { lengths, pauses } = pausesOf(date, plan, whole, zone);
  const ways = mine.filter((one) => wayOf(one) !== null);
  const isOut = (time: number) => {
    const before = ways.findLastIndex((one) => timeOf(one) <= time);
    const [last, next] = [ways[before], ways[before + 1]];
    return hasBreaks && last !== undefined && next !== undefined && wayOf(last) === "out" && wayOf(next) === "in";
  };
  const isPause = (time: number) => pauses.some(([begins, ends]) => time >= begins && time < ends);
  const { isNight, turns } = nightOf(date, plan?.night ?? null, zone);
  const times = [from, to, ...turns, ...pauses.flat(), ...mine.map(timeOf)].filter(
    (time) => time >= from && time <= to,
  );
  const bounds = [...new Set(times)].sort((a, b) => a - b);
  const sumOf = (is: (time: number) => boolean) =>
    bounds.reduce((sum, time, n) => sum + (is(time) ? (bounds[n + 1] ?? time) - time : 0), 0);
  const due = sumOf(isPause) + lengths;
  const taken = Math.min(whole, Math.max(due, sumOf(isOut)));
  const minutes = Math.floor((whole - taken) / minute);
  const isOff = sumOf(isOut) > due ? isOut : isPause;
  const nightMinutes = Math.min(minutes, Math.floor(sumOf((time) => isNight(time) && !isOff(time)) / minute));
  return { minutes, break: Math.floor(whole / minute) - minutes, nightMinutes };
}

/** Whether clocks show a time of a night that reaches over midnight, and the times at which that changes. */
function nightOf(date: string, night: { from: string; to: string } | null, zone: string) {
  if (night === null) return { isNight: () => false, turns: [] };
  const [from, to] = [clockMinutes(night.from), clockMinutes(night.to)];
  const days = [-2, -1, 0, 1, 2].map((n) => dateAfter(date, n));
  const isNight = (time: number) => {
    const { minutes } = shown(time, zone);
    return minutes >= from || minutes < to;
  };
  return { isNight, turns: days.flatMap((day) => [instantOf(day, from, zone), instantOf(day, to, zone)]) };
}

interface OfDay {
  mine: readonly Told[];
  plan: Plan | null;
  zone: string;
}

interface Facts {
  first: Told | null;
  last: Told | null;
  isOver: boolean;
  isWork: boolean;
  hasPlan: boolean;
  hasPassed: boolean;
}

function stateOf({ first, last, isOver, isWork, hasPlan, hasPassed }: Facts): string {
  if (first !== null && last !== null) return "worked";
  if (first !== null) return isOver ? "open" : "inside";
  if (!hasPassed && !isWork) return "rest";
  return !hasPassed && hasPlan && isOver ? "absent" : "none";
}

function isWorkday(date: string, plan: Plan | null, { workWeek, holidays }: Asked): boolean {
  const weekday = new Date(date).getUTCDay() || 7;
  return (plan?.weekdays ?? workWeek).includes(weekday) && !holidays.includes(date);
}

/** Whether a person went in before the end of the shift, and was not seen leaving since. */
function isForgotten(from: number | null, mine: readonly Told[], end: number): boolean {
  const ways = mine.map(wayOf).filter((way) => way !== null);
  return from !== null && from < end && ways.at(-1) !== "out";
}

/** @param grace undefined on a day on which no one is late */
function longerThan(time: number | null, since: number | null, grace: number | undefined): number {
  if (time === null || since === null || grace === undefined) return 0;
  return time - since > grace * minute ? Math.floor((time - since) / minute) : 0;
}

/** One day of one person, without corrections. */
export function hoursOf(date: string, told: readonly Told[], asked: Asked) {
  const { plan, many } = planOn(date, asked.groups, asked.plans);
  const times = timesOf(plan);
  const mine = [...datesBy(told, asked)].filter(([, of]) => of === date).map(([one]) => one);
  const { first, last } = endsOf(date, mine, times, asked.zone);
  const isWork = isWorkday(date, plan, asked);
  const isOver = minutesFrom(date, asked.now, asked.zone) >= times.out[1];
  const judged = isWork ? plan : null;
  const startsAt = (minutes: number) => instantOf(date, minutes, asked.zone);
  const from = first && timeOf(first);
  const isOpen = last === null && isOver && judged?.openDays === "end";
  const isEnded = isOpen && isForgotten(from, mine, startsAt(times.end));
  const to = isEnded ? startsAt(times.end) : last && timeOf(last);
  return {
    day: date,
    in: from,
    out: to,
    inEvent: first?.id ?? null,
    outEvent: last?.id ?? null,
    ...workedOf(date, [from, to], { mine, plan, zone: asked.zone }),
    leaveFrom: null,
    leaveTo: null,
    late: longerThan(from, startsAt(times.start), judged?.lateAfter),
    early: longerThan(to && startsAt(times.end), to, judged?.earlyBefore),
    state: isEnded
      ? "worked"
      : stateOf({ first, last, isOver, isWork, hasPlan: plan !== null, hasPassed: mine.length > 0 }),
    isCorrected: false,
    flags: [
      ...([first, last].some((one) => one !== null && isMarked(one)) ? ["clock"] : []),
      ...(many ? ["several-schedules"] : []),
      ...(isEnded ? ["ended-by-rule"] : []),
    ],
    schedule: plan?.id ?? null,
  };
}
