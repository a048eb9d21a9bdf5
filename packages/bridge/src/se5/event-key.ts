import { isObject, type Json, type JsonObject } from "@gatepost/protocol";
import { limitedJsonOrNull } from "../limited-json.ts";
import type { EventKey } from "../spool/request.ts";

/** The time as ms, from ms or from seconds with decimals. docs/formats.md §4.4. */
function milliseconds(value: Json | undefined): number | null {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number) || number <= 0) return null;
  const ms = Math.round(number < 1e11 ? number * 1000 : number);
  return Number.isSafeInteger(ms) ? ms : null;
}

const text = (value: Json | undefined) => (typeof value === "string" ? value.slice(0, 256) : "");

/** The event key of a pushed message; null if it has none. */
export function pushedEventKey(message: Uint8Array): EventKey | null {
  const event = limitedJsonOrNull(message);
  if (!isObject(event)) return null;
  const at = milliseconds(event["timestamp"]);
  if (at === null) return null;
  const ext = isObject(event["ext_data"]) ? event["ext_data"] : {};
  return {
    at,
    device: text(event["device_id"]) || text(event["media_device_id"]),
    person: personOf(event, ext["person_type"] ?? event["user_type"]),
  };
}

/** The event key of a stored event. It equals the key of the pushed message about the same passing. */
export function storedEventKey(event: JsonObject): EventKey | null {
  const at = milliseconds(event["timestamp"]);
  if (at === null) return null;
  const common = isObject(event["common"]) ? event["common"] : event;
  const endpoint = isObject(common["ep_info"]) ? common["ep_info"] : {};
  const media = isObject(event["media_device_info"]) ? event["media_device_info"] : {};
  return {
    at,
    device: text(endpoint["device_id"]) || text(media["media_device_id"]),
    person: personOf(common, common["person_type"] ?? common["user_type"]),
  };
}

/** A stranger gets another id every time, and the memory has no id, so it is left out. */
function personOf(event: JsonObject, type: Json | undefined): string {
  return String(type) === "4" || type === "stranger" ? "" : text(event["identity_id"]);
}
