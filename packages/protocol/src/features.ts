import { structureIn } from "./box-status.ts";
import { excess, type Json, type JsonObject } from "./json.ts";
import { limits } from "./limits.ts";
import { set } from "./paths.ts";

/** Names of feature vectors, in lower case and without separators. docs/formats.md §1, §2. Others call them embeddings. */
const vectorNames = new Set(["featurebinary", "featurebase64str", "registerfeature"]);

/** Characters of a text that is certainly not a vector: the shortest in any document has 2,732. */
const maxWord = 64;

/**
 * The name of a member with a vector, in a text that is JSON or Python's repr, also nested in another text. The
 * lookahead keeps it from trying the same name in forty ways.
 */
const namedInText = /(?:feature|embedding)(?![\w-]{41})[\w-]{0,40}\\{0,9}["']\s{0,9}:/i;

/**
 * An object without feature vectors at any depth, and without members that had only vectors; the same object if it has
 * none. Vectors are biometric data, and a sender that mixes dialects may put them anywhere, so they are found by name
 * and not by place. If a name may also mean something else, short words and numbers stay.
 *
 * @example omitFeatures({ id: "7", info: { feature: [0.12, -0.5], feature_version: 2 } }) // { id: "7", info: { feature_version: 2 } }
 */
export function omitFeatures(object: JsonObject): JsonObject {
  // Hardly any report has one, so usually nothing is copied.
  return mayHoldVector(object) ? new VectorFilter().members(object) : object;
}

function mayHoldVector(value: Json): boolean {
  if (typeof value === "string") return mayNameVector(value);
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some(mayHoldVector);
  for (const name of Object.keys(value)) {
    const inner = value[name] ?? null;
    if (isVector(name, inner) || mayHoldVector(inner)) return true;
  }
  return false;
}

function isVector(name: string, value: Json): boolean {
  if (!/feature|embedding/i.test(name)) return false;
  if (vectorNames.has(name.toLowerCase().replace(/[^a-z0-9]/g, ""))) return true;
  return typeof value === "string" ? value.length > maxWord : typeof value === "object";
}

function mayNameVector(text: string): boolean {
  return text.length > maxWord && /^\s*[{[]/.test(text) && namedInText.test(text);
}

/** Copies a sent value without its vectors. */
class VectorFilter {
  /**
   * Characters of texts that may still be parsed. No more than this is kept of a report, so a longer text is cut
   * anyway.
   */
  #charactersLeft: number = limits.reportBytes;

  members(object: JsonObject): JsonObject {
    const kept: JsonObject = {};
    for (const [name, value] of Object.entries(object)) {
      const inner = isVector(name, value) ? undefined : this.#value(value);
      if (inner !== undefined) set(kept, name, inner);
    }
    return kept;
  }

  /** The value without vectors; undefined if it contained only vectors. */
  #value(value: Json): Json | undefined {
    if (typeof value === "string") return this.#text(value);
    if (typeof value !== "object" || value === null) return value;
    const kept = Array.isArray(value)
      ? value.map((item) => this.#value(item)).filter((item) => item !== undefined)
      : this.members(value);
    return Object.keys(kept).length > 0 || Object.keys(value).length === 0 ? kept : undefined;
  }

  /** A text may be JSON with a vector in it. A text that names a vector and cannot be parsed is left out. */
  #text(text: string): string | undefined {
    if (!mayNameVector(text)) return text;
    this.#charactersLeft -= text.length;
    const structure = this.#charactersLeft < 0 ? null : structureIn(text);
    if (structure === null || excess(structure, limits) !== null) return undefined;
    if (!mayHoldVector(structure)) return text;
    const kept = this.#value(structure);
    return kept === undefined ? undefined : JSON.stringify(kept);
  }
}
