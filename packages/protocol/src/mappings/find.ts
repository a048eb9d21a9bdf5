import { isObject, type Json } from "../json.ts";
import { type Steps, valueOn } from "../steps.ts";
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

/** The first reader to which a value is a sign of life or a passing, or is a list of these. */
export function mappedBy(readers: readonly MappedReader[], value: Json): Mapped | null {
  for (const reader of readers) {
    const { each } = reader;
    if (each !== null && elementsOf(value, each).some((element) => isKnownTo(reader, element)))
      return inList(readers, each, value);
    if (each === null ? isKnownTo(reader, value) : reader.signOf(value) !== null) return { reader };
  }
  return null;
}

function isKnownTo(reader: MappedReader, report: Json): boolean {
  return reader.signOf(report) !== null || reader.fits(report);
}

/** The elements at a path. XML does not tell a list of one from its only element. */
export function elementsOf(value: Json, each: Steps): Json[] {
  const found = valueOn(value, each);
  return Array.isArray(found) ? found : isObject(found) ? [found] : [];
}

function inList(readers: readonly MappedReader[], list: Steps, value: Json): Mapped {
  const ofElements = readers.filter(({ each }) => each === null || isSame(each, list));
  const elements = elementsOf(value, list).map((element) => ({
    value: element,
    reader: ofElements.find((reader) => isKnownTo(reader, element)) ?? null,
  }));
  return { list, elements };
}

function isSame(path: Steps, other: Steps): boolean {
  return path.length === other.length && path.every((step, at) => step === other[at]);
}
