import { createHash, hash } from "node:crypto";
import { type Json, type JsonObject, writeCanonical } from "./json.ts";

/** Members that may differ when a box sends the same passing again: the base photo, and the action that it asks for. */
const leftOut = new Set(["reg_pic", "reg_image", "register_image", "userPhoto", "want_action", "post_action"]);

/**
 * SHA-256 of a report's content. Its wrapping and the order of its keys do not matter. A decoded picture counts by its
 * hash, so line breaks in base64 do not matter either.
 *
 * @param hashes SHA-256 of each decoded picture, by the text that was sent
 */
export function digestOf(body: JsonObject, hashes: ReadonlyMap<string, string>): string {
  const counted = Object.entries(body).filter(([key]) => !leftOut.has(key));
  const digest = createHash("sha256");
  // Piece by piece: a picture that is no picture counts as the text that it is, and may be as large as the body.
  writeCanonical(Object.fromEntries(counted), {
    write: (piece) => digest.update(piece),
    textOf: (text) => hashes.get(text) ?? text,
  });
  return digest.digest("hex");
}

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const idLength = 26;

/** `prefix` and 26 characters (Crockford base32, 130 bits) of the SHA-256 of `parts`: equal on every runtime. */
export function idOf(prefix: "evt" | "qrt", parts: readonly Json[]): string {
  const digest = hash("sha256", JSON.stringify(parts), "buffer");
  let text = "";
  for (let i = 0; i < idLength; i++) {
    const bit = 5 * i;
    const twoBytes = digest.readUInt16BE(bit >> 3);
    text += alphabet.charAt((twoBytes >> (11 - (bit & 7))) & 31);
  }
  return `${prefix}_${text}`;
}
