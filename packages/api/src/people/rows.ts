import { latestOf, pinyinOf, type StoredPassing } from "@gatepost/core/people";
import type { Zone } from "@gatepost/core/zones";
import { dayMs, type FaceEvent, instant, instantOrNull, merge, personTypes } from "@gatepost/protocol";
import * as z from "zod";
import { namedObject } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";
import { type ListedPerson, passingsOfRow, shownDays, siteOf } from "./listing.ts";
import { gated, type PeoplePorts } from "./passed.ts";
import { visitsOf } from "./visit-of.ts";

export const listedPerson = namedObject("ListedPerson", {
  library: z.string(),
  id: z.string(),
  name: z.string().nullable(),
  pinyin: z.string().nullable().meta({ description: "The reading of a Chinese name; null for another one." }),
  type: z.enum(personTypes),
  group: z.string().nullable(),
  last: z.object({ event: z.string(), at: z.iso.datetime(), device: z.string().nullable() }),
  days: z
    .string()
    .meta({ description: "For each of the last 14 days, the newest last: `1` with a passing, else `0`." }),
  score: z.number().nullable().meta({ description: "The match of the last passing, in percent." }),
  asked: z.string().nullable().meta({ description: "An open action of the last passing, as `1002`." }),
  validUntil: z.iso
    .datetime()
    .nullable()
    .meta({ description: "When the visit ends for which the person was registered; null without one." }),
  href: z.object({ registered: z.string().nullable(), face: z.string().nullable() }),
});

/** States of actions that a person still has to decide about. */
export const openStates: ReadonlySet<string> = new Set(["pending", "announced", "failed"]);

/** Rows that are read at the same time. */
const atOnce = 16;

type Ports = PeoplePorts & Pick<ApiPorts, "events" | "visits">;

/** The rows of people. A person without a passing any more has none. */
export async function rowsOf(people: readonly ListedPerson[], deps: Ports): Promise<z.output<typeof listedPerson>[]> {
  const found: { listed: ListedPerson; passings: StoredPassing[]; days: string }[] = [];
  const zones = new Map<string, Promise<Zone>>();
  const zoneOf = (library: string) => {
    const zone = zones.get(library) ?? siteOf(library, deps).then((site) => site.zone);
    zones.set(library, zone);
    return zone;
  };
  for (let from = 0; from < people.length; from += atOnce) {
    const some = people.slice(from, from + atOnce).map(async (listed) => {
      return { listed, ...(await daysOf(listed, await zoneOf(listed.library), deps)) };
    });
    found.push(...(await Promise.all(some)));
  }
  const rows = found.flatMap(({ listed, passings, days }) => {
    const latest = latestOf(passings);
    return latest === null ? [] : [{ listed, latest, days }];
  });
  const latest = rows.map((row) => row.latest);
  const [shown, visits, events] = await Promise.all([
    gated(latest, deps),
    visitsOf(
      rows.map(({ listed: { library, person } }) => ({ id: person.id, type: person.type, library })),
      deps,
    ),
    deps.events.getAll(latest.map(({ event }) => event)),
  ]);
  return rows.flatMap(({ listed, latest: { event: id, at, score, person }, days }, n) => {
    const stored = events.get(id);
    const facts = person ?? listed.person;
    const { type, group } = facts;
    const name = facts.name ?? listed.person.name;
    if (stored === undefined) return [];
    const event = merge(stored);
    return [
      {
        library: listed.library,
        id: facts.id,
        name,
        pinyin: name === null ? null : pinyinOf(name),
        type,
        group,
        last: { event: id, at: instant(at), device: shown[n]?.device ?? null },
        days,
        score,
        asked: openActionOf(event),
        validUntil: instantOrNull(visits[n]?.endsAt ?? null),
        href: hrefsOf(event),
      },
    ];
  });
}

async function daysOf(
  listed: ListedPerson,
  zone: Zone,
  deps: Ports,
): Promise<{ passings: StoredPassing[]; days: string }> {
  const today = zone.dayOf(deps.clock());
  const first = today - shownDays + 1;
  const passings = await passingsOfRow(listed, { ...deps, from: zone.startOfDay(first) - dayMs });
  const passed = new Set(passings.map(({ at }) => zone.dayOf(at)));
  return {
    passings,
    days: Array.from({ length: shownDays }, (_, n) => (passed.has(first + n) ? "1" : "0")).join(""),
  };
}

function openActionOf({ actions }: FaceEvent): string | null {
  return actions.find(({ state }) => openStates.has(state))?.wantAction ?? null;
}

export function hrefsOf({ pictures }: FaceEvent): { registered: string | null; face: string | null } {
  return { registered: pictures.registered?.href ?? null, face: (pictures.face ?? pictures.scene)?.href ?? null };
}
