import { hash } from "node:crypto";

/** Characters of a name that is shown, or kept in a list of names: no real one is longer. */
const maxNameLength = 128;

const hashLength = 16;

/** A text for show alone, not too long. */
export function shortText(text: string): string {
  return begin(text, maxNameLength);
}

/**
 * A name by which something is found, not too long: of a long one its beginning and a hash, so that two of them stay two.
 *
 * @example shortName("AKOPKKKKK__192.168.1.25") === "AKOPKKKKK__192.168.1.25"
 */
export function shortName(name: string): string {
  if (name.length <= maxNameLength) return name;
  // As JSON: a half of a character is not written as UTF-8, and two names would be one.
  const digest = hash("sha256", JSON.stringify(name)).slice(0, hashLength);
  return `${begin(name, maxNameLength - hashLength - 1)}~${digest}`;
}

/** The beginning of a text, which ends with no half of a character. */
function begin(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).replace(/[\ud800-\udbff]$/, "");
}
