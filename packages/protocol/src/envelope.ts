import { isOfPassings, mayContainEvent } from "./event-sign.ts";
import { excess, isObject, type Json, type JsonObject } from "./json.ts";
import { saysNothing } from "./wire.ts";

/*
 * An envelope is the rest of a message in which a report was found: the members beside the report, and those around
 * them, as of a message broker or an API gateway. It is kept with the event, in `extra.envelope`.
 */

/** Bounds on an envelope that an event can keep. */
const limits = { nesting: 16, values: 1000, bytes: 8 * 1024 };

/** How the base64 of a picture begins: it is a part of a report. */
const pictureBeginning = /^(?:\/9j\/|iVBOR|data:image)/;

/** Bytes of an envelope that each event of a batch keeps; of a larger one, only the first event keeps all. */
const sharedBytes = 1024;

/**
 * Whether an event can keep these members as its envelope, and they are surely no part of a report: no event, and no
 * member that only passings have.
 */
export function isEnvelope(rest: JsonObject): boolean {
  if (!isSmall(rest, limits.bytes) || excess(rest, limits) !== null) return false;
  const isSaid = (name: string) => isOfPassings(name) && !saysNothing(rest[name]);
  return !Object.keys(rest).some(isSaid) && !mayContainEvent(rest);
}

/** The part of an envelope that the events after the first one of a batch keep. */
export function sharedEnvelope(rest: JsonObject): JsonObject {
  if (isSmall(rest, sharedBytes)) return rest;
  return rest["dev_sno"] === undefined ? {} : { dev_sno: rest["dev_sno"] };
}

/** The serial of the box, if the envelope names it. */
export function serialOf(envelope: JsonObject): string | undefined {
  const open: JsonObject[] = [envelope];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const serial = next["dev_sno"];
    if (typeof serial === "string" && serial !== "") return serial.toWellFormed();
    if (typeof serial === "number") return String(serial);
    open.push(...Object.values(next).filter(isObject));
  }
  return undefined;
}

/** The unknown members of a report, with its envelope. A member of the report with the same name moves into it. */
export function withEnvelope(extra: JsonObject, envelope: JsonObject): JsonObject {
  const { envelope: own, ...others } = extra;
  return { ...others, envelope: own === undefined ? envelope : { ...envelope, envelope: own } };
}

/**
 * Whether a value has no picture and at most so many bytes as JSON, roughly. A larger one is not looked at to its end.
 */
function isSmall(root: Json, bytes: number): boolean {
  const open: Json[] = [root];
  let left = bytes;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    left -= typeof next === "string" ? next.length + 2 : 4;
    if (left < 0 || (typeof next === "string" && pictureBeginning.test(next))) return false;
    if (typeof next !== "object" || next === null) continue;
    for (const name in next) {
      left -= name.length + 4;
      if (left < 0) return false;
    }
    open.push(...Object.values(next));
  }
  return true;
}
