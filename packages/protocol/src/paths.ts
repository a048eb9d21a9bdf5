import { isObject, type Json, type JsonObject } from "./json.ts";

export type Path = readonly string[];

/** The paths without repetitions, in the order of their first use. */
export function distinctPaths(paths: readonly Path[]): Path[] {
  if (paths.length === 0) return [];
  return [...new Map(paths.map((path) => [path.join("."), path])).values()];
}

/** The value at `path`; null if there is none. */
export function getPath(value: Json, path: Path): Json {
  return path.reduce<Json>((inner, key) => (isObject(inner) ? (inner[key] ?? null) : null), value);
}

/** Sets the value at `path`, and makes the objects on the way. */
export function setPath(into: JsonObject, [key = "", ...rest]: Path, value: Json): void {
  if (rest.length === 0) {
    set(into, key, value);
    return;
  }
  const inner = Object.hasOwn(into, key) ? into[key] : undefined;
  const next = isObject(inner) ? inner : {};
  set(into, key, next);
  setPath(next, rest, value);
}

/** A copy without the value at `path`. */
export function omitPath(value: JsonObject, [key = "", ...rest]: Path): JsonObject {
  const { [key]: inner, ...others } = value;
  return rest.length > 0 && isObject(inner) ? { ...others, [key]: omitPath(inner, rest) } : others;
}

/** Sets an own member of any name: assigning to `__proto__` would change the prototype instead. */
export function set(into: JsonObject, key: string, value: Json): void {
  if (key !== "__proto__") into[key] = value;
  else Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true });
}

/** The members that contain the passing in some dialects. */
const inner = ["ext_data", "common"];

/**
 * The places where values with these names may be, the places of the own dialect first. A sender that mixes dialects
 * mixes their names and their places.
 */
export function placesOf(own: readonly Path[], names: readonly string[]): readonly Path[] {
  const others = [[], ...inner.map((member) => [member])].flatMap((at) => names.map((name) => [...at, name]));
  return distinctPaths([...own, ...others]);
}

/** The value that a body has at one of these paths; undefined if it has none there. */
export function valueAt(body: JsonObject, [first = "", second]: Path): Json | undefined {
  const value = body[first];
  if (second === undefined) return value;
  return isObject(value) ? value[second] : undefined;
}
