import { createECDH } from "node:crypto";
import { absent, type Rows } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";

/** `push-keys`: the pair of keys by which push services know this Gatepost (VAPID, RFC 8292), in base64url. */
const records = new RecordKind("push-keys", z.object({ publicKey: z.string(), privateKey: z.string() }));

/** A point of P-256 (65 bytes) and its scalar (32 bytes), in base64url. */
export interface VapidKeys {
  publicKey: string;
  privateKey: string;
}

/** The keys of a store. They never change: each subscription is bound to the public one. */
export class PushKeys {
  readonly #items: Rows;
  #kept: VapidKeys | null = null;

  constructor(items: Rows) {
    this.#items = items;
  }

  /** Makes them at the first call. */
  async read(): Promise<VapidKeys> {
    this.#kept ??= (await this.#find()) ?? (await this.#make());
    return this.#kept;
  }

  async #make(): Promise<VapidKeys> {
    const ecdh = createECDH("prime256v1");
    ecdh.generateKeys();
    // The scalar has fewer bytes if it begins with zeros.
    const scalar = Buffer.alloc(32);
    const made = ecdh.getPrivateKey();
    made.copy(scalar, 32 - made.length);
    const keys = { publicKey: ecdh.getPublicKey("base64url"), privateKey: scalar.toString("base64url") };
    const { applied } = await this.#items.write(records.record("", keys, absent()));
    const stored = applied ? keys : await this.#find();
    if (stored === null) throw new Error("the keys for notifications are not stored");
    return stored;
  }

  async #find(): Promise<VapidKeys | null> {
    const item = await this.#items.get(records.pk(""));
    return item === null ? null : records.read(item);
  }
}
