import { isObject, type Json, type JsonObject } from "./json.ts";
import { limits } from "./limits.ts";
import { omitPath, type Path, set } from "./paths.ts";
import type { Report } from "./report.ts";

/** The free-form members of a report, the least needed first. */
const freeForm: readonly Path[] = [
  ["extra"],
  ["person", "info"],
  ["quality", "box"],
  ["quality", "grab"],
  ["attributes", "faceBox"],
];

/** Bytes to which texts are cut if even texts of 8 KB are too much, for example if every character is escaped. */
const shortTextBytes = 512;

/**
 * Makes a report fit into an item of the index: cuts long texts, then drops free-form members until it fits.
 * `truncations` names the lost parts, as `text-cut:person.name` or `object-cut:extra`.
 */
export function truncate(report: Report): { report: Report; truncations: string[] } {
  if (fitsAsItIs(report)) return { report, truncations: [] };
  const truncations = new Set<string>();
  let kept = truncateTexts(report, [], limits.textBytes, truncations) as JsonObject;
  for (const path of freeForm) {
    if (fits(kept)) break;
    kept = omitPath(kept, path);
    truncations.add(`object-cut:${path.join(".")}`);
  }
  if (!fits(kept)) kept = truncateTexts(kept, [], shortTextBytes, truncations) as JsonObject;
  return { report: kept as Report, truncations: [...truncations] };
}

/** True if the report fits as it is (the usual case): it is not copied then. */
function fitsAsItIs(report: Report): boolean {
  return areShort(report) && maxBytes(report) <= limits.reportBytes;
}

/** Whether a value has short texts and numbers that JSON can say alone. */
function areShort(value: Json): boolean {
  if (typeof value === "string") return value.length * 3 <= limits.textBytes;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) return value.every(areShort);
  for (const key of Object.keys(value)) if (!areShort(value[key] ?? null)) return false;
  return true;
}

function fits(report: Json): boolean {
  return maxBytes(report) <= limits.reportBytes || Buffer.byteLength(JSON.stringify(report)) <= limits.reportBytes;
}

/** Bytes that a value has as JSON at most: one character has six where it is escaped. Writing it would take longer. */
function maxBytes(value: Json): number {
  if (typeof value === "string") return 6 * value.length + 2;
  if (typeof value !== "object" || value === null) return maxScalarBytes;
  let bytes = 2;
  if (Array.isArray(value)) for (const item of value) bytes += maxBytes(item) + 1;
  else for (const key of Object.keys(value)) bytes += maxBytes(value[key] ?? null) + 6 * key.length + 4;
  return bytes;
}

/** The longest number is -1.2345678901234567e-300. */
const maxScalarBytes = 25;

function truncateTexts(value: Json, path: Path, most: number, truncations: Set<string>): Json {
  if (typeof value === "string") return truncateText(value, path, most, truncations);
  // JSON.parse makes Infinity of 1e999, which JSON cannot say again.
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return value.map((item) => truncateTexts(item, path, most, truncations));
  if (!isObject(value)) return value;
  const kept: JsonObject = {};
  for (const [key, inner] of Object.entries(value))
    set(kept, key, truncateTexts(inner, [...path, key], most, truncations));
  return kept;
}

function truncateText(text: string, path: Path, most: number, truncations: Set<string>): string {
  if (text.length * 3 <= most || Buffer.byteLength(text) <= most) return text;
  // Only the report's own members are named: the keys within free-form ones are the sender's, and endless.
  truncations.add(`text-cut:${path.slice(0, path[0] === "extra" ? 1 : 2).join(".")}`);
  const bytes = Buffer.from(text.slice(0, most + 1));
  let end = most;
  while (isWithinCharacter(bytes.readUInt8(end))) end -= 1;
  return bytes.toString("utf8", 0, end);
}

/** Whether a byte of UTF-8 continues a character. */
function isWithinCharacter(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
