import { connectionRefusals, type RefusedRequest } from "@gatepost/core/arrivals";
import { defaultSite } from "@gatepost/core/boxes";
import { GatepostError } from "@gatepost/core/errors";
import { boxText, moment } from "@gatepost/core/events";
import { masked } from "@gatepost/core/masking";
import { Zone } from "@gatepost/core/zones";
import {
  boxKindSchema,
  boxSchema,
  dayMs,
  hourMs,
  instant,
  mappingId,
  minuteMs,
  type ShownBox,
} from "@gatepost/protocol";
import * as z from "zod";
import { administratorsAlone, managers } from "../access/who.ts";
import { dropExportsOfOtherSites } from "../jobs/drop-exports.ts";
import { displayName, ofSite, siteText } from "../names.ts";
import { exampleIds } from "../openapi/examples.ts";
import { growingWords, namedObject } from "../openapi/named.ts";
import { nextPage, paging, readPage } from "../page.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";

/** A box as readers of the API get it. */
const shownBox = namedObject("Box", {
  ...boxSchema.shape,
  kinds: z.array(
    z.object({
      ...boxKindSchema.shape,
      dialectName: z.string().nullable().meta({
        description: "The name of the mapping that `dialect` names; null for a dialect or a removed mapping.",
      }),
    }),
  ),
});

const boxPath = z.object({ id: boxText });

const listBoxes = route({
  method: "GET",
  path: "/v1/boxes",
  who: managers,
  about: {
    summary: "List boxes: the silent ones first, then by name",
    detail:
      "`state` is `new` (it has a key and has sent nothing), `reports` or `silent`: beyond three times the longest pause that " +
      "it made at this weekday and hour in four weeks. `rhythm` has the last 24 hours by half-hour, and the mean of the same " +
      "half-hours in four weeks. On AWS `today` and `refused` are unknown.",
    answer: { status: 200, is: "One page.", schema: z.object({ boxes: z.array(shownBox), next: nextPage }) },
    example: { query: { limit: "20" } },
  },
  asks: { query: z.object({ ...ofSite, ...paging }) },
  async answer({ query }, deps) {
    const { items, next } = await readPage("boxes", query, (_, page) => deps.boxes.reader.list(page), deps);
    return Response.json({ boxes: await withMappingNames(items, deps), next });
  },
});

const getBox = route({
  method: "GET",
  path: "/v1/boxes/:id",
  who: managers,
  about: {
    summary: "Get one box",
    answer: { status: 200, is: "The box.", schema: shownBox },
    example: { path: { id: exampleIds.box } },
  },
  asks: { path: boxPath },
  answer: async ({ path }, deps) => Response.json(await findNamed(path.id, deps)),
});

const monthMs = 31 * dayMs;

const settings = z
  .strictObject({
    name: displayName.nullable().meta({ description: "The name that people see; null for the id." }).exactOptional(),
    site: siteText
      .transform((site) => (site === defaultSite ? null : site))
      .nullable()
      .meta({ description: "The id of its site; null for `default`." })
      .exactOptional(),
    zone: z
      .string()
      .max(64)
      .refine((name) => Zone.find(name) !== null, "must be a time zone, as Asia/Shanghai")
      .nullable()
      .meta({ description: "The time zone of its times without one; null for the zone of its site." })
      .exactOptional(),
    silence: z
      .strictObject({
        afterMs: z
          .int()
          .min(minuteMs, "must be a minute at least")
          .max(monthMs, "must be 31 days at most")
          .nullable()
          .meta({ description: "ms without a report or notice; null for the limit by its rhythm." })
          .exactOptional(),
        isExpected: z
          .boolean()
          .meta({ description: "True if its silence is shown but not announced." })
          .exactOptional(),
      })
      .exactOptional(),
  })
  .refine(
    ({ name, site, zone, silence = {} }) =>
      [name, site, zone, ...Object.values(silence)].some((one) => one !== undefined),
    { message: "give name, site, zone, silence.afterMs or silence.isExpected" },
  );

const setBox = route({
  method: "PATCH",
  path: "/v1/boxes/:id",
  who: administratorsAlone,
  about: {
    summary: "Set the display name of a box, its site, its time zone, and when it counts as silent",
    detail: "Members that are left out stay unchanged. A silent box stays silent until it sends again.",
    answer: { status: 200, is: "The box.", schema: shownBox },
    example: { path: { id: exampleIds.box }, body: { silence: { afterMs: hourMs } } },
  },
  asks: { path: boxPath, body: settings },
  audits: {
    action: "setting-changed",
    about: ({ path: { id }, body: { name, site, zone, silence: { afterMs, isExpected } = {} } }) => ({
      box: masked(id),
      name: name === undefined ? name : masked(name ?? "none"),
      site: site === undefined ? site : masked(site ?? defaultSite),
      zone: zone === null ? "usual" : zone,
      afterMs: afterMs === null ? "by rhythm" : afterMs,
      isExpected,
    }),
  },
  async answer({ path: { id }, body: { silence, ...others } }, deps) {
    await findBox(id, deps);
    await deps.boxes.writer.set(id, { ...others, ...silence });
    if (others.site !== undefined) await dropExportsOfOtherSites(id, others.site, deps);
    deps.log.info("box set", { box: id, ...others, ...silence });
    return Response.json(await findNamed(id, deps));
  },
});

const arrival = namedObject("Arrival", {
  at: z.iso.datetime(),
  path: z.string(),
  bytes: z.int().nullable(),
  from: z.string().nullable(),
  outcome: z.enum(["event", "notice", "quarantined", "refused"]),
  event: z.string().exactOptional(),
  kind: z.string().exactOptional(),
  quarantine: z.string().exactOptional(),
  reason: z.string().exactOptional(),
  status: z.int().exactOptional(),
});

const wrongKey = namedObject("WrongKey", { at: z.iso.datetime(), from: z.string(), path: z.string() });

const refusedConnections = namedObject("RefusedConnections", {
  reason: growingWords(connectionRefusals),
  from: z.string(),
  count: z.int(),
  last: z.iso.datetime(),
});

const listArrivals = route({
  method: "GET",
  path: "/v1/boxes/:id/arrivals",
  who: administratorsAlone,
  about: {
    summary: "List the last requests of a box, and their results",
    detail:
      "To set up a box: its last 20 reports, notices and refusals, newest first, and the requests of any sender with a wrong key. " +
      "`refusedConnections` counts the connections that ended before a complete request. On one machine they are in memory, since " +
      "its start; on AWS refusals, wrong keys and connections are unknown.",
    answer: {
      status: 200,
      is: "What arrived.",
      schema: namedObject("BoxArrivals", {
        arrivals: z.array(arrival),
        wrongKeys: z.array(wrongKey).nullable(),
        refusedConnections: z.array(refusedConnections).nullable(),
      }),
    },
    example: { path: { id: exampleIds.box }, query: { after: "2026-11-05T04:00:00Z" } },
  },
  asks: {
    path: boxPath,
    query: z.object({
      after: moment.meta({ description: "Only arrivals after that time." }).exactOptional(),
    }),
  },
  async answer({ path: { id }, query: { after = 0 } }, deps) {
    await findBox(id, deps);
    const { arrivals } = deps.boxes;
    const isAfter = ({ at }: { at: string }) => Date.parse(at) > after;
    const arrived = (await arrivals.of(id)).filter(isAfter);
    if (!arrivals.isWrongKeyKnown)
      return Response.json({ arrivals: arrived, wrongKeys: null, refusedConnections: null });
    const { recent, connections = [] } = deps.refusals;
    return Response.json({
      arrivals: arrived,
      wrongKeys: wrongKeysIn(recent).filter(isAfter),
      refusedConnections: connections.filter(({ last }) => isAfter({ at: last })),
    });
  },
});

const unknownTerminal = namedObject("UnknownTerminal", {
  serial: z.string(),
  from: z.string(),
  count: z.int(),
  last: z.iso.datetime(),
});

const listUnknownTerminals = route({
  method: "GET",
  path: "/v1/unknown-terminals",
  who: administratorsAlone,
  about: {
    summary: "List terminals whose serial no live key lists",
    detail:
      "Terminals of ZKTeco send no key. Such a terminal keeps its records, and delivers them once a key lists its serial: " +
      "`POST /v1/keys` with `serials`. At most 50, the newest first, for a day after the last request. On AWS counts may lag by half a minute.",
    answer: { status: 200, is: "The terminals.", schema: z.object({ terminals: z.array(unknownTerminal) }) },
  },
  async answer(_, { keys, unknownTerminals }) {
    const all = await Promise.all(
      (await unknownTerminals.list()).map(async ({ last, ...one }) =>
        (await keys.ofSerial(one.serial)) === null ? [{ ...one, last: instant(last) }] : [],
      ),
    );
    return Response.json({ terminals: all.flat() });
  },
});

export const boxRoutes = [listBoxes, getBox, setBox, listArrivals, listUnknownTerminals];

/** Throws 404 if there is no such box, or the caller does not see it. */
async function findBox(id: string, { boxes }: ApiPorts): Promise<ShownBox> {
  const box = await boxes.reader.get(id);
  if (box === null) throw new GatepostError("not-found", "there is no such box: it has no key, and has sent nothing");
  return box;
}

/** The same with the names of its mappings. */
async function findNamed(id: string, deps: ApiPorts): Promise<z.output<typeof shownBox>> {
  const [box] = await withMappingNames([await findBox(id, deps)], deps);
  if (box === undefined) throw new Error("a box was left out");
  return box;
}

/** The same boxes with the names of their mappings, which are read only if a report of one was read by a mapping. */
async function withMappingNames(
  boxes: readonly ShownBox[],
  { mappings }: ApiPorts,
): Promise<z.output<typeof shownBox>[]> {
  const dialects = boxes.flatMap(({ kinds }) => kinds.map(({ dialect }) => dialect));
  const isAny = dialects.some((dialect) => mappingId().safeParse(dialect).success);
  const names = new Map((isAny ? await mappings.list() : []).map(({ id, name }): [string, string] => [id, name]));
  const named = (kind: ShownBox["kinds"][number]) => ({ ...kind, dialectName: names.get(kind.dialect ?? "") ?? null });
  return boxes.map((box) => ({ ...box, kinds: box.kinds.map(named) }));
}

/** Terminals whose serial no key lists count as well: their paths end with the serial. */
function wrongKeysIn(refusals: readonly RefusedRequest[]): z.output<typeof wrongKey>[] {
  return refusals
    .filter(({ kind }) => kind === "wrong-key" || kind === "unknown-terminal")
    .map(({ at, from, path }) => ({ at, from, path }));
}

/** As an SE5 answers on its port 5555. */
const listDevices = route({
  method: "GET",
  path: "/SophonDevice/api/Devices",
  who: managers,
  keyIn: "query",
  about: {
    summary: "List all known devices, in the form of an SE5",
    detail:
      "The ids as the WebSocket takes them: at most 200 per box and 10,000 in all, each of at most 128 characters.",
    answer: {
      status: 200,
      is: "The devices.",
      schema: z.object({ data: z.object({ devices_list: z.array(z.object({ device_id: z.string() })) }) }),
    },
  },
  asks: { query: z.object({ token: z.string().exactOptional() }) },
  async answer(_, deps) {
    const ids = await deps.devices.devices();
    return Response.json({ data: { devices_list: ids.sort().map((device_id) => ({ device_id })) } });
  },
});

export const deviceRoutes = [listDevices];
