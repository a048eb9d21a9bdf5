import type { BoxAtSite } from "@gatepost/core/boxes";
import { rankOf as rankOfPerson, soughtPerson } from "@gatepost/core/people";
import * as z from "zod";
import type { Caller } from "../access/caller.ts";
import { guards, isAmong, managersOfPeople } from "../access/who.ts";
import { namedObject } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";
import { matching } from "./listing.ts";
import { nameOrder, personKeyIn } from "./passed.ts";

const foundBox = namedObject("NamedBox", {
  id: z.string(),
  name: z.string().nullable().meta({ description: "Its display name." }),
});

const foundDevice = namedObject("NamedDevice", {
  id: z.string().meta({ description: "As the filter `device` of events takes it." }),
  key: z.string().meta({ description: "`dev_…`, as passings of people name it." }),
  name: z.string().nullable().meta({ description: "Its display name, or else the name that its box gives." }),
  box: z.string(),
});

const foundPerson = namedObject("NamedPerson", { library: z.string(), id: z.string(), name: z.string().nullable() });

type FoundPerson = { id: string; name: string | null };

/** Most boxes, and most devices, of an answer. */
const maxFound = 1000;

const find = route({
  method: "GET",
  path: "/v1/find",
  who: guards,
  about: {
    summary: "Find people, boxes, devices and an event by name or id",
    detail:
      "A name that begins with the text is first, then an id that begins with it, then those that contain it; each by name. " +
      "Case and full width do not matter. Without `q` all boxes and devices are found, and no person. People are found as in " +
      "`GET /v1/people`, by callers who may read it, while people are switched on.",
    answer: {
      status: 200,
      is: "Those that the caller sees.",
      schema: z.object({
        people: z.array(foundPerson),
        boxes: z.array(foundBox),
        devices: z.array(foundDevice),
        event: z.string().nullable().meta({ description: "The event of which `q` is the id." }),
      }),
    },
    example: { query: { q: "gate" } },
  },
  asks: {
    query: z.object({
      q: z.string().max(256).default("").meta({ description: "A part of a name or id, or the id of an event." }),
      limit: z.coerce
        .number()
        .int()
        .min(1)
        .max(maxFound)
        .default(8)
        .meta({ description: "People at most, boxes at most, and devices at most." }),
    }),
  },
  async answer({ query: { q, limit }, caller }, deps) {
    const sought = folded(q.trim());
    const isEvent = sought.startsWith("evt_");
    const [people, places, event] = await Promise.all([
      peopleOf(q.trim(), { limit, caller, deps }),
      deps.boxes.reader.names().then((names) => deps.boxes.reader.places(names)),
      isEvent ? deps.events.get(sought) : Promise.resolve(null),
    ]);
    return Response.json({
      people,
      boxes: best(
        places.map(({ id, name }) => ({ id, name })),
        sought,
      ).slice(0, limit),
      devices: best(places.flatMap(devicesOf), sought).slice(0, limit),
      event: event?.id ?? null,
    });
  },
});

export const findRoutes = [find];

/** The people whom a text finds, the best first; none for a caller who may not read people, or while they are off. */
async function peopleOf(
  q: string,
  { limit, caller, deps }: { limit: number; caller: Caller; deps: ApiPorts },
): Promise<z.input<typeof foundPerson>[]> {
  if (q === "" || !isAmong(caller, managersOfPeople) || !(await deps.peopleSettings.read()).isOn) return [];
  const sought = soughtPerson(q);
  const ranked = (await matching({ q }, deps)).map(({ library, person }) => {
    return { library, person, rank: rankOfPerson(person, sought) ?? Number.POSITIVE_INFINITY };
  });
  ranked.sort(
    (a, b) =>
      a.rank - b.rank ||
      nameOrder.compare(a.person.name ?? a.person.id, b.person.name ?? b.person.id) ||
      (personKeyIn(a.library, a.person.key) < personKeyIn(b.library, b.person.key) ? -1 : 1),
  );
  return ranked.slice(0, limit).map(({ library, person: { id, name } }) => ({ library, id, name }));
}

function devicesOf({ id: box, devices }: BoxAtSite) {
  return devices.map(({ id, key, label, name }) => ({ id, key, name: label ?? name, box }));
}

/** Those with the text in their name or id, the best first, in an order that depends on nothing else. */
function best<One extends FoundPerson>(all: readonly One[], sought: string): One[] {
  const ranked = all.map((one) => ({ one, rank: rankOf(one, sought) })).filter(({ rank }) => rank !== null);
  return ranked.toSorted((a, b) => Number(a.rank) - Number(b.rank) || byName(a.one, b.one)).map(({ one }) => one);
}

function rankOf({ id, name }: FoundPerson, sought: string): number | null {
  const texts = [folded(name ?? ""), folded(id)];
  const begins = texts.findIndex((text) => text.startsWith(sought));
  if (begins !== -1) return begins;
  return texts.some((text) => text.includes(sought)) ? texts.length : null;
}

const folded = (text: string) => text.normalize("NFKC").toLowerCase();

const order = new Intl.Collator("en", { numeric: true });

function byName(a: FoundPerson, b: FoundPerson): number {
  return order.compare(a.name ?? a.id, b.name ?? b.id) || order.compare(a.id, b.id);
}
