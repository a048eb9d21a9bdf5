import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import { GatepostError } from "../errors/errors.ts";

const macBytes = 16;

export interface CursorSigner {
  sign(cursor: string): string;
  /** Throws 400 with the name of the parameter if the cursor was not signed here for this question. */
  verify(signed: string, parameter: string): string;
}

/**
 * Signs cursors. A cursor is opaque to clients and valid for one question only, so an adapter never gets one that it
 * did not make.
 */
export function cursorSigner(question: unknown, secret: Buffer): CursorSigner {
  const hash = createHash("sha256").update(JSON.stringify(question)).digest();
  const sign = (cursor: Uint8Array) =>
    createHmac("sha256", keyOf(secret)).update(hash).update(cursor).digest().subarray(0, macBytes);
  return {
    sign(cursor) {
      const bytes = Buffer.from(cursor);
      return Buffer.concat([sign(bytes), bytes]).toString("base64url");
    },
    verify(signed, parameter) {
      const bytes = Buffer.from(signed, "base64url");
      const [mac, cursor] = [bytes.subarray(0, macBytes), bytes.subarray(macBytes)];
      if (mac.length === macBytes && timingSafeEqual(mac, sign(cursor))) return cursor.toString();
      throw new GatepostError(
        "bad-request",
        `${parameter}: it is not from this list with this filter; begin without one`,
      );
    },
  };
}

/** Keys are reused: to make one takes longer than to sign a cursor. */
const keys = new WeakMap<Buffer, KeyObject>();

function keyOf(secret: Buffer): KeyObject {
  const known = keys.get(secret);
  if (known !== undefined) return known;
  const key = createSecretKey(secret);
  keys.set(secret, key);
  return key;
}

const ivBytes = 12;
const tagBytes = 16;

/**
 * Encrypts cursors: the cursor of a store names the last item it looked at, which may be of a box that the key does not
 * see.
 */
export interface CursorSeal {
  seal(cursor: string): string;
  /** Throws 400 if the cursor was not sealed here. */
  open(sealed: string): string;
}

export function cursorSeal(secret: Buffer): CursorSeal {
  const key = Buffer.from(hkdfSync("sha256", secret, "", "gatepost cursor of a limited key", 32));
  return {
    seal(cursor) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv("aes-256-gcm", key, iv);
      const content = Buffer.concat([cipher.update(cursor), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), content]).toString("base64url");
    },
    open(sealed) {
      const bytes = Buffer.from(sealed, "base64url");
      try {
        const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
        decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
        return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString();
      } catch (cause) {
        throw new GatepostError("bad-request", "this cursor is of another key; begin again without it", { cause });
      }
    },
  };
}
