import { randomBytes } from "node:crypto";
import { minuteMs } from "@gatepost/protocol";
import { absent, equals, type Rows } from "@gatepost/store";
import { GatepostError } from "../errors/errors.ts";
import type { Log } from "../log/log.ts";
import { seal, unseal } from "../sealing/seal.ts";
import { hashRecoveryCode, newRecoveryCodes, newSeed, stepOf } from "./codes.ts";
import {
  counts,
  type Factor,
  type FactorKind,
  isSealedBy,
  records,
  type StoredCode,
  type StoredFactor,
  shownFactor,
} from "./factor.ts";
import { type FactorKey, nameOfKey } from "./key.ts";

/** Most codes of an account. Of those that await their first code, the oldest makes room for a new one. */
const maxCodes = 5;

/** ms that a person has to type the first code of a new seed. */
const pendingMs = 10 * minuteMs;

/** Tries to write the record of an account while others write it. */
const maxTries = 20;

/** A second step of a sign-in: a code of an app, or a recovery code. */
export interface Proof {
  kind: FactorKind;
  code: string;
}

interface Deps {
  items: Rows;
  key: FactorKey;
  log: Log;
  /** The time by which codes change, ms since 1970. */
  clock(): number;
}

/** The factors of people beside their passwords. */
export class Factors {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** The factors of an account that count, and its recovery codes. */
  async of(account: string): Promise<Factor[]> {
    const { factors } = await this.#read(account);
    const shown = factors.filter((one) => counts(one) || one.kind === "recovery");
    const key = shown.length === 0 ? null : await this.#key();
    return shown.map((one) => shownFactor(one, key));
  }

  /**
   * The kinds of factors by which an account goes on after its password; empty if it has none. Throws 403 if it has
   * factors and none of them can be used, because the key of their seeds is lost.
   */
  async needs(account: string): Promise<FactorKind[]> {
    const { factors } = await this.#read(account);
    if (!factors.some(counts)) return [];
    const needed: FactorKind[] = [];
    const key = await this.#key();
    if (factors.some((one) => isOpen(one, key))) needed.push("code");
    if (factors.some((one) => one.kind === "recovery" && one.hashes.length > 0)) needed.push("recovery");
    if (needed.length > 0) return needed;
    throw new GatepostError(
      "forbidden",
      "this server cannot read the key of your codes: it was not restored, or is damaged; an administrator takes your factors away, or on the machine `gatepost accounts factors reset`",
      { code: "factors-lost" },
    );
  }

  /** Makes a seed for an app. It counts once a first code was given. Throws 409 if the account has five. */
  async addCode(
    { id: account, label }: { id: string; label: string },
    name: string,
  ): Promise<{ id: string; secret: string; uri: string }> {
    const [key, seed] = [await this.#deps.key.make(), await newSeed(label)];
    const id = newFactorId();
    const now = this.#deps.clock();
    const added: StoredCode = {
      id,
      kind: "code",
      name,
      createdAt: now,
      lastUsedAt: null,
      sealed: seal(seed.secret, key, purposeOf(account, id)),
      sealedBy: nameOfKey(key),
      lastStep: 0,
      pendingUntil: now + pendingMs,
    };
    await this.#update(account, async (factors) => {
      const kept = factors.filter((one) => !isOver(one, now));
      if (kept.filter(counts).length >= maxCodes) {
        throw new GatepostError("conflict", `you have ${maxCodes} codes; remove one first`);
      }
      const codes = kept.filter(({ kind }) => kind === "code");
      const oldest = codes.length < maxCodes ? undefined : codes.find((one) => !counts(one));
      return { factors: [...kept.filter((one) => one !== oldest), added], result: null };
    });
    return { id, ...seed };
  }

  /** Lets a new seed count, by its first code. `unknown`: there is no such seed, or its ten minutes are over. */
  async confirmCode(account: string, id: string, code: string): Promise<"confirmed" | "wrong" | "unknown"> {
    const key = await this.#key();
    return this.#update<"confirmed" | "wrong" | "unknown">(account, async (factors) => {
      const now = this.#deps.clock();
      const asked = factors.find((one) => one.id === id);
      if (asked?.kind !== "code" || asked.pendingUntil === null || isOver(asked, now)) return { result: "unknown" };
      const step = await this.#stepOf(asked, { account, code, key });
      if (step === null) return { result: "wrong" };
      const counted = { ...asked, pendingUntil: null, lastStep: step };
      return { factors: factors.map((one) => (one === asked ? counted : one)), result: "confirmed" };
    });
  }

  /** Makes ten recovery codes, and ends the earlier ones. Throws 409 if the account has no other factor. */
  async addRecovery(account: string): Promise<{ id: string; codes: string[] }> {
    const codes = newRecoveryCodes();
    const id = newFactorId();
    const hashes = codes.map((code) => hashRecoveryCode(code, account));
    const added = { id, kind: "recovery" as const, createdAt: this.#deps.clock(), lastUsedAt: null, hashes };
    await this.#update(account, async (factors) => {
      if (!factors.some(counts)) {
        throw new GatepostError("conflict", "set up a code first: recovery codes are for when it is lost");
      }
      return { factors: [...factors.filter(({ kind }) => kind !== "recovery"), added], result: null };
    });
    return { id, codes };
  }

  /**
   * Removes a factor; with the last one that counts, the recovery codes, too. `last`: one is needed, and no other one can
   * be used.
   */
  async remove(
    account: string,
    id: string,
    { isNeeded }: { isNeeded: boolean },
  ): Promise<"removed" | "unknown" | "last"> {
    const key = isNeeded ? await this.#key() : null;
    return this.#update<"removed" | "unknown" | "last">(account, async (factors) => {
      const [asked] = factors.filter((one) => one.id === id);
      if (asked === undefined) return { result: "unknown" };
      const left = factors.filter((one) => one !== asked);
      const isLast = counts(asked) && !left.some((one) => (isOpen(asked, key) ? isOpen(one, key) : counts(one)));
      if (isNeeded && isLast) return { result: "last" };
      return { factors: left.some(counts) ? left : left.filter(({ kind }) => kind !== "recovery"), result: "removed" };
    });
  }

  /** Removes all factors of an account. False if it has none. */
  async removeAll(account: string): Promise<boolean> {
    return (await this.#deps.items.remove(records.pk(account))) !== null;
  }

  /** Uses a code or a recovery code. Each works once: if several callers use it at once, exactly one gets true. */
  async use(account: string, proof: Proof): Promise<boolean> {
    const key = proof.kind === "code" ? await this.#key() : null;
    return this.#update(account, async (factors) => {
      const lastUsedAt = this.#deps.clock();
      for (const one of factors.filter(({ kind }) => kind === proof.kind)) {
        const used = await this.#used(one, { account, code: proof.code, key });
        if (used === null) continue;
        return { factors: factors.map((other) => (other === one ? { ...used, lastUsedAt } : other)), result: true };
      }
      return { result: false };
    });
  }

  /** A factor after a code was used; null if the code is not of it. */
  async #used(
    factor: StoredFactor,
    { account, code, key }: { account: string; code: string; key: Buffer | null },
  ): Promise<StoredFactor | null> {
    if (factor.kind === "code") {
      const step = counts(factor) ? await this.#stepOf(factor, { account, code, key }) : null;
      return step === null || step <= factor.lastStep ? null : { ...factor, lastStep: step };
    }
    const given = hashRecoveryCode(code, account);
    const hashes = factor.hashes.filter((one) => one !== given);
    return hashes.length === factor.hashes.length ? null : { ...factor, hashes };
  }

  async #stepOf(
    factor: StoredCode,
    { account, code, key }: { account: string; code: string; key: Buffer | null },
  ): Promise<number | null> {
    const seed = key === null ? null : unseal(factor.sealed, key, purposeOf(account, factor.id));
    return seed === null ? null : stepOf(code, seed, this.#deps.clock());
  }

  /** Null, too, if it cannot be read: recovery codes work without it. */
  async #key(): Promise<Buffer | null> {
    try {
      return await this.#deps.key.find();
    } catch (cause) {
      this.#deps.log.error("could not read the key of factors", { cause });
      return null;
    }
  }

  async #read(account: string): Promise<{ factors: StoredFactor[]; rev: string | null }> {
    const item = await this.#deps.items.get(records.pk(account));
    return item === null ? { factors: [], rev: null } : records.read(item);
  }

  /** Changes the factors of an account, again from the beginning if another caller has changed them meanwhile. */
  async #update<Result>(
    account: string,
    change: (factors: readonly StoredFactor[]) => Promise<{ factors?: readonly StoredFactor[]; result: Result }>,
  ): Promise<Result> {
    for (let tries = 0; tries < maxTries; tries++) {
      const { factors, rev } = await this.#read(account);
      const { factors: after, result } = await change(factors);
      if (after === undefined) return result;
      const record = { factors: JSON.stringify(after), rev: randomBytes(9).toString("base64url") };
      const when = rev === null ? absent() : equals("rev", rev);
      if ((await this.#deps.items.write(records.record(account, record, when))).applied) return result;
    }
    throw new GatepostError("unavailable", "others change these factors; try again", { retryAfter: 1 });
  }
}

/** The seed of one factor opens no other one. */
function purposeOf(account: string, id: string): string {
  return `gatepost seed of ${account} ${id}`;
}

function newFactorId(): string {
  return `fac_${randomBytes(9).toString("hex")}`;
}

/** Whether a seed has waited too long for its first code. */
function isOver(factor: StoredFactor, now: number): boolean {
  return factor.kind === "code" && factor.pendingUntil !== null && factor.pendingUntil <= now;
}

/** Whether a code counts, and the key opens its seed. */
function isOpen(factor: StoredFactor, key: Buffer | null): boolean {
  return factor.kind === "code" && counts(factor) && isSealedBy(factor, key);
}
