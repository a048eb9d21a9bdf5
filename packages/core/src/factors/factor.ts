import { storedJson } from "@gatepost/protocol";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";
import { nameOfKey } from "./key.ts";

/** The ways in which a person who knows the password signs in for sure. */
export const factorKinds = ["code", "recovery"] as const;

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

/** The recovery codes that are left, as SHA-256. */
const recovery = z.object({ ...common, kind: z.literal("recovery"), hashes: z.array(z.string()) });

export type StoredCode = z.output<typeof code>;
export type StoredFactor = StoredCode | z.output<typeof recovery>;

/**
 * `factors ACCOUNT`: all factors of an account. They are one record, so that a sign-in reads all of them at once, as they
 * are. Each write has another `rev`.
 */
export const records = new RecordKind(
  "factors ",
  z.object({ factors: storedJson(z.array(z.discriminatedUnion("kind", [code, recovery]))), rev: z.string() }),
);

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
  /** Whether the key of its seed is lost, so that its codes open nothing. */
  isLost: boolean;
}

/** Whether a factor counts: recovery codes do for an account that has another factor. */
export function counts(factor: StoredFactor): boolean {
  return factor.kind === "code" && factor.pendingUntil === null;
}

/** @param key of seeds; null if it is lost */
export function shownFactor(factor: StoredFactor, key: Buffer | null): Factor {
  const { id, kind, createdAt, lastUsedAt } = factor;
  const isRecovery = kind === "recovery";
  const left = isRecovery ? factor.hashes.length : null;
  const isLost = !(isRecovery || isSealedBy(factor, key));
  return { id, kind, name: isRecovery ? null : factor.name, createdAt, lastUsedAt, left, isLost };
}

export function isSealedBy({ sealedBy }: StoredCode, key: Buffer | null): boolean {
  return key !== null && sealedBy === nameOfKey(key);
}
