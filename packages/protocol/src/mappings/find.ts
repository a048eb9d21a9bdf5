import type { Json } from "../json.ts";
import { type Steps, valueOn } from "./path.ts";
import type { MappedReader } from "./reader.ts";

/** A value of unknown shape with the reader of its mapping, or the elements of a list in it, each with its reader. */
export type Mapped =
  | { reader: MappedReader }
  /** An element that no mapping fits has no reader. */
  | { list: Steps; elements: { value: Json; reader: MappedReader | null }[] };

/** The readers of the mappings of a box, in the order in which they are tried. */
export function mappingsInOrder(readers: readonly MappedReader[], box: string): MappedReader[] {
  const rank = ({ mapping }: MappedReader) => (mapping.box === null ? 1 : 0);
  return readers
    .filter(({ mapping }) => mapping.isOn && (mapping.box === null || mapping.box === box))
    .toSorted((a, b) => rank(a) - rank(b) || b.conditions - a.conditions || (a.name < b.name ? -1 : 1));
}

/** The first reader that fits a value, or is for a list in it; else the first to which it is a sign of life. */
export function mappedBy(readers: readonly MappedReader[], value: Json): Mapped | null {
  for (const reader of readers) {
    if (reader.each === null ? reader.fits(value) : elementsOf(value, reader.each).some(reader.fits)) {
      return reader.each === null ? { reader } : inList(readers, reader, reader.each, value);
    }
  }
  const reader = readers.find((one) => one.signOf(value) !== null);
  return reader === undefined ? null : { reader };
}

function elementsOf(value: Json, each: Steps): Json[] {
  const list = valueOn(value, each);
  return Array.isArray(list) ? list : [];
}

function inList(readers: readonly MappedReader[], first: MappedReader, list: Steps, value: Json): Mapped {
  const others = readers.filter(({ each }) => each === null);
  const elements = elementsOf(value, list).map((element) => ({
    value: element,
    reader: [first, ...others].find((reader) => reader.fits(element)) ?? null,
  }));
  return { list, elements };
}
