import { nightShiftEnd, scheduleFor } from "@gatepost/core/hours";
import type { Libraries, PersonFacts, StoredPassing } from "@gatepost/core/people";
import { type Counted, countSite, type Departure, type SitePresence } from "@gatepost/core/presence";
import { Zone } from "@gatepost/core/statistics";
import { dayMs } from "@gatepost/protocol";
import type { ApiPorts } from "../ports.ts";
import { gated, librariesOf, type PassedPerson, passedIn, peopleIn, personKeyIn, readPassings } from "./passed.ts";

type Ports = Pick<ApiPorts, "passings" | "boxes" | "sites" | "clock" | "departures" | "schedules">;

/** A person of a site, as presence counts it. */
export interface CountedPerson extends Counted {
  library: string;
  facts: PersonFacts;
  groups: readonly string[];
  /** The boxes of these passings, at which the person is known. */
  boxes: readonly string[];
}

/** A person who has left, as another person says. */
interface Departed {
  person: Pick<CountedPerson, "facts">;
  departure: Departure;
}

/** People whose earlier passings are read at the same time. */
const atOnce = 16;

/**
 * Counts who is inside a site at a moment. Passings of the last days are read together; of people who are not decided by
 * them, each is read back to the last passing with a direction.
 *
 * @param deps with the boxes of the site alone
 */
export async function readPresence(
  site: string,
  at: number,
  deps: Ports,
): Promise<SitePresence<CountedPerson> & { zone: Zone; departed: Departed[] }> {
  const boxes = await deps.boxes.reader.names();
  const [stored, libraries, departures, schedules, known] = await Promise.all([
    deps.sites.get(site),
    librariesOf(deps),
    deps.departures.of(site),
    deps.schedules.of(site),
    deps.passings.known(boxes),
  ]);
  const zone = Zone.find((stored ?? deps.sites.unset(site)).zone) ?? Zone.utc;
  const dayStart = zone.startOfDay(zone.dayOf(at));
  const from = dayStart - 2 * dayMs;
  const recent = await passedIn(await readPassings({ boxes, from, to: at + 1, of: "known" }, deps), libraries, deps);
  await addEarlier(recent, { known: peopleIn(known, libraries), libraries, boxes, from }, deps);
  const departedAt = Map.groupBy(departures, ({ library, key }) => personKeyIn(library, key));
  const people = [...recent].map(([key, { passings, ...person }]): CountedPerson => {
    const scheduleOn = scheduleFor(person.groups, schedules);
    return {
      ...{ library: person.library, facts: person.facts, groups: person.groups, boxes: person.boxes, passings },
      departures: (departedAt.get(key) ?? []).map(({ leftAt }) => leftAt),
      nightEnd: (since) => nightShiftEnd(since, { scheduleOn, zone }),
    };
  });
  const strangers = await readPassings({ boxes, from: dayStart, to: at + 1, of: "strangers" }, deps);
  const counted = countSite(people, await gated(strangers, deps), { at, zone });
  const departed = departures.flatMap((departure) => {
    const person = recent.get(personKeyIn(departure.library, departure.key));
    return person === undefined || departure.leftAt > at ? [] : [{ person, departure }];
  });
  return { ...counted, zone, departed };
}

interface Earlier {
  known: ReturnType<typeof peopleIn>;
  libraries: Libraries;
  boxes: readonly string[];
  /** Passings from this time on are read already, ms. */
  from: number;
}

/** Adds the last earlier passing with a direction of each person who has none among the recent ones. */
async function addEarlier(people: Map<string, PassedPerson>, asked: Earlier, deps: Ports): Promise<void> {
  const { known, libraries, boxes, from } = asked;
  const undecided = [...known].filter(
    ([key]) => !(people.get(key)?.passings.some(({ direction }) => direction !== null) ?? false),
  );
  const worker = async () => {
    for (let next = undecided.pop(); next !== undefined; next = undecided.pop()) {
      const [name, [person]] = next;
      if (person === undefined) continue;
      const library = libraries.of(person.box);
      const among = libraries.boxesOf(library).filter((box) => boxes.includes(box));
      const earlier = await lastWith({ key: person.key, boxes: among, to: from }, deps);
      const [found] = [...(await passedIn(earlier, libraries, deps)).values()];
      if (found === undefined) continue;
      const held = people.get(name);
      if (held === undefined) people.set(name, found);
      else held.passings = [...held.passings, ...found.passings];
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, undecided.length) }, worker));
}

/** The passings of a person back to the last one with a direction, before a time. */
async function lastWith(
  { key, boxes, to }: { key: string; boxes: readonly string[]; to: number },
  deps: Ports,
): Promise<StoredPassing[]> {
  const read: StoredPassing[] = [];
  let decided = Number.NEGATIVE_INFINITY;
  for await (const some of deps.passings.read({ boxes, from: 0, to, of: { key } })) {
    const shown = await gated(some, deps);
    for (const { at, direction } of shown) if (direction !== null) decided = Math.max(decided, at);
    read.push(...some);
    // Events follow in the order of the times that boxes sent, and no counted time is later.
    if ((some.at(-1)?.time ?? 0) < decided) break;
  }
  return read;
}
