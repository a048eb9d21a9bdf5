import { createCipheriv, createECDH, type ECDH, hkdfSync, randomBytes } from "node:crypto";
import type { PushTarget } from "@gatepost/core/push";

/** Bytes of content, at most: every push service takes as many. */
export const maxContentBytes = 2048;

/** The size of a record: content is one record, as push services demand. */
const recordSize = 4096;

/** The parts that each message has anew. */
interface Fresh {
  ecdh: ECDH;
  salt: Buffer;
}

function fresh(): Fresh {
  const ecdh = createECDH("prime256v1");
  ecdh.generateKeys();
  return { ecdh, salt: randomBytes(16) };
}

const derived = (key: Uint8Array, salt: Uint8Array, info: string | Buffer, bytes: number) =>
  Buffer.from(hkdfSync("sha256", key, salt, info, bytes));

/**
 * Encrypts content for one browser: a body of the encoding `aes128gcm` (RFC 8291 over RFC 8188). Neither the push
 * service nor anyone on the way can read it. Throws RangeError if the content is too long.
 */
export function encrypted(content: Buffer, keys: PushTarget["keys"], { ecdh, salt }: Fresh = fresh()): Buffer {
  if (content.length > maxContentBytes) throw new RangeError(`a notification has over ${maxContentBytes} bytes`);
  const receiver = Buffer.from(keys.p256dh, "base64url");
  const sender = ecdh.getPublicKey();
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), receiver, sender]);
  const key = derived(ecdh.computeSecret(receiver), Buffer.from(keys.auth, "base64url"), info, 32);
  const cipher = createCipheriv(
    "aes-128-gcm",
    derived(key, salt, "Content-Encoding: aes128gcm\0", 16),
    derived(key, salt, "Content-Encoding: nonce\0", 12),
  );
  const head = Buffer.alloc(5);
  head.writeUInt32BE(recordSize);
  head.writeUInt8(sender.length, 4);
  // The byte 2 ends the last record.
  const sealed = [cipher.update(Buffer.concat([content, Buffer.from([2])])), cipher.final(), cipher.getAuthTag()];
  return Buffer.concat([salt, head, sender, ...sealed]);
}
