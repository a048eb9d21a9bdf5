import { type FaceEvent, personKey } from "@gatepost/protocol";
import type { Caller } from "../access/caller.ts";
import { isAmong, managersOfPeople } from "../access/who.ts";
import type { ApiPorts } from "../ports.ts";
import { librariesOf, personKeyIn } from "./passed.ts";

/** An event with the name by which its person is known elsewhere. */
type NamedEvent = FaceEvent & { person: { known?: { name: string; library: string } } };

type Ports = Pick<ApiPorts, "passings" | "peopleSettings" | "boxes" | "sites">;

/**
 * Adds the names that People know to events of known people that have only the id, for a caller who may read people. Names
 * are looked for in the library of the box, at the boxes that the caller sees.
 */
export async function withKnownNames(
  events: readonly FaceEvent[],
  caller: Pick<Caller, "account" | "key">,
  deps: Ports,
): Promise<NamedEvent[]> {
  const unnamed = events.flatMap(({ box, person }) => {
    const key = person.name === null ? personKey(person) : null;
    return key === null ? [] : { box: box.id, key };
  });
  if (unnamed.length === 0 || !isAmong(caller, managersOfPeople)) return [...events];
  if (!(await deps.peopleSettings.read()).isOn) return [...events];
  const [libraries, seen] = await Promise.all([librariesOf(deps), deps.boxes.reader.names()]);
  const isSeen = new Set(seen);
  const people = new Map(
    unnamed.map(({ box, key }) => {
      const library = libraries.of(box);
      const boxes = libraries.boxesOf(library).filter((one) => isSeen.has(one));
      return [personKeyIn(library, key), { key, boxes }];
    }),
  );
  const names = await deps.passings.named([...people.values()]);
  const nameOf = new Map([...people.keys()].map((place, n) => [place, names[n] ?? null]));
  return events.map((event) => {
    const { box, person } = event;
    const library = libraries.of(box.id);
    const name = nameOf.get(personKeyIn(library, personKey(person) ?? "")) ?? null;
    return person.name !== null || name === null
      ? event
      : { ...event, person: { ...person, known: { name, library } } };
  });
}
