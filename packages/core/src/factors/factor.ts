import { randomBytes } from "node:crypto";
import { isIP } from "node:net";
import { storedJson } from "@gatepost/protocol";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";
import { nameOfKey } from "./key.ts";

/** The ways in which a person who knows the password signs in for sure. */
export const factorKinds = ["code", "passkey", "recovery"] as const;

export type FactorKind = (typeof factorKinds)[number];

const common = {
  /** `fac_` and 18 hexadecimal digits. */
  id: z.string(),
  createdAt: z.number(),
  lastUsedAt: z.nullable(z.number()),
};

/** A seed in an app that shows codes (RFC 6238). `sealedBy` tells which key encrypts it. */
const code = z.object({
  ...common,
  kind: z.literal("code"),
  name: z.string(),
  sealed: z.string(),
  sealedBy: z.string(),
  /** The step of 30 s of the last code that was taken: no code of it or of an earlier one is taken again. */
  lastStep: z.int(),
  /** Until when a first code is awaited, ms since 1970; null: it counts. */
  pendingUntil: z.nullable(z.number()),
});

/** How a browser reaches the device of a passkey. */
export const transports = ["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"] as const;

/** The part of a passkey that browsers show us. `id` and `publicKey` (COSE) are base64url. */
const credential = z.object({
  id: z.string(),
  publicKey: z.string(),
  /** The number of signatures, if the device counts them; else always 0. */
  counter: z.int(),
  transports: z.array(z.enum(transports)),
});

export type StoredCredential = z.output<typeof credential>;

/** A passkey (WebAuthn). Browsers use it at its `host` alone. */
const passkey = z.object({
  ...common,
  kind: z.literal("passkey"),
  name: z.string(),
  host: z.string(),
  /** Null while it is awaited. */
  credential: z.nullable(credential),
  /** The challenge that its device has to sign, in the session that asked for it; null: it counts. */
  asked: z.nullable(z.object({ challenge: z.string(), session: z.string() })),
  /** Until when it is awaited, ms since 1970; null: it counts. */
  pendingUntil: z.nullable(z.number()),
});

/** The recovery codes that are left, as SHA-256. */
const recovery = z.object({ ...common, kind: z.literal("recovery"), hashes: z.array(z.string()) });

export type StoredCode = z.output<typeof code>;
export type StoredPasskey = z.output<typeof passkey>;
export type StoredFactor = StoredCode | StoredPasskey | z.output<typeof recovery>;

/**
 * `factors ACCOUNT`: all factors of an account. They are one record, so that a sign-in reads all of them at once, as they
 * are. Each write has another `rev`.
 */
export const records = new RecordKind(
  "factors ",
  z.object({ factors: storedJson(z.array(z.discriminatedUnion("kind", [code, passkey, recovery]))), rev: z.string() }),
);

export function newFactorId(): string {
  return `fac_${randomBytes(9).toString("hex")}`;
}

/** A factor as its person sees it. Times are ms since 1970. */
export interface Factor {
  id: string;
  kind: FactorKind;
  /** Null for recovery codes. */
  name: string | null;
  createdAt: number;
  lastUsedAt: number | null;
  /** The number of recovery codes that are left; null for other kinds. */
  left: number | null;
  /** Whether it opens nothing: the key of its seed is lost, or it is a passkey of an earlier host. */
  isLost: boolean;
}

/**
 * Whether the password of an account is not enough with this factor: of every code and passkey that is not awaited, also
 * if it can be used no more.
 */
export function isSet(factor: StoredFactor): factor is StoredCode | StoredPasskey {
  return factor.kind !== "recovery" && factor.pendingUntil === null;
}

/**
 * Whether a factor counts: recovery codes do for an account that has another factor, a passkey for the host of this server.
 *
 * @param host of this server; null if it is not set, and passkeys of every host count
 */
export function counts(factor: StoredFactor, host: string | null): boolean {
  return isSet(factor) && (factor.kind === "code" || isOfHost(factor, host));
}

/**
 * The host for which passkeys count at an address: browsers have them by https at a name, and at `localhost`. An empty text
 * if there are none.
 */
export function passkeyHostOf(address: string): string {
  const { protocol, hostname } = new URL(address);
  const isNamed = isIP(hostname.replaceAll(/[[\]]/g, "")) === 0;
  return hostname === "localhost" || (protocol === "https:" && isNamed) ? hostname : "";
}

/** Whether a factor was begun and does not count yet. */
export function isAwaited(factor: StoredFactor): boolean {
  return factor.kind !== "recovery" && factor.pendingUntil !== null;
}

/** Whether it has been awaited too long. */
export function isOver(factor: StoredFactor, now: number): boolean {
  return factor.kind !== "recovery" && factor.pendingUntil !== null && factor.pendingUntil <= now;
}

/** The passkeys among factors that are not awaited. */
export function credentialsIn(factors: readonly StoredFactor[]): StoredCredential[] {
  return factors.flatMap((one) => (one.kind === "passkey" && one.credential !== null ? [one.credential] : []));
}

/** @param key of seeds; null if it is lost */
export function shownFactor(factor: StoredFactor, { key, host }: { key: Buffer | null; host: string | null }): Factor {
  const { id, kind, createdAt, lastUsedAt } = factor;
  const left = kind === "recovery" ? factor.hashes.length : null;
  const isLost = kind === "code" ? !isSealedBy(factor, key) : kind === "passkey" && !isOfHost(factor, host);
  return { id, kind, name: kind === "recovery" ? null : factor.name, createdAt, lastUsedAt, left, isLost };
}

export function isSealedBy({ sealedBy }: StoredCode, key: Buffer | null): boolean {
  return key !== null && sealedBy === nameOfKey(key);
}

function isOfHost(passkey: StoredPasskey, host: string | null): boolean {
  return host === null || passkey.host === host;
}
