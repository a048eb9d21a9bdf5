import { isArray, isObject, type Json, type JsonObject, type Scalar } from "./json.ts";

/** The depth of arrays within arrays beyond which values are not seen, as no report is nested deeper. */
const maxDepth = 32;

/** The array element that an object is in; `within` is the same for the array around it. */
export interface Position {
  readonly array: number;
  readonly element: number;
  readonly depth: number;
  readonly within: Position | undefined;
}

/** One value of a field, and where in the event's arrays it was seen. */
export interface FieldValue {
  readonly value: Scalar;
  readonly position: Position | undefined;
}

export type FieldValues = ReadonlyMap<string, readonly FieldValue[]>;

/** The fields of an event that a pattern needs; the rest is passed over. */
export interface Fields {
  readonly wanted: ReadonlySet<string>;
  readonly onTheWay: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
}

interface Visit {
  readonly value: Json;
  readonly path: string | undefined;
  readonly position: Position | undefined;
}

export function fieldsOf(paths: readonly string[]): Fields {
  const prefixes = paths.flatMap((path) => [...path.matchAll(/\./g)].map(({ index }) => path.slice(0, index)));
  return { wanted: new Set(paths), onTheWay: new Set(prefixes), names: new Set(paths.flatMap(namesOf)) };
}

/** Every value of the wanted fields. Arrays vanish from the path and live on in the standing. */
export function fieldValues(event: JsonObject, fields: Fields): FieldValues {
  const seen = new Map<string, FieldValue[]>();
  const open: Visit[] = [{ value: event, path: undefined, position: undefined }];
  let arrays = 0;
  for (let visit = open.pop(); visit; visit = open.pop()) {
    const { value, path, position } = visit;
    if (isArray(value)) {
      arrays += 1;
      for (const inner of elements(value, arrays, visit)) open.push(inner);
    } else if (isObject(value)) {
      for (const inner of members(value, visit, fields)) open.push(inner);
    } else if (path !== undefined && fields.wanted.has(path)) {
      const known = seen.get(path) ?? [];
      seen.set(path, known);
      known.push({ value, position });
    }
  }
  return seen;
}

/** A scalar belongs to no element: the values of a plain list may be combined with one another. */
function elements(values: readonly Json[], array: number, { path, position }: Visit): Visit[] {
  const depth = (position?.depth ?? 0) + 1;
  if (depth > maxDepth) return [];
  return values.map((value, element) => {
    const isScalar = !isArray(value) && !isObject(value);
    return { value, path, position: isScalar ? position : { array, element, depth, within: position } };
  });
}

function members(object: JsonObject, { path, position }: Visit, fields: Fields): Visit[] {
  return Object.entries(object)
    .map(([name, value]) => ({ name, value, path: path === undefined ? name : `${path}.${name}`, position }))
    .filter((inner) => fields.wanted.has(inner.path) || fields.onTheWay.has(inner.path))
    .filter(({ name }) => namesOf(name).every((part) => fields.names.has(part)));
}

/** The engine forgets empty names at the end of a pattern's path, and then does not know them in an event. */
function namesOf(path: string): string[] {
  const names = path.split(".");
  while (names.length > 0 && names.at(-1) === "" && path !== "") names.pop();
  return names;
}
