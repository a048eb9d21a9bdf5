import { setTimeout as pause } from "node:timers/promises";
import { GatepostError } from "@gatepost/core/errors";
import {
  dayText,
  lastDayOf,
  type PersonRoster,
  type RosterMonth,
  type RosterView,
  viewDigest,
} from "@gatepost/core/hours";
import { masked } from "@gatepost/core/masking";
import type { Libraries } from "@gatepost/core/sites";
import { Zone } from "@gatepost/core/zones";
import { comparable, dayMs } from "@gatepost/protocol";
import * as z from "zod";
import { portsAtSite } from "../access/ports-for.ts";
import { managersAlone, managersOfPeople } from "../access/who.ts";
import { siteText } from "../names.ts";
import { exampleIds, examplePerson } from "../openapi/examples.ts";
import { namedObject, sentObject } from "../openapi/named.ts";
import { librariesOf, personKeyIn } from "../people/passed.ts";
import { personPath } from "../people/persons.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";
import { requireOpen } from "./closed.ts";
import { hoursDaysOf } from "./hours.ts";
import { everyRecordOf, rostersIn } from "./roster-days.ts";
import { scheduleText } from "./schedules.ts";

/** Bytes of a roster, in an answer and a body: Lambda takes and gives 6 MB, and base64 makes four of three. */
const maxBytes = 4 * 1024 * 1024;

/** Days from today on, in which a planned month begins. */
const daysAhead = 366;

const path = z.object({
  site: siteText,
  month: z
    .string()
    .regex(/^2\d{3}-(?:0[1-9]|1[0-2])$/, "must be a month as 2026-10")
    .meta({ description: "As `2026-11`." }),
});

const schedule = scheduleText.nullable().meta({ description: "Null on a free day." });
const id = personPath.id.refine((text) => text.isWellFormed(), "must not have half a character");
const planned = { ...personPath, id, day: z.iso.date(), schedule };
const plannedDay = sentObject("RosterDay", planned);
const changed = {
  ...planned,
  schedule: schedule
    .exactOptional()
    .meta({ description: "Null on a free day. Left out: the day is no longer in the roster." }),
};

const rev = z.int().min(0).meta({ description: "The version that was read; 0 if there is no roster yet." });
const readRev = rev.exactOptional().meta({ description: "The version that was read. Absent: any." });

const answer = namedObject("Roster", {
  site: z.string(),
  month: z.string(),
  rev,
  isPart: z.boolean().meta({
    description: "Whether the caller sees only some of the boxes that share their people, and cannot change it.",
  }),
  days: z.array(plannedDay),
});

const written = namedObject("RosterVersion", {
  site: z.string(),
  month: z.string(),
  rev,
  unknown: z
    .array(namedObject("RosterPerson", personPath))
    .meta({ description: "People of the request of whom no passing is stored: are the ids right?" }),
});

const refusals = {
  409:
    "It was changed meanwhile, or boxes of the site came, went, or share their people since, or no longer, or it is being " +
    "written (`changed`): read it and its people again. Or the month is closed (`closed`), or older " +
    "than hours are kept (`no-longer-kept`).",
};

const exampleDay = { ...examplePerson, day: "2026-11-06", schedule: exampleIds.schedule };
const examplePath = { site: "default", month: "2026-11" };

const getRoster = route({
  method: "GET",
  path: "/v1/rosters/:site/:month",
  who: managersOfPeople,
  isOfPeople: true,
  about: {
    summary: "Show the roster of a site in a month",
    detail: "Days that are not in it have the schedule of the person's group.",
    answer: { status: 200, is: "The days of the people whom the caller sees.", schema: answer },
    example: { path: examplePath },
  },
  asks: { path },
  async answer({ path: month }, deps) {
    const ports = await portsAtSite(month.site, deps);
    const view = await viewOf(month, ports);
    // The version first: days that are written meanwhile make it an old one.
    const version = await ports.rosters.rev(view, deps.clock());
    const { held, isPart } = await seenRoster(view, ports);
    return Response.json({ ...month, rev: version, isPart, days: daysOf(held) });
  },
});

const putRoster = route({
  method: "PUT",
  path: "/v1/rosters/:site/:month",
  who: managersAlone,
  isOfPeople: true,
  maxBodyBytes: maxBytes,
  about: {
    summary: "Write the roster of a site in a month",
    detail:
      "It replaces the days of all people whom the caller sees. A day with a schedule is of work, also at a weekend or on a " +
      `holiday. A roster has at most ${maxBytes / 1024 ** 2} MB, some 50,000 days; the month begins within a year.`,
    answer: { status: 200, is: "The new version.", schema: written },
    others: refusals,
    example: { path: examplePath, body: { rev: 1, days: [exampleDay] } },
  },
  asks: { path, body: z.strictObject({ rev: readRev, days: z.array(plannedDay) }) },
  audits: { action: "roster-changed", about: aboutOf },
  async answer({ path: month, body }, deps) {
    return write(month, { ...body, isWhole: true }, deps);
  },
});

const changeRoster = route({
  method: "PATCH",
  path: "/v1/rosters/:site/:month",
  who: managersAlone,
  isOfPeople: true,
  maxBodyBytes: maxBytes,
  about: {
    summary: "Change days of a roster",
    detail: "Other days stay as they are.",
    answer: { status: 200, is: "The new version.", schema: written },
    others: refusals,
    example: { path: examplePath, body: { rev: 1, days: [{ ...exampleDay, schedule: null }] } },
  },
  asks: { path, body: z.strictObject({ rev: readRev, days: z.array(sentObject("RosterDayChange", changed)) }) },
  audits: { action: "roster-changed", about: aboutOf },
  async answer({ path: month, body }, deps) {
    return write(month, { ...body, isWhole: false }, deps);
  },
});

export const rosterRoutes = [getRoster, putRoster, changeRoster];

function aboutOf({ path: { site, month }, body }: { path: RosterMonth; body: { days: readonly unknown[] } }) {
  return { site: masked(site), month, days: body.days.length };
}

/** A day as it is asked for. `schedule` is undefined if the day leaves the roster. */
interface AskedDay {
  library: string;
  id: string;
  day: string;
  schedule?: string | null;
}

/** A roster, and the boxes and libraries by which it is read. */
interface View extends RosterView {
  atSite: ReadonlySet<string>;
  libraries: Libraries;
}

/** The view of a roster as boxes and sites are now. */
async function viewOf({ site, month }: RosterMonth, deps: ApiPorts): Promise<View> {
  const [atSite, libraries] = await Promise.all([deps.boxes.sites.boxesOf(site), librariesOf(deps)]);
  const shown = viewDigest(atSite, libraries.of);
  return { site, month, shown, atSite: new Set(atSite), libraries };
}

/**
 * The people of a roster whom the caller sees, the libraries of the site, and the records of people that boxes did not
 * share then.
 *
 * @param named people of whom the records are read as they are now
 */
async function seenRoster({ atSite, libraries, ...month }: View, deps: ApiPorts, named: readonly AskedDay[] = []) {
  const [names, listed] = await Promise.all([deps.boxes.reader.names(), deps.rosters.of(month)]);
  const boxes = names.filter((box) => atSite.has(box));
  const seen = new Set(boxes);
  const ofSite = new Set(boxes.map((box) => libraries.of(box)));
  const asked = new Map(named.map(({ library, id }) => [personKeyIn(library, comparable(id)), { library, id }]));
  const people = [...asked.values()].map(({ library, id }) => ({ library, key: comparable(id) }));
  const nameOf = ({ library, key }: PersonRoster) => personKeyIn(libraries.of(library), key);
  const rows = [
    ...listed.filter((row) => !asked.has(nameOf(row))),
    ...(people.length === 0 ? [] : await deps.rosters.of(month, everyRecordOf(people, libraries))),
  ];
  const ofLibraries = rostersIn(rows, libraries).filter(({ library }) => ofSite.has(library));
  const isSeen = (one: PersonRoster) => one.boxes.some((box) => seen.has(box));
  // One who was planned at a box that is not seen may pass at one that is.
  const known = ofLibraries.every(isSeen) ? [] : await deps.passings.known(boxes);
  const passed = new Set(known.map(({ box, key }) => personKeyIn(libraries.of(box), key)));
  const held = ofLibraries.filter((one) => isSeen(one) || passed.has(personKeyIn(one.library, one.key)));
  const isPart = [...ofSite].some((library) => libraries.boxesOf(library).some((box) => !seen.has(box)));
  const left = rows.filter(({ library }) => libraries.of(library) !== library);
  return { boxes, ofSite, isPart, held, left };
}

function daysOf(people: readonly PersonRoster[]): Required<AskedDay>[] {
  const placed = people.map((person) => ({ person, place: personKeyIn(person.library, person.key) }));
  return placed
    .sort((a, b) => (a.place < b.place ? -1 : 1))
    .flatMap(({ person: { library, id, days } }) =>
      Object.keys(days)
        .sort()
        .map((day) => ({ library, id, day, schedule: days[day] ?? null })),
    );
}

/** Tries to write over any version, and ms between them: another writer is at work. */
const maxTries = 20;
const betweenTriesMs = 200;

interface AskedRoster {
  /** Undefined: any version. */
  rev?: number;
  days: readonly AskedDay[];
  isWhole: boolean;
}

async function write(month: RosterMonth, asked: AskedRoster, deps: ApiPorts): Promise<Response> {
  const ports = await portsAtSite(month.site, deps);
  await requirePlanned(month, ports);
  for (let tries = 1; ; tries++) {
    const now = deps.clock();
    const { atSite, libraries, ...view } = await viewOf(month, ports);
    const current = await ports.rosters.rev(view, now);
    const { rev = current } = asked;
    if (rev !== current) throw new GatepostError("conflict", notNow.changed, { code: "changed" });
    const { changes, unknown } = await changesOf({ ...view, atSite, libraries }, asked, ports);
    const version = { ...view, rev, now, keptDays: await hoursDaysOf(deps) };
    const isNothing = changes.length === 0;
    const done = isNothing ? "written" : await ports.rosters.write(version, changes);
    if (done === "written") return Response.json({ ...month, rev: isNothing ? rev : rev + 1, unknown });
    if (asked.rev !== undefined || tries === maxTries)
      throw new GatepostError("conflict", notNow[done], { code: "changed" });
    await pause(betweenTriesMs);
  }
}

const notNow = {
  changed: "the roster was changed meanwhile, or the boxes of its site; read it and its people again",
  shared: "the roster was changed meanwhile: its boxes share their people since, or no longer; read both again",
  busy: "someone else is writing the roster; read it again, after a minute at the latest",
};

/** Whether a day is of a box that shares its people since, or of a site whose boxes no longer do. */
function isOfThen({ library }: AskedDay, { site, libraries, ofSite }: OfSite): boolean {
  return !ofSite.has(library) && (ofSite.has(libraries.of(library)) || library === `~${site}`);
}

interface OfSite {
  site: string;
  libraries: Libraries;
  ofSite: ReadonlySet<string>;
}

/** The rosters of people as they will be, and the people without a passing. */
async function changesOf(view: View, asked: AskedRoster, deps: ApiPorts) {
  const { boxes, ofSite, held, left } = await seenRoster(view, deps, asked.days);
  const { rev } = asked;
  const { site, libraries } = view;
  if (rev !== undefined && asked.days.some((day) => isOfThen(day, { site, libraries, ofSite })))
    throw new GatepostError("conflict", notNow.shared, { code: "changed" });
  const before = new Map(held.map((person) => [personKeyIn(person.library, person.key), person]));
  await requireCountable(asked.days, { month: view, ofSite, before }, deps);
  const known = Map.groupBy(await deps.passings.known(boxes), ({ box, key }) => personKeyIn(libraries.of(box), key));
  const after = asked.isWhole ? new Map<string, PersonRoster>() : new Map(before);
  const ofPeople = Map.groupBy(asked.days, ({ library, id }) => personKeyIn(library, comparable(id)));
  for (const [name, days] of ofPeople) {
    const [{ library, id } = { library: "", id: "" }] = days;
    const at = (known.get(name) ?? []).map(({ box }) => box);
    const person = { library, id, key: comparable(id), boxes: at.length > 0 ? at : libraries.boxesOf(library) };
    after.set(name, { ...person, days: joined(after.get(name)?.days ?? {}, days) });
  }
  if (Buffer.byteLength(JSON.stringify(daysOf([...after.values()]))) > maxBytes) {
    throw new GatepostError("too-large", `a roster may have ${maxBytes / 1024} KB; plan fewer people`);
  }
  const gone = [...before].flatMap(([name, person]) => (after.has(name) ? [] : [{ ...person, days: {} }]));
  const changed = [...after].flatMap(([name, person]) => (isSame(before.get(name), person) ? [] : [person]));
  const changes = [...changed, ...gone];
  const names = new Set(changes.map(({ library, key }) => personKeyIn(library, key)));
  // Records of the time before boxes shared the person.
  const old = left.filter(({ library, key }) => names.has(personKeyIn(libraries.of(library), key)));
  const unknown = [...ofPeople].flatMap(([name, [day]]) =>
    day === undefined || known.has(name) ? [] : [{ library: day.library, id: day.id }],
  );
  return { changes: [...changes, ...old.map((row) => ({ ...row, days: {} }))], unknown };
}

/** The days of a person with some changes, in the order of the days. */
function joined(days: PersonRoster["days"], asked: readonly AskedDay[]): PersonRoster["days"] {
  const after = new Map(Object.entries(days));
  for (const { day, schedule: of } of asked) {
    if (of === undefined) after.delete(day);
    else after.set(day, of);
  }
  return Object.fromEntries([...after].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isSame(before: PersonRoster | undefined, { days }: PersonRoster): boolean {
  return JSON.stringify(before?.days ?? {}) === JSON.stringify(days);
}

/** Throws 409 for a month that is closed or no longer kept, 400 for one that is too far ahead. */
async function requirePlanned({ site, month }: RosterMonth, deps: ApiPorts): Promise<void> {
  const first = `${month}-01`;
  await requireOpen(site, first, deps);
  const { zone } = (await deps.sites.get(site)) ?? deps.sites.unset(site);
  const dayAt = (time: number) => dayText((Zone.find(zone) ?? Zone.utc).dayOf(time));
  const keptFrom = dayAt(deps.clock() - (await hoursDaysOf(deps)) * dayMs);
  if (lastDayOf(month) < keptFrom) {
    throw new GatepostError("conflict", `hours are kept from ${keptFrom} on`, { code: "no-longer-kept" });
  }
  const latest = dayAt(deps.clock() + daysAhead * dayMs);
  if (first > latest) throw new GatepostError("bad-request", `month: must begin on ${latest} at the latest`);
}

/** Throws 400 for a day that the roster cannot have. */
async function requireCountable(
  days: readonly AskedDay[],
  {
    month: { site, month },
    ofSite,
    before,
  }: { month: RosterMonth; ofSite: ReadonlySet<string>; before: ReadonlyMap<string, PersonRoster> },
  { schedules }: Pick<ApiPorts, "schedules">,
): Promise<void> {
  const firstDays = new Map<string, string>();
  for (const { id, validFrom } of (await schedules.of(site)).toSorted((a, b) => (a.validFrom < b.validFrom ? 1 : -1)))
    firstDays.set(id, validFrom);
  const faultOf = ({ library, id, day, schedule: of }: AskedDay) => {
    if (!day.startsWith(month)) return `day: must be in ${month}`;
    if (!ofSite.has(library)) return "library: is none of this site that you see";
    // A removed schedule stays on the days that have it.
    const isHeld = before.get(personKeyIn(library, comparable(id)))?.days[day] === of;
    const first = of == null || isHeld ? day : firstDays.get(of);
    if (first === undefined) return "schedule: there is no such schedule at this site";
    return first > day ? `schedule: has no version before ${first}` : null;
  };
  const seen = new Set<string>();
  for (const [n, asked] of days.entries()) {
    const name = `${asked.day} ${personKeyIn(asked.library, comparable(asked.id))}`;
    const fault = faultOf(asked) ?? (seen.has(name) ? "day: the person has this day twice" : null);
    if (fault !== null) throw new GatepostError("bad-request", `days.${n}.${fault}`);
    seen.add(name);
  }
}
