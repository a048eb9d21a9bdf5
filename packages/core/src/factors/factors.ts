import { randomBytes } from "node:crypto";
import { minuteMs } from "@gatepost/protocol";
import { absent, equals, type Rows } from "@gatepost/store";
import { GatepostError } from "../errors/errors.ts";
import type { Log } from "../log/log.ts";
import { seal, unseal } from "../sealing/seal.ts";
import { type Challenge, challengeMs, newChallenge, useChallenge } from "./challenges.ts";
import { hashRecoveryCode, newRecoveryCodes, newSeed, stepOf } from "./codes.ts";
import {
  counts,
  credentialsIn,
  type Factor,
  type FactorKind,
  isAwaited,
  isOver,
  isSet,
  newFactorId,
  records,
  type StoredCode,
  type StoredCredential,
  type StoredFactor,
  type StoredPasskey,
  shownFactor,
} from "./factor.ts";
import { type FactorKey, nameOfKey } from "./key.ts";
import {
  creationOptions,
  isBehind,
  madePasskey,
  type PasskeyPlace,
  requestOptions,
  type SentCredential,
  signedCounter,
} from "./passkeys.ts";
import { type Here, type Kept, leftWithout, unusable, waysOf } from "./ways.ts";

/** Most codes of an account, and most passkeys. Of those that are awaited, the oldest makes room for a new one. */
const maxOfKind = 5;

/** ms that a person has to type the first code of a new seed. */
const pendingMs = 10 * minuteMs;

/** Tries to write the record of an account while others write it. */
const maxTries = 20;

/** A code of an app, or a recovery code. */
interface CodeProof {
  kind: "code" | "recovery";
  code: string;
}

/** A challenge that a passkey has signed at a place. */
interface PasskeyProof {
  kind: "passkey";
  credential: SentCredential;
  challenge: Challenge;
  place: PasskeyPlace;
}

/** A second step of a sign-in. */
export type Proof = CodeProof | PasskeyProof;

type Removed = "removed" | Kept;

type Confirmed = "confirmed" | "wrong" | "unknown";

interface Deps {
  items: Rows;
  key: FactorKey;
  /**
   * The host for which passkeys count, as of `passkeyHostOf`; null if every host does, because the server does not know its
   * own.
   */
  host: string | null;
  log: Log;
  /** The time by which codes change, ms since 1970. */
  clock(): number;
  /** The time by which records end, ms since 1970. */
  believed(): number;
}

/** The factors of people beside their passwords. */
export class Factors {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** The host for which passkeys count; null if every host does. */
  get host(): string | null {
    return this.#deps.host;
  }

  /** The factors of an account that are not awaited. */
  async of(account: string): Promise<Factor[]> {
    const { factors } = await this.#read(account);
    const shown = factors.filter((one) => !isAwaited(one));
    if (shown.length === 0) return [];
    const here = await this.#here();
    return shown.map((one) => shownFactor(one, here));
  }

  /** Whether an account has a factor that counts, as a policy requires. */
  async has(account: string): Promise<boolean> {
    return (await this.#read(account)).factors.some(this.#counts);
  }

  /**
   * The kinds of factors by which an account goes on after its password; empty if it has none. Throws 403 if it has
   * factors and none of them can be used, because the key of their seeds is lost, or they are passkeys of another host.
   */
  async needs(account: string): Promise<FactorKind[]> {
    const { factors } = await this.#read(account);
    if (!factors.some(isSet)) return [];
    const needed = waysOf(factors, await this.#here());
    if (needed.length === 0) throw unusable(account, factors, this.host);
    return needed;
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
    await this.#await(account, added);
    return { id, ...seed };
  }

  /** Lets a new seed count, by its first code. `unknown`: there is no such seed, or its ten minutes are over. */
  async confirmCode(account: string, id: string, code: string): Promise<Confirmed> {
    const key = await this.#key();
    return this.#confirm(account, id, async (asked) => {
      if (asked.kind !== "code") return "unknown";
      const step = await this.#stepOf(asked, { account, code, key });
      return step === null ? "wrong" : { ...asked, pendingUntil: null, lastStep: step };
    });
  }

  /** Begins a passkey, whose browser makes it by the options in five minutes. Throws 409 if the account has five. */
  async addPasskey(
    person: { id: string; label: string; name: string },
    { name, host, session }: { name: string; host: string; session: string },
  ): Promise<{ id: string; options: object }> {
    const id = newFactorId();
    const now = this.#deps.clock();
    const { text: challenge } = newChallenge(now);
    const known = await this.#credentials(person.id, host);
    const options = await creationOptions(person, { challenge, host, known });
    const common = { id, kind: "passkey" as const, name, createdAt: now, lastUsedAt: null };
    const asked = { challenge, session };
    await this.#await(person.id, { ...common, host, credential: null, asked, pendingUntil: now + challengeMs });
    return { id, options };
  }

  /** Lets a passkey count that its browser has made, in the same session. `unknown` as for codes. */
  async confirmPasskey(
    account: string,
    id: string,
    { sent, session, place }: { sent: SentCredential; session: string; place: PasskeyPlace },
  ): Promise<Confirmed> {
    return this.#confirm(account, id, async (pending, factors) => {
      if (pending.kind !== "passkey" || pending.asked?.session !== session) return "unknown";
      const expected = { challenge: pending.asked.challenge, place: { ...place, host: pending.host } };
      const credential = await this.#accepted(account, () => madePasskey(sent, expected));
      const isTaken = credentialsIn(factors).some((one) => one.id === credential?.id);
      return credential === null || isTaken ? "wrong" : { ...pending, credential, asked: null, pendingUntil: null };
    });
  }

  /** The options by which a browser signs a challenge with a passkey of an account; with any one if it is null. */
  async optionsFor(account: string | null, { text }: Challenge, host: string): Promise<object> {
    const known = account === null ? [] : await this.#credentials(account, host);
    return requestOptions({ challenge: text, host, known });
  }

  /** Makes ten recovery codes, and ends the earlier ones. Throws 409 if the account has no other factor. */
  async addRecovery(account: string): Promise<{ id: string; codes: string[] }> {
    const codes = newRecoveryCodes();
    const id = newFactorId();
    const hashes = codes.map((code) => hashRecoveryCode(code, account));
    const added = { id, kind: "recovery" as const, createdAt: this.#deps.clock(), lastUsedAt: null, hashes };
    await this.#update(account, async (factors) => {
      if (!factors.some(this.#counts)) {
        throw new GatepostError("conflict", "set up a code or a passkey first: recovery codes are for when it is lost");
      }
      return { factors: [...factors.filter(({ kind }) => kind !== "recovery"), added], result: null };
    });
    return { id, codes };
  }

  /**
   * Removes a factor; with the last code or passkey, the recovery codes, too. `last`: one is needed, and no other one can
   * be used. `stranded`: those that would be left open nothing, and the password alone would not either.
   *
   * @param first done before a removal that is not refused, once more for each try to write it
   */
  async remove(
    account: string,
    id: string,
    { isNeeded, first }: { isNeeded: boolean; first?: () => Promise<void> },
  ): Promise<Removed> {
    const here = await this.#here();
    return this.#update<Removed>(account, async (factors) => {
      const left = leftWithout(id, { factors, isNeeded, here });
      if (typeof left === "string") return { result: left };
      await first?.();
      return { factors: left, result: "removed" };
    });
  }

  /** Removes all factors of an account. False if it has none. */
  async removeAll(account: string): Promise<boolean> {
    return (await this.#deps.items.remove(records.pk(account))) !== null;
  }

  /**
   * Uses a code, a recovery code, or the challenge that a passkey has signed. Each works once: if several callers use it at
   * once, exactly one gets true. Throws 403 if a passkey has signed as a copy of it would.
   */
  async use(account: string, proof: Proof): Promise<boolean> {
    return proof.kind === "passkey" ? this.#usePasskey(account, proof) : this.#useCode(account, proof);
  }

  async #useCode(account: string, proof: CodeProof): Promise<boolean> {
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

  async #usePasskey(account: string, { credential: sent, challenge, place }: PasskeyProof): Promise<boolean> {
    const isAsked = (one: StoredFactor) =>
      one.kind === "passkey" && one.host === place.host && one.credential?.id === sent.id;
    const found = (await this.#read(account)).factors.find(isAsked);
    const known = found?.kind === "passkey" ? found.credential : null;
    if (known === null) return false;
    const counter = await this.#accepted(account, () =>
      signedCounter(sent, { challenge: challenge.text, place, known }),
    );
    const { items, believed } = this.#deps;
    if (counter === null || !(await useChallenge(challenge, { items, believed: believed() }))) return false;
    return this.#update(account, async (factors) => {
      const one = factors.find(isAsked);
      if (one?.kind !== "passkey" || one.credential === null) return { result: false };
      if (isBehind(counter, one.credential.counter)) throw this.#copied(account, one);
      const used = { ...one, lastUsedAt: this.#deps.clock(), credential: { ...one.credential, counter } };
      return { factors: factors.map((other) => (other === one ? used : other)), result: true };
    });
  }

  #copied(account: string, { id, name }: StoredPasskey): GatepostError {
    this.#deps.log.warn("the counter of a passkey went back: it may have been copied", { account, factor: id });
    return new GatepostError(
      "forbidden",
      `the passkey ${JSON.stringify(name)} has counted back: somebody may have a copy; sign in by another way, and remove it`,
      { code: "passkey-copied" },
    );
  }

  /** The result of a check of the library, which throws for all that is wrong: null then, and the log has the reason. */
  async #accepted<Result>(account: string, check: () => Promise<Result>): Promise<Result | null> {
    try {
      return await check();
    } catch (cause) {
      this.#deps.log.info("a passkey was refused", { account, cause });
      return null;
    }
  }

  /** The passkeys of an account for a host. */
  async #credentials(account: string, host: string): Promise<StoredCredential[]> {
    const { factors } = await this.#read(account);
    return credentialsIn(factors.filter((one) => one.kind === "passkey" && one.host === host));
  }

  /** A factor after a code was used; null if the code is not of it. */
  async #used(
    factor: StoredFactor,
    { account, code, key }: { account: string; code: string; key: Buffer | null },
  ): Promise<StoredFactor | null> {
    if (factor.kind === "code") {
      const step = this.#counts(factor) ? await this.#stepOf(factor, { account, code, key }) : null;
      return step === null || step <= factor.lastStep ? null : { ...factor, lastStep: step };
    }
    if (factor.kind === "passkey") return null;
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

  async #here(): Promise<Here> {
    return { key: await this.#key(), host: this.host };
  }

  async #read(account: string): Promise<{ factors: StoredFactor[]; rev: string | null }> {
    const item = await this.#deps.items.get(records.pk(account));
    return item === null ? { factors: [], rev: null } : records.read(item);
  }

  readonly #counts = (factor: StoredFactor): boolean => counts(factor, this.#deps.host);

  /**
   * Adds a factor that is awaited. Throws 409 if the account has five of its kind that count: passkeys of another host are
   * in nobody's way.
   */
  async #await(account: string, added: StoredCode | StoredPasskey): Promise<void> {
    const { kind } = added;
    await this.#update(account, async (factors) => {
      const kept = factors.filter((one) => !isOver(one, this.#deps.clock()));
      const alike = kept.filter((one) => one.kind === kind);
      const awaited = alike.filter(isAwaited);
      const most = maxOfKind - alike.filter(this.#counts).length;
      if (most <= 0) {
        throw new GatepostError("conflict", `you have ${maxOfKind} ${kind}s; remove one first`);
      }
      const oldest = awaited.length < most ? undefined : awaited[0];
      return { factors: [...kept.filter((one) => one !== oldest), added], result: null };
    });
  }

  /** Lets an awaited factor count, as `check` returns it. */
  async #confirm(
    account: string,
    id: string,
    check: (
      pending: StoredCode | StoredPasskey,
      factors: readonly StoredFactor[],
    ) => Promise<StoredFactor | Exclude<Confirmed, "confirmed">>,
  ): Promise<Confirmed> {
    return this.#update<Confirmed>(account, async (factors) => {
      const pending = factors.find((one) => one.id === id);
      if (pending === undefined || pending.kind === "recovery") return { result: "unknown" };
      if (!isAwaited(pending) || isOver(pending, this.#deps.clock())) return { result: "unknown" };
      const checked = await check(pending, factors);
      if (typeof checked === "string") return { result: checked };
      return { factors: factors.map((one) => (one === pending ? checked : one)), result: "confirmed" };
    });
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
