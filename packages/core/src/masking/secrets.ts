import { secretNames } from "@gatepost/protocol";

/** The mask of a secret. It has another length, because that of a code is a part of it. */
export const secretMask = "***";

/** Whether a text may have the name of a secret. */
const mayHaveSecret = /passw|passcode|pwd|pin[_-]?code/i;

/**
 * Secrets of up to 1024 characters in a text: a member of JSON also within JSON, of a form or a line of tabs, in XML, and a
 * part of a form. Each has its quote, or nothing, and ends with the secret.
 */
const patterns = [
  `(?<!\\\\)(\\\\{0,7}["'])@?(?:${secretNames})\\1\\s{0,9}:\\s{0,9}\\1((?:(?!\\1)(?:\\\\[^]|[^\\\\])){1,1024})`,
  `()(?:(?<![a-z_-])|%5B)(?:${secretNames})(?:\\]|%5D)?=\\\\{0,7}["']?([^&\\t\\r\\n"'<>\\\\]{1,1024})`,
  `()<(?:\\w{1,32}:)?(?:${secretNames})(?:\\s[^<>]{0,200})?>\\s{0,9}(?:<!\\[CDATA\\[)?([^<\\]]{1,1024})`,
  `()name=["']?(?:[\\w.[\\]-]{0,64}[.[])?(?:${secretNames})\\]?["']?[^\\r\\n]{0,200}\\r?\\n(?:[^\\r\\n]{1,200}\\r?\\n){0,8}\\r?\\n([^\\r\\n]{1,1024})`,
].map((pattern) => new RegExp(pattern, "gi"));

/** The same of a number, whose mask needs the quotes of the name. */
const numbers = new RegExp(
  `(?<!\\\\)(\\\\{0,7}["'])@?(?:${secretNames})\\1\\s{0,9}:\\s{0,9}(-?\\d[\\d.e+-]{0,64})`,
  "gi",
);

/** The place of a secret in a text, and its mask there. */
export interface SecretPlace {
  from: number;
  to: number;
  mask: string;
}

/** The places of secrets in a text, in order. A mask is none. */
export function secretsIn(text: string): SecretPlace[] {
  if (!mayHaveSecret.test(text)) return [];
  const found: SecretPlace[] = [];
  for (const pattern of [...patterns, numbers]) {
    for (const { 0: all, 1: quote = "", 2: value = "", index } of text.matchAll(pattern)) {
      if (value === secretMask) continue;
      const to = index + all.length;
      found.push({ from: to - value.length, to, mask: pattern === numbers ? quote + secretMask + quote : secretMask });
    }
  }
  const places: SecretPlace[] = [];
  for (const place of found.sort((a, b) => a.from - b.from)) {
    if (place.from >= (places.at(-1)?.to ?? 0)) places.push(place);
  }
  return places;
}

/** A text with its secrets masked. */
export function maskedSecrets(text: string, places: readonly SecretPlace[] = secretsIn(text)): string {
  const pieces: string[] = [];
  let done = 0;
  for (const { from, to, mask } of places) {
    pieces.push(text.slice(done, from), mask);
    done = to;
  }
  return pieces.join("") + text.slice(done);
}
