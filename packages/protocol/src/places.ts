import { isObject, type Json, type JsonObject } from "./json.ts";
import { distinctPaths, type Path } from "./paths.ts";

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

/** What a body has in one of these places; undefined where it has nothing there. */
export function valueAt(body: JsonObject, [first = "", second]: Path): Json | undefined {
  const value = body[first];
  if (second === undefined) return value;
  return isObject(value) ? value[second] : undefined;
}
