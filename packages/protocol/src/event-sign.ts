import { isObject, type Json, type JsonObject } from "./json.ts";
import { pictureNames } from "./picture-names.ts";
import { recognise } from "./recognise.ts";
import { saysNothing } from "./wire.ts";

/** Who passed, or what kind of person. */
const who = ["identity_id", "identity_name", "person_type", "user_type", "userId", "userName", "userType"];
const pictures = [...Object.values(pictureNames).flat(), "recognize_face_image_id", "spot_image_id"];
/** Of which passing it is. */
const which = ["timestamp", "crossTime", "score", "matchScore", ...pictures];

/** The names of members that only tell of passings. */
const ofPassings: ReadonlySet<string> = new Set([
  ...who,
  ...pictures,
  "identity_info",
  "group_name",
  "score",
  "matchScore",
  "crossTime",
  "want_action",
  "post_action",
  "ep_info",
  "media_device_info",
  "recognize_face_attr",
  "common",
]);

/**
 * Whether a body tells of a passing beyond doubt: it has the shape of a dialect, and says who passed, and when or how he
 * looked. A shape alone is not enough: a box's status and results of commands have members of dialects too.
 */
export function isEvent(body: JsonObject): boolean {
  if (recognise(body, "") === null) return false;
  const inner = [body, body["ext_data"], body["common"]].filter(isObject);
  const says = (names: readonly string[]) => names.some((name) => inner.some((part) => !saysNothing(part[name])));
  return (says(who) || says(pictures)) && says(which);
}

/** Whether a member of this name can only be of a passing. */
export function isOfPassings(name: string): boolean {
  return ofPassings.has(name);
}

/** Whether an event is anywhere in a value. Safe on any depth: it does not recurse. */
export function holdsEvent(value: Json): boolean {
  const open: Json[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (isObject(next) && isEvent(next)) return true;
    if (typeof next === "object" && next !== null) open.push(...Object.values(next));
  }
  return false;
}
