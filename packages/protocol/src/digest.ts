import { createHash, type Hash, hash } from "node:crypto";
import { comparable, comparableAddress, comparableEndpoint } from "./comparable.ts";
import { type Json, type JsonObject, writeCanonical } from "./json.ts";
import { set } from "./paths.ts";

/** Members that may change when a box sends the same passing again: the base photo and the requested action. */
const leftOut = new Set(["reg_pic", "reg_image", "register_image", "userPhoto", "want_action", "post_action"]);

const ids = [
  ...["identity_id", "identity_name", "userId", "userName", "group_name"],
  ...["device_id", "media_device_id", "cameraId", "ep_name", "media_device_name"],
  ...["dev_sno", "mq_license_key", "deviceId"],
];
const addresses = ["device_ip", "ep_ip", "media_device_ip", "cameraIp"];

/** Members that are compared as ids, names and addresses are. */
const compared = new Map<string, (sent: string) => string>([
  ...ids.map((name) => [name, comparable] as const),
  ...addresses.map((name) => [name, comparableAddress] as const),
  ["ep_id", comparableEndpoint],
]);

/**
 * SHA-256 of a report's content, independent of its encoding. The order of keys does not matter. Forms have only texts,
 * so every scalar counts as its text; they have no null, {} or [], so these count as absent. A decoded picture counts
 * as its hash, so line breaks in base64 do not matter.
 *
 * @param hashes SHA-256 of each decoded picture, by the text that was sent
 * @example digestOf({ score: 0.5, info: {} }, new Map()) === digestOf({ score: "0.5" }, new Map())
 */
export function digestOf(body: JsonObject | Json[], hashes: ReadonlyMap<string, string>): string {
  const reading = new Reading(hashes);
  const said = reading.said(body, leftOut) ?? {};
  // Its members are sorted already, so the same text is made at once.
  if (reading.isSimple) return hash("sha256", JSON.stringify(said));
  const digest = new TextDigest();
  writeCanonical(said, { write: (piece) => digest.update(piece), textOf: (text) => text });
  return digest.hex();
}

const nothing: ReadonlySet<string> = new Set();

/** Texts with so many characters are hashed without being copied first. */
const longText = 4096;

/** Reads values as a form could send them. */
class Reading {
  readonly #hashes: ReadonlyMap<string, string>;
  /** Whether JSON.stringify writes the value in the order of its sorted keys, and no text of it is long. */
  isSimple = true;

  constructor(hashes: ReadonlyMap<string, string>) {
    this.#hashes = hashes;
  }

  /** A value with sorted keys and without some members; undefined if nothing is left. */
  said(value: Json, without = nothing): Json | undefined {
    if (value === null) return undefined;
    if (typeof value !== "object") return this.#text(`${value}`);
    if (Array.isArray(value)) {
      const items = value.map((item) => this.said(item)).filter((item) => item !== undefined);
      return items.length === 0 ? undefined : items;
    }
    return this.#members(value, without);
  }

  #members(object: JsonObject, without: ReadonlySet<string>): JsonObject | undefined {
    const said: JsonObject = {};
    let isEmpty = true;
    for (const key of Object.keys(object).sort()) {
      const value = object[key] ?? null;
      const form = typeof value === "string" ? compared.get(key) : undefined;
      const inner = without.has(key) ? undefined : this.said(form === undefined ? value : form(String(value)));
      if (inner === undefined) continue;
      set(said, key, inner);
      isEmpty = false;
      // JavaScript puts keys that look like an index first, even if they were set last.
      if (isDigit(key.charCodeAt(0))) this.isSimple = false;
    }
    return isEmpty ? undefined : said;
  }

  #text(text: string): string {
    const read = this.#hashes.size === 0 ? text : (this.#hashes.get(text) ?? text);
    if (read.length >= longText) this.isSimple = false;
    return read;
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Characters that are gathered before they are hashed. A report without pictures has fewer. */
const batchCharacters = 16 * 1024;

/**
 * SHA-256 of a text in pieces. Short pieces are gathered, which is much faster. A long one is not copied: a picture
 * that cannot be decoded counts as text, and may be as large as the body.
 */
class TextDigest {
  #gathered = "";
  #hash: Hash | null = null;

  update(piece: string): void {
    if (this.#gathered.length + piece.length > batchCharacters) {
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
export function idOf(
  prefix: "evt" | "qrt" | "box" | "dev" | "dec" | "per" | "una" | "evc" | "tgt" | "vis" | "arr",
  parts: readonly Json[],
): string {
  // A text with one byte per character: with a buffer it would take three times as long.
  const digest = hash("sha256", JSON.stringify(parts), "binary");
  let text = "";
  for (let i = 0; i < idLength; i++) {
    const bit = 5 * i;
    const twoBytes = (digest.charCodeAt(bit >> 3) << 8) | digest.charCodeAt((bit >> 3) + 1);
    text += alphabet.charAt((twoBytes >> (11 - (bit & 7))) & 31);
  }
  return `${prefix}_${text}`;
}
