import { type BoxAtSite, defaultSite, hasDirection } from "@gatepost/core/boxes";
import { GatepostError } from "@gatepost/core/errors";
import { masked } from "@gatepost/core/masking";
import type { Site } from "@gatepost/core/sites";
import * as z from "zod";
import type { Caller } from "../access/caller.ts";
import { administratorsAlone, guards } from "../access/who.ts";
import { zoneParameter } from "../moments.ts";
import { displayName, siteText, visible } from "../names.ts";
import { namedObject } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";

const siteAnswer = namedObject("Site", {
  id: z.string().meta({ description: "The text that boxes, keys and accounts have as their site." }),
  name: z.string(),
  place: z.string().nullable(),
  zone: z.string(),
  boxes: z.array(z.string()),
  devices: z.int(),
  sharesPeople: z
    .boolean()
    .meta({ description: "Whether one id of a person means the same person at all of its boxes." }),
  keepsPeopleApart: z.boolean().meta({
    description:
      "Whether someone has said that one id at several of its boxes means different people, also with one name.",
  }),
  workWeek: z.array(z.int()).meta({ description: "From 1 (Monday) to 7." }),
  holidays: z.array(z.string()),
  presence: z.enum(["exact", "partly", "none"]).meta({
    description:
      "Whether it can be counted who is inside. `exact`: devices go in and out, and each device that counts has a direction, " +
      "or its passings have one; `none`: no device has one.",
  }),
  why: z
    .array(z.string())
    .meta({ description: "The keys of devices that count and have no direction, or one that is ignored." }),
});

const sitePath = z.object({ id: siteText });

/** Days without work of one site, at most: more than a year of them. */
const maxHolidays = 400;

const inOrder = <Value>(values: readonly Value[]) => [...new Set(values)].toSorted();

const siteChange = z
  .strictObject({
    name: displayName.exactOptional(),
    place: z
      .string()
      .trim()
      .normalize()
      .min(1, "must not be empty; give null for none")
      .max(200)
      .regex(...visible)
      .nullable()
      .meta({ description: "Its address, or another text by which people find it." })
      .exactOptional(),
    zone: zoneParameter
      .transform(({ name }) => name)
      .meta({ description: "An IANA zone, as `Asia/Shanghai`." })
      .exactOptional(),
    workWeek: z
      .array(z.int().min(1).max(7))
      .max(7)
      .refine((days) => new Set(days).size === days.length, "must name each day once")
      .transform(inOrder)
      .meta({ description: "The days of work, from 1 (Monday) to 7." })
      .exactOptional(),
    holidays: z
      .array(z.iso.date())
      .max(maxHolidays, `give ${maxHolidays} dates at most`)
      .transform(inOrder)
      .meta({ description: "Dates without work, as `2026-10-01`." })
      .exactOptional(),
    sharesPeople: z.boolean().exactOptional(),
    keepsPeopleApart: z.boolean().exactOptional(),
  })
  .refine((change) => Object.keys(change).length > 0, "give a member to set")
  .refine(
    (change) => change.sharesPeople !== true || change.keepsPeopleApart !== true,
    "sharesPeople and keepsPeopleApart cannot both be true",
  );

const listSites = route({
  method: "GET",
  path: "/v1/sites",
  who: guards,
  about: {
    summary: "List sites, with the boxes of each",
    detail:
      "A site is there once a box names it or it is set. Boxes without a site are at `default`. A limited caller gets the sites " +
      "with a box that it sees.",
    answer: { status: 200, is: "All sites, by id.", schema: z.object({ sites: z.array(siteAnswer) }) },
  },
  async answer({ caller }, deps) {
    const { reader } = deps.boxes;
    const [stored, names] = await Promise.all([deps.sites.list(), reader.names()]);
    const places = await reader.places(names);
    const boxesOf = Map.groupBy(places, ({ site }) => site);
    const known = new Map(stored.map((site) => [site.id, site]));
    const ids = new Set([...known.keys(), ...boxesOf.keys(), ...caller.sites, defaultSite]);
    const shown = [...ids]
      .filter((id) => isVisible(id, boxesOf.get(id) ?? [], caller))
      .toSorted()
      .map((id) => shownSite(known.get(id) ?? deps.sites.unset(id), boxesOf.get(id) ?? []));
    return Response.json({ sites: shown });
  },
});

const getSite = route({
  method: "GET",
  path: "/v1/sites/:id",
  who: guards,
  about: {
    summary: "Get one site",
    answer: { status: 200, is: "The site.", schema: siteAnswer },
    example: { path: { id: "default" } },
  },
  asks: { path: sitePath },
  async answer({ path: { id }, caller }, deps) {
    const [stored, boxes] = await Promise.all([deps.sites.get(id), boxesAt(id, deps)]);
    const isThere = stored !== null || boxes.length > 0 || id === defaultSite;
    if (!isThere || !isVisible(id, boxes, caller)) throw noSuchSite();
    return Response.json(shownSite(stored ?? deps.sites.unset(id), boxes));
  },
});

const putSite = route({
  method: "PUT",
  path: "/v1/sites/:id",
  who: administratorsAlone,
  about: {
    summary: "Set a site, and make it if there is none",
    detail:
      "Members that are left out stay unchanged, or get their defaults in a new site; of `sharesPeople` and " +
      "`keepsPeopleApart`, one that is set to `true` ends the other. Which boxes are at a site is set " +
      "with `PATCH /v1/boxes/{id}`.",
    answer: { status: 200, is: "The site as it is now.", schema: siteAnswer },
    others: { 409: "There are 500 sites already." },
    example: {
      path: { id: "default" },
      body: {
        name: "HQ",
        place: "Riverside Road 8",
        zone: "Asia/Shanghai",
        holidays: ["2026-10-01"],
      },
    },
  },
  asks: { path: sitePath, body: siteChange },
  audits: {
    action: "setting-changed",
    about: ({ path: { id }, body: { sharesPeople }, body }) => ({
      site: masked(id),
      members: Object.keys(body),
      sharesPeople,
    }),
  },
  async answer({ path: { id }, body }, deps) {
    const { zone } = (await deps.sites.get(id)) ?? deps.sites.unset(id);
    const site = await deps.sites.put(id, body);
    if (site.zone !== zone) await deps.boxes.writer.noteSiteZone(await deps.boxes.reader.boxesOf(id));
    deps.log.info("site set", { site: id, members: Object.keys(body) });
    return Response.json(shownSite(site, await boxesAt(id, deps)));
  },
});

const removeSite = route({
  method: "DELETE",
  path: "/v1/sites/:id",
  who: administratorsAlone,
  about: {
    summary: "Remove a site without boxes",
    answer: { status: 204, is: "It is removed." },
    others: { 409: "It has boxes, or it is `default`." },
    example: { path: { id: "depot" } },
  },
  asks: { path: sitePath },
  audits: { action: "setting-changed", about: ({ path: { id } }) => ({ site: masked(id), removed: true }) },
  async answer({ path: { id } }, deps) {
    if (id === defaultSite) {
      throw new GatepostError("conflict", "default cannot be removed: boxes without a site belong to it");
    }
    const boxes = (await deps.boxes.reader.boxesOf(id)).toSorted();
    if (boxes.length > 0) {
      const named = boxes.slice(0, 5).join(", ") + (boxes.length > 5 ? ` and ${boxes.length - 5} more` : "");
      throw new GatepostError("conflict", `move its boxes to another site first: ${named}`, { code: "has-boxes" });
    }
    if (!(await deps.sites.remove(id))) throw noSuchSite();
    deps.log.info("site removed", { site: id });
    return new Response(null, { status: 204 });
  },
});

export const siteRoutes = [listSites, getSite, putSite, removeSite];

function noSuchSite(): GatepostError {
  return new GatepostError("not-found", "there is no such site: no box has it, and nothing is set of it");
}

async function boxesAt(id: string, { boxes: { reader } }: ApiPorts): Promise<BoxAtSite[]> {
  const places = await reader.places(await reader.boxesOf(id));
  // A box may have been moved since.
  return places.filter(({ site }) => site === id);
}

/** Sites without a box that a limited caller sees do not exist for it, unless it is limited to them. */
function isVisible(id: string, boxes: readonly BoxAtSite[], caller: Pick<Caller, "boxes" | "sites">): boolean {
  return caller.boxes === null || boxes.length > 0 || caller.sites.includes(id);
}

function shownSite(
  { id, name, place, zone, sharesPeople, keepsPeopleApart, workWeek, holidays }: Site,
  boxes: readonly BoxAtSite[],
) {
  const devices = boxes.flatMap((box) => box.devices);
  return {
    id,
    name,
    place,
    zone,
    boxes: boxes.map((box) => box.id),
    devices: devices.length,
    sharesPeople,
    keepsPeopleApart,
    workWeek,
    holidays,
    ...presenceBy(devices),
  };
}

/** Whether it can be counted who is inside, and the devices that count and have no direction. */
function presenceBy(devices: BoxAtSite["devices"]): Pick<z.output<typeof siteAnswer>, "presence" | "why"> {
  const counting = devices.filter(({ counts }) => counts);
  const has = (direction: "in" | "out") => counting.some((device) => hasDirection(device, direction));
  const why = counting.filter((device) => !hasDirection(device, "in") && !hasDirection(device, "out"));
  const isExact = has("in") && has("out") && why.length === 0;
  return {
    presence: isExact ? "exact" : has("in") || has("out") ? "partly" : "none",
    why: why.map(({ key }) => key),
  };
}
