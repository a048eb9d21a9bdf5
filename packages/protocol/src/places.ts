import { isObject, type Json, type JsonObject } from "./json.ts";
import { distinctPaths, type Path } from "./paths.ts";

/** The members of a body that tell of the passing in some dialect. */
const inner = ["ext_data", "common"];

/**
 * Where a sender may put what has these names, the places of the dialect before those of the others. A sender that mixes
 * dialects mixes their names and their places too.
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
