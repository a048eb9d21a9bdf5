import { hash, randomBytes } from "node:crypto";

/** What apps show above the codes. */
const issuer = "Gatepost";

const period = 30;
const algorithm = "SHA1";
const digits = 6;
const seedBytes = 20;

/** The library is loaded when a code is first used: most people have none. */
const library = () => import("otpauth");

/** Makes a seed, as base32, and the address that apps read from a QR code. */
export async function newSeed(label: string): Promise<{ secret: string; uri: string }> {
  const { Secret, TOTP } = await library();
  const secret = new Secret({ buffer: new Uint8Array(randomBytes(seedBytes)).buffer });
  const totp = new TOTP({ issuer, label, secret, period, algorithm, digits });
  return { secret: secret.base32, uri: totp.toString() };
}

/** The step of 30 s that a code belongs to, of this one, the one before and the next; null if it is none of theirs. */
export async function stepOf(given: string, seed: string, now: number): Promise<number | null> {
  const token = plain(given);
  if (!/^\d{6}$/.test(token)) return null;
  const { Secret, TOTP } = await library();
  const secret = Secret.fromBase32(seed);
  const delta = TOTP.validate({ token, secret, algorithm, digits, period, timestamp: now, window: 1 });
  return delta === null ? null : TOTP.counter({ period, timestamp: now }) + delta;
}

/** Letters and digits that are not mistaken for each other, 32 of them. */
const alphabet = "abcdefghjkmnpqrstuvwxyz023456789";

const recoveryCodes = 10;
const recoveryLength = 16;

/** Makes ten recovery codes of 80 random bits, in groups of four. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: recoveryCodes }, () => {
    const letters = [...randomBytes(recoveryLength)].map((byte) => alphabet[byte % alphabet.length]).join("");
    return letters.replaceAll(/.{4}(?!$)/g, "$&-");
  });
}

/** The hash of a recovery code of an account, however its person writes it. Its bits are too many to be guessed from it. */
export function hashRecoveryCode(given: string, account: string): string {
  return hash("sha256", `${account} ${plain(given)}`);
}

/** A code without blanks and dashes, with digits of half width: apps show blanks, input methods write full width. */
function plain(given: string): string {
  return given
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[\s\p{Pd}]/gu, "");
}
