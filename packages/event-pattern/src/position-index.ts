import type { FieldValue, Position } from "./field-values.ts";

/** The element chosen in each array so far. All fields of a match must be in the same elements. */
export type Choice = ReadonlyMap<number, number>;

/**
 * The positions of field values as a tree: by array, outermost first, and then by element. So the values in one element
 * are found at once.
 */
export interface PositionIndex {
  isHere: boolean;
  readonly arrays: Map<number, Map<number, PositionIndex>>;
}

export function indexPositions(values: readonly FieldValue[]): PositionIndex {
  const root: PositionIndex = { isHere: false, arrays: new Map() };
  for (const { position } of values) {
    let index = root;
    for (const { array, element } of outermostFirst(position)) {
      const elements = index.arrays.get(array) ?? new Map<number, PositionIndex>();
      const inner = elements.get(element) ?? { isHere: false, arrays: new Map() };
      index.arrays.set(array, elements.set(element, inner));
      index = inner;
    }
    index.isHere = true;
  }
  return root;
}

/** Every array that one of the values is in. */
export function arraysAround(values: readonly FieldValue[]): ReadonlySet<number> {
  return new Set(values.flatMap(({ position }) => outermostFirst(position).map(({ array }) => array)));
}

/** The choice, extended by each position in the index that agrees with it. */
export function* agreeing(index: PositionIndex, choice: Choice): Generator<Choice> {
  if (index.isHere) yield choice;
  for (const [array, elements] of index.arrays) {
    const chosen = choice.get(array);
    if (chosen === undefined) {
      for (const [element, inner] of elements) yield* agreeing(inner, new Map([...choice, [array, element]]));
    } else {
      const inner = elements.get(chosen);
      if (inner) yield* agreeing(inner, choice);
    }
  }
}

function outermostFirst(position: Position | undefined): Position[] {
  const positions: Position[] = [];
  for (let current = position; current; current = current.within) positions.push(current);
  return positions.reverse();
}
