import type * as z from "zod/mini";
import { type DeviceType, deviceType } from "../device.ts";
import type { Facts } from "../facts.ts";
import { type JsonObject, omitEmpty } from "../json.ts";
import { once } from "../once.ts";
import type { Path } from "../paths.ts";
import type { PersonType } from "../person.ts";
import { numbers, text } from "../wire.ts";

/** The facts about a person in (a), (b), (c), (f) and V5's (g), under the same names. docs/formats.md §2. */
interface SentPerson {
  identity_id?: string | undefined;
  identity_name?: string | undefined;
  group_name?: string | undefined;
  identity_info?: JsonObject | null | undefined;
}

export function personOf({ identity_id, identity_name, group_name, identity_info }: SentPerson, type?: PersonType) {
  return omitEmpty({ id: identity_id, name: identity_name, type, group: group_name, info: identity_info });
}

/** Reads the type of a device. A value that no fact can hold stays in `extra`: its path is added to `keep`. */
export function readDeviceType(sent: string | undefined, at: Path, keep: Path[]): DeviceType | undefined {
  if (sent === undefined) return undefined;
  const type = deviceType(sent);
  if (type === null) keep.push(at);
  return type ?? undefined;
}

/**
 * A score as it was sent, with the highest value of its scale; null if the dialect does not say. docs/formats.md §1.
 */
export function scored(score: number | undefined, scale: number | null): [number, number | null] | undefined {
  return score === undefined ? undefined : [score, scale];
}

/** One of several names under which a value may be sent. */
interface Name<T> {
  value: T;
  at: Path;
}

/**
 * The value under the first of several names that has one. The paths of the others that have one are added to `keep`.
 * docs/formats.md §5.5.
 */
export function firstSaid<T>(names: readonly Name<T>[], keep: Path[]): T | undefined {
  const [first, ...others] = names.filter(({ value }) => value !== undefined && value !== null && value !== "");
  keep.push(...others.map(({ at }) => at));
  return first?.value;
}

/**
 * The facts that a box detects in a face: `info` of (b), `recognize_face_attr` of (c), (d) and V6's (g).
 * docs/formats.md §2.
 */
export const faceShape = once(() => ({
  age: text(),
  gender: text(),
  glasses: text(),
  box: numbers(),
}));

type Face = z.output<z.ZodMiniObject<ReturnType<typeof faceShape>, z.core.$loose>>;

export function attributesOf(sent: Face | null | undefined): NonNullable<Facts["attributes"]> {
  return omitEmpty({ age: sent?.age, gender: sent?.gender, glasses: sent?.glasses, faceBox: sent?.box });
}
