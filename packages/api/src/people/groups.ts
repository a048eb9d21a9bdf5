import { inTurns } from "./in-turns.ts";
import { librariesOf, nameOrder, type PeoplePorts, personKeyIn } from "./passed.ts";

/** A permission group, as boxes name it with the people whom they let pass. */
interface PeopleGroup {
  name: string;
  /** Its known people; one of a site that shares its people counts once. */
  people: number;
  /** The boxes that named it. */
  boxes: string[];
}

/** People that are looked at in one turn. */
const peopleATurn = 2000;

/** The groups of the known people at the boxes that the caller sees, by name. */
export async function peopleGroups(deps: PeoplePorts): Promise<PeopleGroup[]> {
  const [libraries, known] = await Promise.all([
    librariesOf(deps),
    deps.boxes.reader.names().then((boxes) => deps.passings.known(boxes)),
  ]);
  const groups = new Map<string, { people: Set<string>; boxes: Set<string> }>();
  await inTurns(known, peopleATurn, ({ group, box, key }) => {
    if (group === null) return;
    const held = groups.get(group) ?? { people: new Set(), boxes: new Set() };
    held.people.add(personKeyIn(libraries.of(box), key));
    held.boxes.add(box);
    groups.set(group, held);
  });
  return [...groups]
    .map(([name, { people, boxes }]) => ({ name, people: people.size, boxes: [...boxes].toSorted() }))
    .toSorted((a, b) => nameOrder.compare(a.name, b.name) || (a.name < b.name ? -1 : 1));
}
