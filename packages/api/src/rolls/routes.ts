import { GatepostError } from "@gatepost/core/errors";
import { masked } from "@gatepost/core/masking";
import { pinyinOf } from "@gatepost/core/people";
import {
  maxRolled,
  type Roll,
  type RollActor,
  type RolledPerson,
  type RolledRow,
  rowsOfRoll,
  type Tick,
} from "@gatepost/core/rolls";
import { actorSchema, evacuationOf, instant, personTypes } from "@gatepost/protocol";
import * as z from "zod";
import { actingThen } from "../access/actors.ts";
import { portsAtSite, portsFor, seesSite } from "../access/ports-for.ts";
import { guardsAlone, managersAlone } from "../access/who.ts";
import { actOf } from "../idempotency.ts";
import { countedMoment } from "../moments.ts";
import { siteText, writtenText } from "../names.ts";
import { exampleIds, exampleRepeatable, exampleTick } from "../openapi/examples.ts";
import { namedObject, namedWords, sentObject } from "../openapi/named.ts";
import { personKeyIn, portraitKind } from "../people/passed.ts";
import type { ApiPorts } from "../ports.ts";
import { readPresence, readWaysOut } from "../presence/presence.ts";
import { route } from "../route.ts";
import { markerOf } from "../seen/acknowledgements.ts";

const rollFacts = {
  id: z.string(),
  site: z.string(),
  isDrill: z.boolean(),
  state: namedWords("RollState", ["begun", "closed"]),
  begunAt: z.iso.datetime(),
  begunBy: actorSchema,
  closedAt: z.iso.datetime().nullable(),
  closedBy: z.nullable(actorSchema),
};

const listedRoll = namedObject("ListedRoll", rollFacts);

const tickAnswer = namedObject(
  "RollTick",
  {
    key: z.string().meta({ description: "The person." }),
    name: z.string().nullable().meta({ description: "Of a person who was added by hand; null for another one." }),
    id: z.string(),
    isSafe: z.boolean(),
    at: z.iso.datetime(),
    by: actorSchema,
  },
  "The latest tick of a person: with the largest `at`, then the largest `id`.",
);

const ticksOfRoll = z.array(tickAnswer);

export const rollTicks = namedObject("RollTicks", { ticks: ticksOfRoll });

const wayIn = {
  since: z.iso.datetime(),
  event: z.string().meta({ description: "The passing in. Its captured face shows the person." }),
  device: z.string().nullable().meta({ description: "The key of its device." }),
  pictures: z.array(portraitKind).meta({ description: "Those that the passing has." }),
};

/** The ways out of people after the beginning. No one is ticked by them. */
const outsOfRoll = z.array(
  namedObject(
    "RollOut",
    {
      key: z.string().meta({ description: "The person." }),
      at: z.iso.datetime(),
      event: z.string().meta({ description: "The passing out: the evidence." }),
      device: z.string().nullable().meta({ description: "The key of its device." }),
    },
    "A person of the list who went out within a day after its beginning, and not in again. It ticks no one: a person may " +
      "have gone out by another's card.",
  ),
);

export const rollAnswer = namedObject("Roll", {
  ...rollFacts,
  people: z.array(
    namedObject("RollPerson", {
      key: z.string(),
      library: z.string(),
      id: z.string(),
      name: z.string().nullable(),
      pinyin: z.string().nullable().meta({ description: "The reading of a Chinese name; null for another one." }),
      type: z.enum(personTypes),
      group: z.string().nullable(),
      ...wayIn,
      passings: z.array(namedObject("RollPassing", { library: z.string(), ...wayIn })).meta({
        description:
          "The passings in of the row, the last one first: one, or one of each library that knows a person with this id and name.",
      }),
    }),
  ),
  ticks: ticksOfRoll,
  outs: outsOfRoll,
});

/** The ticks of a list, and its facts that change. */
export const rollNow = namedObject("RollNow", {
  state: rollFacts.state,
  people: z.int().meta({ description: "How many people are on the list: fewer once one is erased." }),
  ticks: ticksOfRoll,
  outs: outsOfRoll,
});
export const rollPath = z.object({ id: z.string().max(64).meta({ description: "`rol_…`" }) });

const listRolls = route({
  method: "GET",
  path: "/v1/rolls",
  who: guardsAlone,
  isOfPeople: true,
  about: {
    summary: "List the open evacuation lists",
    answer: {
      status: 200,
      is: "Each open list of a site with a box that the caller sees.",
      schema: z.object({ rolls: z.array(listedRoll) }),
    },
  },
  async answer(_, deps) {
    const open = await deps.rolls.open();
    const isSeen = await Promise.all(open.map(({ site }) => seesSite(site, deps)));
    return Response.json({ rolls: open.filter((_, n) => isSeen[n]).map(shownRoll) });
  },
});

const beginRoll = route({
  method: "POST",
  path: "/v1/rolls",
  who: managersAlone,
  isOfPeople: true,
  about: {
    summary: "Begin an evacuation list",
    detail:
      "It freezes the list of people who are inside the site at this moment, as `GET /v1/presence` counts them. People whom several " +
      "boxes know with the same id and name are one row, unless `PUT /v1/people/alike` says otherwise. A site has one open list at " +
      "most, of up to 5000 people. It is kept for 31 days.",
    answer: { status: 201, is: "The whole list.", schema: rollAnswer },
    others: { 409: `A list of the site is open (\`open\`), or over ${maxRolled} people are inside (\`too-many\`).` },
    example: { headers: exampleRepeatable, body: { site: "default", isDrill: true } },
  },
  asks: { body: z.strictObject({ site: siteText, isDrill: z.boolean() }) },
  audits: {
    action: "roll-begun",
    about: ({ body: { site, isDrill } }) => ({ site: masked(site), isDrill }),
    tells: z.object({ id: z.string() }).transform(({ id }) => ({ roll: id })),
  },
  async answer({ body: { site, isDrill }, caller, headers }, deps) {
    const ofSite = await portsAtSite(site, deps);
    const { id, mayBeRepeat } = actOf("rol_", [JSON.stringify([site, isDrill])], { caller, headers });
    const earlier = mayBeRepeat ? await deps.rolls.get(id) : null;
    if (earlier !== null) {
      await announce({ ...earlier, closed: null }, await visibleRows(earlier, ofSite), deps);
      return Response.json(await wholeRoll(earlier, ofSite), { status: 201 });
    }
    const at = deps.clock();
    const { inside } = await readPresence(site, at, ofSite);
    const people = inside.map(({ person: { library, facts }, since, passing: { event, device, box, pictures } }) => {
      const { key, id, name, type, group } = facts;
      return { library, key, id, name, type, group, since, event, device, box, pictures };
    });
    const roll = await deps.rolls.begin({ site, isDrill, at, by: markerOf(caller) }, people, id);
    const listed = people.map((person): RolledPerson => {
      return { ...person, key: personKeyIn(person.library, person.key), tick: null };
    });
    const rows = rowsOfRoll(listed, await keepsApart(site, deps));
    await announce(roll, rows, deps);
    const whole = { ...shownRoll(roll), people: rows.flatMap(shownPerson), ticks: [], outs: [] };
    return Response.json(whole, { status: 201 });
  },
});

const getRoll = route({
  method: "GET",
  path: "/v1/rolls/:id",
  who: guardsAlone,
  isOfPeople: true,
  about: {
    summary: "Get an evacuation list",
    detail:
      "A caller who is limited to boxes gets the people of their libraries. An erased person is gone from it. People whom " +
      "several boxes of the site know with the same id and a name are one row, with the passings of all, until someone says " +
      "that they are different. An id without a name has a row at each box.",
    answer: { status: 200, is: "The people as the list began, and the ticks.", schema: rollAnswer },
    example: { path: { id: exampleIds.roll } },
  },
  asks: { path: rollPath },
  async answer({ path: { id } }, deps) {
    return Response.json(await wholeRoll(await findRoll(id, deps), deps));
  },
});

const getTicks = route({
  method: "GET",
  path: "/v1/rolls/:id/ticks",
  who: guardsAlone,
  isOfPeople: true,
  about: {
    summary: "Get the ticks of an evacuation list",
    answer: { status: 200, is: "The ticks, the number of people, and whether the list is closed.", schema: rollNow },
    example: { path: { id: exampleIds.roll } },
  },
  asks: { path: rollPath },
  async answer({ path: { id } }, deps) {
    return Response.json(await ticksNow(await findRoll(id, deps), deps));
  },
});

/** Ticks of one request, at most. */
const maxTicks = 500;

const tickBody = sentObject("RollTick", {
  id: z
    .string()
    .regex(/^tic_[0-9a-z]{8,40}$/, "must be tic_ and 8 to 40 small letters or digits")
    .meta({ description: "Made by the client, the same each time that it sends this tick." }),
  key: z.string().min(1).max(1024),
  isSafe: z.boolean(),
  at: countedMoment("When it was ticked."),
  name: writtenText(1, 100)
    .meta({
      description: "Adds a person who is not on the list. Then `key` is `+` and 8 to 40 small letters or digits.",
    })
    .exactOptional(),
});

/** The ticks of one request. */
export const ticksBody = sentObject("RollTicks", {
  ticks: z
    .array(tickBody)
    .min(1)
    .max(maxTicks)
    .refine((ticks) => ticks.every(isKeyed), "a person who is added has a key of + and 8 to 40 letters or digits"),
});

const tickRoll = route({
  method: "POST",
  path: "/v1/rolls/:id/ticks",
  who: guardsAlone,
  isOfPeople: true,
  about: {
    summary: "Tick people of an evacuation list",
    detail:
      "The latest tick of a person decides, by `at`, then by `id`: the order in which ticks are sent has no effect, and a tick " +
      "that is sent again changes nothing. A tick counts for all people of its row. A time outside the list's own is moved " +
      "into it. A tick of a person who is not on the list has no effect.",
    answer: { status: 200, is: "All ticks of the list.", schema: rollTicks },
    others: { 409: "The list is closed (`closed`), or 500 people were added to it (`too-many`)." },
    example: { path: { id: exampleIds.roll }, body: { ticks: [exampleTick] } },
  },
  asks: { path: rollPath, body: ticksBody },
  maxBodyBytes: 1024 * 1024,
  audits: {
    action: "roll-ticked",
    about: ({ path: { id }, body: { ticks } }) => ({ roll: rollName(id), count: ticks.length }),
  },
  async refuses({ path: { id } }, deps) {
    const roll = await findRoll(id, deps);
    if (roll.closed !== null) throw new GatepostError("conflict", "this list is closed", { code: "closed" });
  },
  async answer({ path: { id }, body: { ticks }, caller }, deps) {
    const roll = await findRoll(id, deps);
    return Response.json({ ticks: await noteTicks(roll, ticks, { by: markerOf(caller), deps }) });
  },
});

const closeRoll = route({
  method: "POST",
  path: "/v1/rolls/:id/close",
  who: managersAlone,
  isOfPeople: true,
  about: {
    summary: "Close an evacuation list",
    detail: "It takes no ticks any more, and its links end. One that is closed keeps its end.",
    answer: { status: 200, is: "The list.", schema: listedRoll },
    example: { path: { id: exampleIds.roll } },
  },
  asks: { path: rollPath },
  audits: { action: "roll-closed", about: ({ path: { id } }) => ({ roll: rollName(id) }) },
  async refuses({ path: { id } }, deps) {
    await findRoll(id, deps);
  },
  async answer({ path: { id }, caller }, deps) {
    const closed = await deps.rolls.close(id, { at: deps.clock(), by: markerOf(caller) });
    await deps.rollLinks.endAll(id);
    if (closed === null) throw noSuchRoll();
    await announce(closed, await visibleRows(closed, deps), deps);
    return Response.json(shownRoll(closed));
  },
});

export const rollRoutes = [listRolls, beginRoll, getRoll, getTicks, tickRoll, closeRoll];

/** A roll with its people and ticks, as the ports see it. */
export async function wholeRoll(roll: Roll, deps: ApiPorts) {
  const rows = await visibleRows(roll, deps);
  const outs = await outsOf(roll, rows, deps);
  return { ...shownRoll(roll), people: rows.flatMap(shownPerson), ticks: rows.flatMap(shownTick), outs };
}

/** The ticks of a roll, the number of its rows, and whether it is closed. */
export async function ticksNow(roll: Roll, deps: ApiPorts): Promise<z.input<typeof rollNow>> {
  const rows = await visibleRows(roll, deps);
  return {
    state: stateOf(roll),
    people: rows.flatMap(shownPerson).length,
    ticks: rows.flatMap(shownTick),
    outs: await outsOf(roll, rows, deps),
  };
}

async function outsOf(roll: Roll, rows: readonly RolledRow[], deps: ApiPorts) {
  const rowOf = new Map(rows.flatMap(({ key, members }) => members.map((member) => [member.key, key] as const)));
  const ofSite = await portsFor({ boxes: null, query: { site: roll.site } }, deps);
  const outs = await readWaysOut(roll, rowOf, ofSite);
  return outs.map(({ key, passing: { at, event, device } }) => ({ key, at: instant(at), event, device }));
}

/** Tells subscribers that a list has begun, or was closed. A bus that fails keeps no one from the list. */
async function announce(roll: Roll, rows: readonly RolledRow[], { bus, log }: ApiPorts): Promise<void> {
  const { state: _, ...shown } = shownRoll(roll);
  const missing = rows.filter(({ tick }) => tick?.isSafe !== true).length;
  try {
    await bus.put(evacuationOf({ roll: shown, people: rows.length, missing }));
  } catch (cause) {
    log.error("evacuation list not announced", { roll: roll.id, cause });
  }
}

/** Notes ticks of people of a roll whom the ports see, and returns all ticks. */
export async function noteTicks(
  roll: Roll,
  ticks: z.output<typeof ticksBody>["ticks"],
  { by, deps }: { by: RollActor; deps: ApiPorts },
) {
  const rows = await visibleRows(roll, deps);
  const keysOf = new Map(rows.flatMap(({ members }) => members.map(({ key }) => [key, members] as const)));
  const now = deps.clock();
  const noted = ticks.flatMap(({ at, ...tick }): Tick[] => {
    const people = keysOf.get(tick.key) ?? (tick.name === undefined ? [] : [tick]);
    return people.map(({ key }) => ({ ...tick, key, at: Math.min(Math.max(at, roll.begunAt), now) }));
  });
  await deps.rolls.tick(roll, noted, by);
  return (await visibleRows(roll, deps)).flatMap(shownTick);
}

/** Throws 404 unless the caller sees a box of the site. */
export async function findRoll(id: string, deps: ApiPorts): Promise<Roll> {
  const roll = await deps.rolls.get(id);
  if (roll === null || !(await seesSite(roll.site, deps))) throw noSuchRoll();
  return roll;
}

function noSuchRoll(): GatepostError {
  return new GatepostError("not-found", "there is no such evacuation list, or it is older than 31 days");
}

/** The rows of a roll, of people in the libraries that the caller sees and of those who were added by hand. */
async function visibleRows({ id, site }: Roll, deps: ApiPorts): Promise<RolledRow[]> {
  const { rolls, boxes } = deps;
  const [people, names, areApart] = await Promise.all([rolls.people(id), boxes.reader.names(), keepsApart(site, deps)]);
  const seen = new Set(names);
  const visible = people.filter(({ library }) => library === null || library.startsWith("~") || seen.has(library));
  return rowsOfRoll(visible, areApart);
}

async function keepsApart(site: string, { sites }: ApiPorts): Promise<boolean> {
  return (await sites.get(site))?.keepsPeopleApart === true;
}

function isKeyed({ key, name }: { key: string; name?: string }): boolean {
  return name === undefined || /^\+[0-9a-z]{8,40}$/.test(key);
}

/** The id of a roll as the audit log names it. */
export function rollName(id: string): string {
  return /^rol_[0-9a-f]{1,40}$/.test(id) ? id : "no list";
}

function stateOf({ closed }: Roll): "begun" | "closed" {
  return closed === null ? "begun" : "closed";
}

function shownRoll(roll: Roll) {
  const { id, site, isDrill, begunAt, begunBy, closed } = roll;
  return {
    id,
    site,
    isDrill,
    state: stateOf(roll),
    begunAt: instant(begunAt),
    begunBy: actingThen(begunBy.id, begunBy.name),
    closedAt: closed === null ? null : instant(closed.at),
    closedBy: closed === null ? null : actingThen(closed.by.id, closed.by.name),
  };
}

function shownPerson({ key, id, name, type, group, members }: RolledRow) {
  const passings = members.flatMap(shownPassing);
  const [last] = passings;
  if (id === null || last === undefined) return [];
  const pinyin = name === null ? null : pinyinOf(name);
  return [{ key, id, name, pinyin, type, group, ...last, passings }];
}

function shownPassing({ library, since, event, device, pictures }: RolledPerson) {
  if (library === null || since === null || event === null) return [];
  return [{ library, since: instant(since), event, device, pictures }];
}

function shownTick({ key, library, name, tick }: RolledPerson) {
  if (tick === null) return [];
  const { id, isSafe, at, by } = tick;
  const added = library === null ? name : null;
  return [{ key, name: added, id, isSafe, at: instant(at), by: actingThen(by.id, by.name) }];
}
