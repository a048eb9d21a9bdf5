import { createHash, type Hash, hash } from "node:crypto";
import { type Json, type JsonObject, writeCanonical } from "./json.ts";
import { set } from "./paths.ts";

/** Members that may differ when a box sends the same passing again: the base photo, and the action that it asks for. */
const leftOut = new Set(["reg_pic", "reg_image", "register_image", "userPhoto", "want_action", "post_action"]);

/**
 * SHA-256 of a report's content. Its wrapping and the order of its keys do not matter. A form has texts alone, so every
 * scalar counts as its text; and it cannot say null, {} or [], so these count as left out. A decoded picture counts by its
 * hash, so line breaks in base64 do not matter either.
 *
 * @param hashes SHA-256 of each decoded picture, by the text that was sent
 * @example digestOf({ score: 0.5, info: {} }, new Map()) === digestOf({ score: "0.5" }, new Map())
 */
export function digestOf(body: JsonObject, hashes: ReadonlyMap<string, string>): string {
  const digest = new TextDigest();
  writeCanonical(saidIn(body, leftOut) ?? {}, {
    write: (piece) => digest.update(piece),
    textOf: (text) => hashes.get(text) ?? text,
  });
  return digest.hex();
}

const nothing: ReadonlySet<string> = new Set();

/** A value as a form could send it, without some members; undefined where it says nothing. */
function saidIn(value: Json, without = nothing): Json | undefined {
  if (value === null) return undefined;
  if (typeof value !== "object") return `${value}`;
  if (Array.isArray(value)) {
    const items = value.map((item) => saidIn(item)).filter((item) => item !== undefined);
    return items.length === 0 ? undefined : items;
  }
  const said: JsonObject = {};
  let isEmpty = true;
  for (const [key, member] of Object.entries(value)) {
    const inner = without.has(key) ? undefined : saidIn(member);
    if (inner === undefined) continue;
    set(said, key, inner);
    isEmpty = false;
  }
  return isEmpty ? undefined : said;
}

/** Characters that are hashed at once: a report without pictures has fewer. */
const charactersAtOnce = 16 * 1024;

/**
 * SHA-256 of a text that comes in pieces. Short ones are gathered, which takes a fraction of the time; a picture that is
 * no picture counts as the text that it is, and may be as large as the body: it is not copied.
 */
class TextDigest {
  #gathered = "";
  #hash: Hash | null = null;

  update(piece: string): void {
    if (this.#gathered.length + piece.length > charactersAtOnce) {
      this.#hash ??= createHash("sha256");
      this.#hash.update(this.#gathered).update(piece);
      this.#gathered = "";
    } else this.#gathered += piece;
  }

  hex(): string {
    return this.#hash === null ? hash("sha256", this.#gathered) : this.#hash.update(this.#gathered).digest("hex");
  }
}

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const idLength = 26;

/** `prefix` and 26 characters (Crockford base32, 130 bits) of the SHA-256 of `parts`: equal on every runtime. */
export function idOf(prefix: "evt" | "qrt" | "box", parts: readonly Json[]): string {
  const digest = hash("sha256", JSON.stringify(parts), "buffer");
  let text = "";
  for (let i = 0; i < idLength; i++) {
    const bit = 5 * i;
    const twoBytes = digest.readUInt16BE(bit >> 3);
    text += alphabet.charAt((twoBytes >> (11 - (bit & 7))) & 31);
  }
  return `${prefix}_${text}`;
}
