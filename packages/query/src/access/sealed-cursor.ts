import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { GatepostError } from "@gatepost/ingest";

const ivBytes = 12;
const tagBytes = 16;

/**
 * Encrypts cursors: that of a store names the last item it looked at, which may be of a box that the key does not see.
 */
export interface CursorSeal {
  seal(cursor: string): string;
  /** Throws 400 where the cursor was not sealed here. */
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
