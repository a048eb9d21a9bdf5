import { dayNumber, dayText, lastDayOf } from "@gatepost/core/hours";
import { expect } from "vitest";
import * as z from "zod";
import { type RandomPassing, RandomShifts } from "./random-shifts.ts";

const cell = z.object({
  day: z.string(),
  in: z.string().nullable(),
  out: z.string().nullable(),
  minutes: z.number().nullable(),
  break: z.number(),
  nightMinutes: z.number(),
  leaveFrom: z.string().nullable(),
  leaveTo: z.string().nullable(),
  late: z.number(),
  early: z.number(),
  state: z.string(),
  flags: z.array(z.string()),
});
const sheet = z.object({
  people: z.array(z.object({ id: z.string(), days: z.array(cell) })),
  wouldHaveChanged: z.array(z.unknown()),
});

type Cell = z.output<typeof cell>;

/** A Gatepost in a test. Throws if a request fails. */
export interface HoursServer {
  /** Asks as `GET /v1/hours`, and gives the parsed body. */
  ask(route: string, body?: unknown): Promise<unknown>;
  pass(passing: RandomPassing): Promise<void>;
  /** The rows of an export of hours as csv; left out if no job is done. */
  exported?(filter: object): Promise<string>;
}

/** The site of the test: a fresh one, with one box, of which it does not share the people. */
interface Place {
  site: string;
  box: string;
  /** A month that has ended, as `2026-10`. */
  month: string;
}

/**
 * Has people of random groups pass by random schedules and rosters, ends the work of some, and expects one value of each
 * day of a month, in all answers.
 */
export async function expectOneValue(server: HoursServer, { site, box, month }: Place, seed: number): Promise<void> {
  const random = new RandomShifts(seed);
  const [from, to] = [`${month}-01`, lastDayOf(month)];
  const schedules = random.schedules(1 + random.below(4), from);
  for (const { id, ...facts } of schedules) await server.ask(`PUT /v1/schedules/${id}`, { site, ...facts });
  const people = ["1", "2", "3", "4"];
  const days = { from: dayNumber(from) - 8, to: dayNumber(to) + 1 };
  const passings = people.flatMap((person) => random.passings(person, days));
  await Promise.all(passings.map((passing) => server.pass(passing)));
  const passing = people.filter((id) => passings.some(({ person }) => person === id));
  const known = async () =>
    z.object({ people: z.array(z.unknown()) }).parse(await server.ask(`GET /v1/people?site=${site}`));
  await expect.poll(async () => (await known()).people.length).toBe(passing.length);
  for (const id of passing) {
    const path = `/v1/people/${box}/${id}`;
    const { first } = z.object({ first: z.string() }).parse(await server.ask(`GET ${path}`));
    // A day of UTC later, it is the day of the first kept passing or later in every zone.
    const leftOn = dayText(dayNumber(first.slice(0, 10)) + 1 + random.below(30));
    if (random.below(2) === 0) await server.ask(`PATCH ${path}`, { leftOn });
  }
  const valid = schedules.filter(({ validFrom }) => validFrom <= from);
  const ofMonth = { from: dayNumber(from), to: dayNumber(to) };
  const planned = people
    .filter(() => random.below(2) === 0)
    .flatMap((id) => [...random.roster(valid, ofMonth)].map(([day, of]) => ({ library: box, id, day, schedule: of })))
    .filter(({ schedule }) => schedule !== "sch_removed");
  await server.ask(`PUT /v1/rosters/${site}/${month}`, { rev: 0, days: planned });
  const roster = async () => await server.ask(`GET /v1/rosters/${site}/${month}`);
  await expect.poll(roster).toEqual({ site, month, rev: planned.length === 0 ? 0 : 1, isPart: false, days: planned });
  for (const id of passing) {
    const day = dayText(dayNumber(to) - random.below(20));
    const leave = Date.parse(day) + (6 + random.below(12)) * 3_600_000;
    const part = { kind: "leave", from: leave, to: leave + (1 + random.below(9)) * 3_600_000 };
    await server.ask("POST /v1/hours/corrections", { library: box, id, day, ...part, reason: "Was at a doctor" });
  }

  const sheetOf = async (first: string, last: string) =>
    sheet.parse(await server.ask(`GET /v1/hours?site=${site}&from=${first}&to=${last}&limit=100`));
  const whole = cellsOf((await sheetOf(from, to)).people);
  const expectSame = (found: ReadonlyMap<string, Cell>, first: string, last: string, among = people) => {
    const asked = [...whole].filter(
      ([name, { day }]) => day >= first && day <= last && among.some((id) => name.startsWith(`${id} `)),
    );
    for (const [name, one] of asked) expect([name, found.get(name) ?? shownAs(one)]).toEqual([name, one]);
    for (const [name, one] of found) expect([name, whole.get(name) ?? shownAs(one)]).toEqual([name, one]);
  };
  for (let first = dayNumber(from); first <= dayNumber(to); ) {
    const last = Math.min(dayNumber(to), first + random.pick([0, 0, 6, random.below(12)]));
    const [begin, end] = [dayText(first), dayText(last)];
    expectSame(cellsOf((await sheetOf(begin, end)).people), begin, end);
    first = last + 1;
  }
  for (const id of passing) {
    const begin = dayText(dayNumber(from) + random.below(20));
    const shown = await server.ask(`GET /v1/people/${box}/${id}/days?from=${begin}&to=${to}`);
    const { days: ofPerson } = z.object({ days: z.array(cell) }).parse(shown);
    expectSame(cellsOf([{ id, days: ofPerson }]), begin, to, [id]);
  }
  if (server.exported !== undefined)
    expect(await exportedBy(server.exported, { site, from, to })).toEqual(filled(whole));
  await server.ask("POST /v1/hours/close", { site, month });
  const closed = await sheetOf(from, to);
  expect(closed.wouldHaveChanged).toEqual([]);
  expectSame(cellsOf(closed.people), from, to);
}

/** Cells by their people and days. */
function cellsOf(people: readonly { id: string; days: readonly Cell[] }[]): Map<string, Cell> {
  return new Map(people.flatMap(({ id, days }) => days.map((day) => [`${id} ${day.day}`, day] as const)));
}

/** A cell that an answer may leave out, because nothing is in it; another text for one that it may not. */
function shownAs({ state, ...one }: Cell): Cell {
  return { ...one, state: state === "rest" || state === "none" ? state : `must be shown, not ${state}` };
}

/** The state and minutes of the days that an export has a row of. */
async function exportedBy(exported: (filter: object) => Promise<string>, filter: object) {
  const [head = "", ...lines] = (await exported(filter)).replace("\uFEFF", "").replaceAll('"', "").trim().split("\r\n");
  const titles = head.split(",");
  const rows = lines.map((line) => new Map(line.split(",").map((text, n) => [titles[n], text])));
  return new Map(
    rows
      .map(
        (row) =>
          [
            `${row.get("id")} ${row.get("day")}`,
            ["state", "minutes", "break", "nightMinutes"].map((title) => row.get(title)).join(" "),
          ] as const,
      )
      .filter(isFilled),
  );
}

function filled(cells: ReadonlyMap<string, Cell>): Map<string, string> {
  return new Map(
    [...cells]
      .map(([name, day]) => [name, [day.state, day.minutes ?? "", day.break, day.nightMinutes].join(" ")] as const)
      .filter(isFilled),
  );
}

function isFilled([, values]: readonly [string, string]): boolean {
  return !/^(?:rest|none) /.test(values);
}
