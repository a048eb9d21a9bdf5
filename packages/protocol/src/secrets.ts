import { isObject, type Json, type JsonObject } from "./json.ts";
import { set } from "./paths.ts";

/**
 * The names of members with passwords and codes that open doors, as makers write them. The PIN of ZKTeco is the number of
 * a person, and the Code of Dahua the kind of an event: they are none.
 */
export const secretNames =
  "(?:(?:door|unlock|open|opendoor|user|person|card|super|duress|access|login|verify|dynamic|temp|key|keyboard|admin|device)[_-]?)?" +
  "(?:password|passwd|passcode|pwd)|pin[_-]?code";

/** An attribute of XML has a sign in front. */
const secret = new RegExp(`^@?(?:${secretNames})$`, "i");

/** Characters of the longest of these names. */
const maxNameLength = 24;

export function isSecretName(name: string): boolean {
  return name.length <= maxNameLength && secret.test(name);
}

/** A copy without members with secrets that say something, at any depth. */
export function withoutSecrets(object: JsonObject): JsonObject {
  const kept: JsonObject = {};
  for (const [name, value] of Object.entries(object)) {
    if (value === null || value === "" || !isSecretName(name)) set(kept, name, cleaned(value));
  }
  return kept;
}

function cleaned(value: Json): Json {
  if (Array.isArray(value)) return value.map(cleaned);
  return isObject(value) ? withoutSecrets(value) : value;
}
