import { type FaceEvent, isObject, type Json, type PersonType, personType } from "@gatepost/protocol";

type DeviceType = FaceEvent["device"]["type"];

/* How an SE5 writes what an event contains. docs/formats.md §1. */

const personCodes = new Map<PersonType, number>([
  ["employee", 1],
  ["visitor", 2],
  ["blacklist", 3],
  ["stranger", 4],
  ["vip", 5],
]);

/** The number 1 to 5 of a person type; for an unknown type the number that was sent, else 0. */
export function personTypeCode({ person, extra }: FaceEvent): number {
  const known = personCodes.get(person.type);
  if (known !== undefined) return known;
  const sent = Number(sentType(extra));
  return Number.isInteger(sent) ? sent : 0;
}

/** V6's word for a person type; for an unknown type the one that was sent. */
export function personTypeWord({ person, extra }: FaceEvent): string {
  const sent = person.type === "unknown" ? sentType(extra) : null;
  return sent === null ? person.type : String(sent);
}

/** The type as it was sent, which stays in `extra` where it is unknown. */
function sentType(extra: FaceEvent["extra"]): Json {
  const nested = extra["ext_data"];
  const found = isObject(nested) ? nested["person_type"] : undefined;
  const sent = [found, extra["person_type"], extra["user_type"], extra["userType"]];
  return sent.find(isOfNoType) ?? null;
}

/**
 * Whether a sent value is the unknown type itself: other values nearby may read as a type that the person does not
 * have.
 */
function isOfNoType(sent: Json | undefined): sent is string | number {
  return (typeof sent === "string" || typeof sent === "number") && personType(`${sent}`) === "unknown";
}

const deviceCodes = new Map<DeviceType, string>([
  ["turnstile", "0"],
  ["capture", "1"],
  ["ipc-static", "2"],
  ["ipc-dynamic", "3"],
  ["access-control", "4"],
  [null, ""],
]);

/** A digit, or a newer word as it is. */
export function deviceTypeCode(type: DeviceType): string {
  return deviceCodes.get(type) ?? type ?? "";
}

const streams = new Set<DeviceType>(["ipc-static", "ipc-dynamic"]);

/** The word of V6: gates and snapshot cameras are `photo`, other cameras `rtsp`; newer words stay. */
export function mediaDeviceType(type: DeviceType): string {
  if (type === null || !deviceCodes.has(type)) return type ?? "";
  return streams.has(type) ? "rtsp" : "photo";
}
