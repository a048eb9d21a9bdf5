import { isObject, type Json, type JsonObject, limits } from "@gatepost/protocol";
import { skipBlanks } from "./blanks.ts";
import { type Read, readStrict } from "./strict.ts";
import { readTolerant } from "./tolerant.ts";

/**
 * Members that are objects or lists in the field tables of docs/formats.md. Forms, and senders that encode twice, send
 * them as text.
 */
const structured = [
  "events",
  "data",
  "records",
  "ext_data",
  "identity_info",
  "ep_info",
  "recognize_face_attr",
  "media_device_info",
  "common",
  "gate_data",
  "grab_data",
  "video_data",
  "info",
  "box",
  "point",
  "feature",
  "box_fiqa_info",
  "grab_fiqa_info",
  "gateway_ext_data",
  "sub_devices",
  "media_devices",
  "deviceList",
  "cameraInfo",
] as const;

/** Three levels: ext_data, its info, and the lists in that. */
const levels = 3;

/**
 * Parses members that came as text (JSON or Python's repr) where an object or a list belongs. Changes `body` itself.
 * Returns the flags for the event.
 */
export function parseNested(body: JsonObject, level = 0): string[] {
  const flags: string[] = [];
  for (const name of structured) {
    const value = body[name];
    const read = typeof value === "string" ? readStructure(value) : null;
    if (read !== null) {
      body[name] = read.value;
      flags.push(...read.flags);
    }
    const inner = read?.value ?? value;
    if (level < levels && isObject(inner)) flags.push(...parseNested(inner, level + 1));
  }
  return flags;
}

/** Parses a text that holds an object or a list; null where it holds neither. */
export function readStructure(text: string): { value: Json; flags: readonly string[] } | null {
  const first = text[skipBlanks(text)];
  if (first !== "{" && first !== "[") return null;
  const read = readEither(text, limits.nesting);
  return "value" in read && typeof read.value === "object" ? read : null;
}

/** Reads JSON, or text that is nearly JSON. */
export function readEither(text: string, maxLevels?: number): Read {
  const strict = readStrict(text, maxLevels);
  if ("value" in strict) return strict;
  const tolerant = readTolerant(text, maxLevels);
  return "value" in tolerant ? tolerant : strict;
}
