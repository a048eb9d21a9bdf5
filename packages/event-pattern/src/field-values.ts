import { isArray, isObject, type Json, type JsonObject, type Scalar } from "./json.ts";

/** The depth of arrays within arrays beyond which values are not seen, as no report is nested deeper. */
const maxStanding = 32;

/** Which element of which array an object stands in; `within` is the same for the array around it. */
export interface Standing {
  readonly array: number;
  readonly element: number;
  readonly depth: number;
  readonly within: Standing | undefined;
}

/** One value of a field, and where in the event's arrays it was seen. */
export interface Sighting {
  readonly value: Scalar;
  readonly standing: Standing | undefined;
}

export type Sightings = ReadonlyMap<string, readonly Sighting[]>;

/** What a pattern wants to see of an event, so that the rest is passed over. */
export interface Fields {
  readonly wanted: ReadonlySet<string>;
  readonly onTheWay: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
}

interface Visit {
  readonly value: Json;
  readonly path: string | undefined;
  readonly standing: Standing | undefined;
}

export function fieldsOf(paths: readonly string[]): Fields {
  const prefixes = paths.flatMap((path) => [...path.matchAll(/\./g)].map(({ index }) => path.slice(0, index)));
  return { wanted: new Set(paths), onTheWay: new Set(prefixes), names: new Set(paths.flatMap(namesOf)) };
}

/** Every value of the wanted fields. Arrays vanish from the path and live on in the standing. */
export function sightings(event: JsonObject, fields: Fields): Sightings {
  const seen = new Map<string, Sighting[]>();
  const open: Visit[] = [{ value: event, path: undefined, standing: undefined }];
  let arrays = 0;
  for (let visit = open.pop(); visit; visit = open.pop()) {
    const { value, path, standing } = visit;
    if (isArray(value)) {
      arrays += 1;
      for (const inner of elements(value, arrays, visit)) open.push(inner);
    } else if (isObject(value)) {
      for (const inner of members(value, visit, fields)) open.push(inner);
    } else if (path !== undefined && fields.wanted.has(path)) {
      const known = seen.get(path) ?? [];
      seen.set(path, known);
      known.push({ value, standing });
    }
  }
  return seen;
}

/** A scalar belongs to no element: the values of a plain list may be combined with one another. */
function elements(values: readonly Json[], array: number, { path, standing }: Visit): Visit[] {
  const depth = (standing?.depth ?? 0) + 1;
  if (depth > maxStanding) return [];
  return values.map((value, element) => {
    const isScalar = !isArray(value) && !isObject(value);
    return { value, path, standing: isScalar ? standing : { array, element, depth, within: standing } };
  });
}

function members(object: JsonObject, { path, standing }: Visit, fields: Fields): Visit[] {
  return Object.entries(object)
    .map(([name, value]) => ({ name, value, path: path === undefined ? name : `${path}.${name}`, standing }))
    .filter((inner) => fields.wanted.has(inner.path) || fields.onTheWay.has(inner.path))
    .filter(({ name }) => namesOf(name).every((part) => fields.names.has(part)));
}

/** The engine forgets empty names at the end of a pattern's path, and then does not know them in an event. */
function namesOf(path: string): string[] {
  const names = path.split(".");
  while (names.length > 0 && names.at(-1) === "" && path !== "") names.pop();
  return names;
}
