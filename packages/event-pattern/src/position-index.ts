import type { Sighting, Standing } from "./field-values.ts";

/** The element chosen in each array so far: all fields of a match keep to it. */
export type Choice = ReadonlyMap<number, number>;

/** Sightings by the elements they stand in, outermost array first, so that those of one element are found at once. */
export interface Shelf {
  isHere: boolean;
  readonly arrays: Map<number, Map<number, Shelf>>;
}

export function shelve(sightings: readonly Sighting[]): Shelf {
  const root: Shelf = { isHere: false, arrays: new Map() };
  for (const { standing } of sightings) {
    let shelf = root;
    for (const { array, element } of outermostFirst(standing)) {
      const elements = shelf.arrays.get(array) ?? new Map<number, Shelf>();
      const inner = elements.get(element) ?? { isHere: false, arrays: new Map() };
      shelf.arrays.set(array, elements.set(element, inner));
      shelf = inner;
    }
    shelf.isHere = true;
  }
  return root;
}

/** Every array that stands around one of the sightings. */
export function arraysAround(sightings: readonly Sighting[]): ReadonlySet<number> {
  return new Set(sightings.flatMap(({ standing }) => outermostFirst(standing).map(({ array }) => array)));
}

/** The choice together with each place on the shelf that agrees with it. */
export function* agreeing(shelf: Shelf, choice: Choice): Generator<Choice> {
  if (shelf.isHere) yield choice;
  for (const [array, elements] of shelf.arrays) {
    const chosen = choice.get(array);
    if (chosen === undefined) {
      for (const [element, inner] of elements) yield* agreeing(inner, new Map([...choice, [array, element]]));
    } else {
      const inner = elements.get(chosen);
      if (inner) yield* agreeing(inner, choice);
    }
  }
}

function outermostFirst(standing: Standing | undefined): Standing[] {
  const standings: Standing[] = [];
  for (let current = standing; current; current = current.within) standings.push(current);
  return standings.reverse();
}
