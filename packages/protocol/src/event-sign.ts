import { personTypeNames } from "./claims.ts";
import { withExtData } from "./flattened.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";
import { mayBeMessage } from "./mentions.ts";
import { type Path, valueAt } from "./paths.ts";
import { pictureNames } from "./picture.ts";
import { personNames, recognise, timeNames } from "./recognise.ts";
import { saysNothing } from "./wire.ts";

const pictures = [...Object.values(pictureNames).flat(), "recognize_face_image_id", "spot_image_id"];
const scores = ["score", "matchScore"];

/** The names of members that occur only in reports of passings. */
const ofPassings: ReadonlySet<string> = new Set([
  ...personNames,
  ...timeNames.filter((name) => name !== "timestamp"),
  ...personTypeNames,
  ...pictures,
  ...scores,
  "identity_info",
  "group_name",
  "want_action",
  "post_action",
  "ep_info",
  "media_device_info",
  "recognize_face_attr",
  "common",
]);

/**
 * Whether a body is certainly a report of a passing: it has the shape of a dialect, and names a person with a time, a
 * picture or a score, or has a time together with the type of a person or a picture. The shape alone is not enough: box
 * status, results of commands and inner parts of events have members of dialects too.
 */
export function isEvent(body: JsonObject): boolean {
  const dialect = recognise(withExtData(body), "");
  if (dialect === null) return false;
  const parts = [body, body["ext_data"], body["common"]].filter(isObject);
  const says = (names: readonly string[], own: readonly Path[] = []) =>
    names.some((name) => parts.some((part) => !saysNothing(part[name]))) ||
    own.some((path) => !saysNothing(valueAt(body, path)));
  const isTimed = says(timeNames, [dialect.timesAt.time]);
  const isPictured = () => says(pictures, Object.values(dialect.picturesAt).flat());
  if (!says(personNames, dialect.personAt)) return isTimed && (says(personTypeNames) || isPictured());
  return isTimed || isPictured() || says(scores);
}

/** Whether a member of this name occurs only in reports of passings. */
export function isOfPassings(name: string): boolean {
  return ofPassings.has(name);
}

/** Whether an event is anywhere in a value. */
export function holdsEvent(value: Json): boolean {
  return isAnywhere(value, isEventObject);
}

/** Whether an event is anywhere in a value, or may be in one of its texts, which could not be unwrapped. */
export function mayContainEvent(value: Json): boolean {
  return isAnywhere(value, (inner) => (typeof inner === "string" ? mayBeMessage(inner) : isEventObject(inner)));
}

function isEventObject(value: Json): boolean {
  return isObject(value) && isEvent(value);
}

/** Whether `isSought` is true for a value or any value in it. It does not recurse, so any depth is safe. */
function isAnywhere(value: Json, isSought: (inner: Json) => boolean): boolean {
  const open: Json[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (isSought(next)) return true;
    if (typeof next !== "object" || next === null) continue;
    for (const inner of Object.values(next)) open.push(inner);
  }
  return false;
}
