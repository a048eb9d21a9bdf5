import type { JsonObject } from "./json.ts";
import { set } from "./paths.ts";
import { recognise } from "./recognise.ts";

/** Members that occur only in `ext_data`, and then all of its members. docs/formats.md §2 (a), (b). */
const signs = ["device_ip", "device_type", "ep_id", "box_fiqa_info", "grab_fiqa_info"];
const passing = new Set([...signs, "dev_sno", "person_type", "spot_pic", "recognize_face", "ir_pic", "info"]);

/** Members of a flat report and of its `ep_info`, which has an `ep_id` too. */
const ofFlat = ["ep_info", "ep_ip", "ep_type", "ep_name", "out_timestamp", "recognize_face_attr"];

/** The dialects that a nested report without its `ext_data` is recognised as. */
const takenFor: readonly unknown[] = ["history-flat", "root-facts", undefined];

/**
 * A report whose `ext_data` was flattened to its root, as a sender of form-data may do, with its `ext_data`; any other body
 * as it is. docs/formats.md §3.
 */
export function withExtData(body: JsonObject): JsonObject {
  if (!signs.some((name) => name in body) || !isFlattened(body)) return body;
  const root: JsonObject = {};
  const inner: JsonObject = {};
  for (const [name, value] of Object.entries(body)) set(passing.has(name) ? inner : root, name, value);
  return { ...root, ext_data: inner };
}

function isFlattened(body: JsonObject): boolean {
  if (!("identity_id" in body) || "ext_data" in body || ofFlat.some((name) => name in body)) return false;
  return takenFor.includes(recognise(body, "")?.name);
}
