import { hash } from "node:crypto";
import { instant, instantOrNull, omitAbsent, storedJson } from "@gatepost/protocol";
import { asRead, type Change, type Item, type List, placeAt, present } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";
import { type ImportedKey, type Key, type KeyListing, type NewKey, scopes } from "./key.ts";

const attributes = z.object({
  tokenHash: z.string(),
  scope: z.enum(scopes),
  box: z.optional(z.string()),
  createdAt: z.number(),
  revokedAt: z.optional(z.number()),
  expiresAt: z.optional(z.number()),
  note: z.optional(z.string()),
  boxes: z.optional(storedJson(z.array(z.string()))),
  site: z.optional(z.string()),
  people: z.optional(z.literal(1)),
  serials: z.optional(storedJson(z.array(z.string()))),
  /** The rate is two attributes: reports a second, and `burst`. */
  rate: z.optional(z.number()),
  burst: z.optional(z.int()),
  dailyBytes: z.optional(z.int()),
});

/** `key_ID`: a key. The whole of it is the id of the key. */
export const keys = new RecordKind("key_", attributes);

/** `terminal SERIAL`: the hash of the token of the key that lists the serial of a terminal. */
export const serials = new RecordKind("terminal ", z.object({ tokenHash: z.string() }));

type StoredKey = ReturnType<typeof keys.read>;

/** All keys, by the time at which they were made. */
export const keyList: List = { index: "byTime", name: "keys" };

/** The id of a key follows from the hash of its token, so either finds the record. The id does not reveal the token. */
export function keyIdOf(tokenHash: string): string {
  return keys.pk(hash("sha256", tokenHash).slice(0, 18));
}

/** The record of a new key. */
export function newRecord(key: NewKey & { createdAt: number; revokedAt?: number | null }) {
  const { tokenHash, scope, createdAt, box, note, expiresAt, boxes, site, people, rate, dailyBytes, revokedAt } = key;
  const facts = { tokenHash, scope, createdAt, note, expiresAt, site, dailyBytes, box, revokedAt };
  return {
    ...facts,
    rate: rate?.perSecond,
    burst: rate?.burst,
    boxes: boxes && JSON.stringify(boxes),
    people: people && (1 as const),
    serials: key.serials && JSON.stringify(key.serials),
    byTime: keyList.name,
    at: placeAt(createdAt, keyIdOf(tokenHash)),
  };
}

/** The change that revokes a key at a time (ms). A key that is revoked keeps its time. */
export function revocation(id: string, revokedAt: number): Change {
  return keys.change(keys.id(id), { setIfAbsent: { revokedAt }, when: present() });
}

/** The change by which a serial leads to a key. `before` is the item that leads to another one, which is dead. */
export function serialAt(serial: string, tokenHash: string, before: Item | null): Change {
  return serials.record(serial, { tokenHash }, asRead(before, ["tokenHash"]));
}

/** The key in its record. */
export function keyOf(id: string, stored: StoredKey): Key {
  const { scope, box = null, note, expiresAt, boxes, site, serials, rate: perSecond, burst, dailyBytes } = stored;
  const rate = perSecond === undefined || burst === undefined ? null : { perSecond, burst };
  const people = stored.people && (true as const);
  return { id, scope, box, ...omitAbsent({ note, rate, dailyBytes, expiresAt, boxes, site, people, serials }) };
}

export function listingOf(id: string, stored: StoredKey, usedAt: number | undefined): KeyListing {
  const { expiresAt, ...key } = keyOf(id, stored);
  return {
    ...key,
    ...omitAbsent({ expiresAt: instantOrNull(expiresAt) }),
    createdAt: instant(stored.createdAt),
    lastUsedAt: instantOrNull(usedAt),
    revokedAt: instantOrNull(stored.revokedAt),
  };
}

/** A key as another store takes it over. */
export function exportedKey(id: string, stored: StoredKey, usedAt: number | undefined): ImportedKey {
  const { tokenHash, createdAt, revokedAt = null } = stored;
  return { ...keyOf(id, stored), tokenHash, createdAt, revokedAt, lastUsedAt: usedAt ?? null };
}

/** The box of a live key that is for a box. A key whose record cannot be read opens nothing, so it is not live. */
export function liveBoxOf(item: Item): string | undefined {
  const { box, revokedAt } = z.safeParse(attributes, item).data ?? {};
  return revokedAt === undefined ? box : undefined;
}

/** Whether a key has expired. */
export function hasExpired({ expiresAt }: { expiresAt?: number | undefined }, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}
