import { createHash } from "node:crypto";
import { isObject, type Json } from "@gatepost/protocol";

/** Levels of a report, and members of each object, that its shape tells of. */
const most = { levels: 2, members: 200 };

/** Reasons of reports whose shape is not known, or not wholly. Nothing was made of them. */
export function isOfUnknownShape(reason: string): boolean {
  return reason === "unknown-shape" || reason.startsWith("unclear-notice:");
}

/**
 * A short name for the members of a report and their types. Reports that a sender repeats with other values have the
 * same one. Digits in the names of members do not count: some are numbered.
 */
export function shapeOf(reason: string, value: Json): string {
  const sketch = JSON.stringify([reason, sketchOf(value, most.levels)]);
  return createHash("sha256").update(sketch).digest("hex").slice(0, 32);
}

function sketchOf(value: Json, levels: number): Json {
  if (Array.isArray(value)) return levels === 0 ? "list" : [sketchOf(value[0] ?? null, levels - 1)];
  if (!isObject(value)) return value === null ? "null" : typeof value;
  if (levels === 0) return "object";
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return members
    .slice(0, most.members)
    .map(([name, member]) => [name.replaceAll(/\d+/g, "0"), sketchOf(member, levels - 1)]);
}
