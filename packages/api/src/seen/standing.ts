import { boxText, type EventFilter } from "@gatepost/core/events";
import { listed, PageRoom, several } from "@gatepost/core/lists";
import { type StandingGroup, standingGroups, standingTypes } from "@gatepost/core/seen";
import { readLibraries } from "@gatepost/core/sites";
import { dayMs, type FaceEvent, isCheckBox, secondMs } from "@gatepost/protocol";
import * as z from "zod";
import { shownEvent, shownEvents } from "../access/actors.ts";
import { guards } from "../access/who.ts";
import { eventsRead } from "../listeners.ts";
import { ofSite } from "../names.ts";
import { namedObject } from "../openapi/named.ts";
import { jsonPage } from "../page.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";

/** Groups of an answer, and ids of each. */
const maxGroups = 50;
const maxIds = 200;
/** Whole events of an answer, and ids of acknowledged ones. */
const maxEvents = 1000;

/** Pages that are read of each type, and ms after which none is begun: a function has 29 s. */
const [pageSize, maxPages] = [200, 10];
const readsForMs = 12 * secondMs;

const group = namedObject("StandingGroup", {
  key: z.string().meta({ description: "The same as long as the group exists." }),
  by: z.enum(["person", "passing"]).meta({ description: "`passing`: each passing of a stranger is a group." }),
  kind: z.enum(standingTypes),
  name: z.string().nullable(),
  count: z.int(),
  first: z.iso.datetime(),
  last: z.iso.datetime(),
  latest: z.string(),
  events: z.array(z.string()).meta({ description: `The newest first, ${maxIds} at most.` }),
  rings: z.boolean().meta({ description: "Whether it is the blacklist, for which a screen sounds its tone." }),
});

const listStanding = route({
  method: "GET",
  path: "/v1/standing",
  who: guards,
  about: {
    summary: "List who stands out and is not acknowledged",
    detail:
      "The blacklist and strangers of the last 24 hours, one group a person: the blacklist first, and the newest first in each " +
      `kind. ${maxGroups} groups at most; \`more\` counts the others. If \`isWhole\` is false, the store looked at as many events ` +
      "as one answer allows, and there may be further ones.",
    answer: {
      status: 200,
      is: "Who stands out.",
      schema: z.object({
        groups: z.array(group),
        more: z.int().meta({ description: "Groups that the answer leaves out." }),
        unseen: z.int().meta({ description: "Events that are not acknowledged." }),
        isWhole: z.boolean(),
        events: z.array(shownEvent).exactOptional(),
        seen: z.array(z.string()).exactOptional(),
      }),
    },
    example: {},
  },
  asks: {
    query: z.object({
      ...ofSite,
      box: several(boxText).exactOptional(),
      with: listed(["events"])
        .meta({
          description:
            `\`events\`: adds the events that are not acknowledged, up to ${maxEvents}, and \`seen\`, the ids of the ` +
            "acknowledged ones of the last 24 hours.",
        })
        .exactOptional(),
    }),
  },
  async answer({ query: { site: _, with: wanted = [], ...filter }, caller }, deps) {
    const { events, isWhole } = await readStanding(filter, deps);
    const [unseen, seen] = [events.filter(isUnseen), events.filter((event) => !isUnseen(event))];
    const libraries = await readLibraries({ sites: deps.sites, boxes: deps.boxes.reader });
    const groups = standingGroups(unseen, libraries.of);
    const listedGroups = groups.slice(0, maxGroups);
    const newest = await eventsRead(
      listedGroups.map(({ events: [latest] }) => latest),
      caller,
      deps,
    );
    const facts = {
      groups: listedGroups.map((of, n) => shown(of, newest[n]?.person.known?.name ?? null)),
      more: Math.max(0, groups.length - maxGroups),
      unseen: unseen.length,
      isWhole,
    };
    if (wanted.length === 0) return jsonPage(facts);
    const shownOnes = await eventsRead(fitting(groups), caller, deps);
    return jsonPage({ ...facts, events: shownOnes, seen: seen.slice(0, maxEvents).map(({ id }) => id) });
  },
});

export const standingRoutes = [listStanding];

const isUnseen = ({ acknowledgement }: FaceEvent) => acknowledgement === null;

/** The events of the last day of those who stand out, acknowledged or not, the newest first of each type. */
async function readStanding(filter: Pick<EventFilter, "box">, deps: ApiPorts) {
  const begun = deps.clock();
  const events: FaceEvent[] = [];
  let isWhole = true;
  for (const type of standingTypes) {
    let cursor: string | null = null;
    for (let pages = 0; pages === 0 || cursor !== null; pages++) {
      if (pages === maxPages || deps.clock() - begun > readsForMs) {
        isWhole = false;
        break;
      }
      const asked = { ...filter, type: [type], from: begun - dayMs };
      const { items, next } = await deps.events.list(asked, { limit: pageSize, cursor });
      events.push(
        ...(await shownEvents(
          items.filter(({ box }) => !isCheckBox(box)),
          deps,
        )),
      );
      cursor = next;
    }
  }
  return { events, isWhole };
}

/** The events of the groups that fit into an answer. */
function fitting(groups: readonly StandingGroup[]): FaceEvent[] {
  const room = new PageRoom();
  const events = groups.flatMap((of) => of.events).slice(0, maxEvents);
  const end = events.findIndex((event) => !room.takesItem(event));
  return end === -1 ? events : events.slice(0, end);
}

function shown({ key, by, kind, events }: StandingGroup, known: string | null): z.output<typeof group> {
  const [newest] = events;
  const oldest = events.at(-1) ?? newest;
  return {
    key,
    by,
    kind,
    name: known ?? newest.person.name,
    count: events.length,
    first: oldest.time,
    last: newest.time,
    latest: newest.id,
    events: events.slice(0, maxIds).map(({ id }) => id),
    rings: kind === "blacklist",
  };
}
