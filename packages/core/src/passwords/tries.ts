import { hash } from "node:crypto";
import { minuteMs } from "@gatepost/protocol";
import { absent, all, asRead, compare, type Rows, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";

/** Failures after which a try has to wait. */
const freeFailures = 5;

/** The longest wait, ms, and the time after which failures are forgotten. */
const longestWaitMs = 5 * minuteMs;
const forgottenAfterMs = 15 * minuteMs;

/** ms for which an address counts as known to an account after a success. */
const knownForMs = 90 * 24 * 60 * minuteMs;

/** `tries HASH`: failures of an account, of an address, or of both together; `failedAt` of the last one, ms. */
const tries = new RecordKind("tries ", z.object({ failures: z.int(), failedAt: z.number() }));

/** `signed-in-from HASH`: an account has signed in from an address. */
const known = new RecordKind("signed-in-from ", z.object({ signedInAt: z.number() }));

/** A try to sign in: the account, or the text in its place, and the address of the client. */
export interface Try {
  account: string;
  address: string;
}

/**
 * Slows down guessing of passwords: after five failures each further try has to wait, 1 s at first, then twice as long,
 * 5 minutes at most. Failures count for the address, and for the account at addresses from which it has not signed in.
 * So a stranger cannot lock a person out who signs in from a usual address.
 */
export class SignInTries {
  readonly #items: Rows;
  readonly #clock: () => number;
  readonly #machine: () => number;

  /**
   * @param clock by which records end, ms since 1970
   * @param machine by which tries wait: it goes on where `clock` stands still, after it was set back
   */
  constructor(items: Rows, { clock, machine }: { clock(): number; machine(): number }) {
    this.#items = items;
    this.#clock = clock;
    this.#machine = machine;
  }

  /** Seconds to wait before the next try; null if it may be made now. */
  async waitFor(asked: Try): Promise<number | null> {
    const now = this.#machine();
    const found = await this.#items.getAll((await this.#counted(asked)).map((name) => tries.pk(name)));
    const longest = Math.max(0, ...[...found.values()].map((item) => waitIn(tries.read(item), now)));
    return longest === 0 ? null : Math.ceil(longest / 1000);
  }

  /**
   * Begins a try that takes no time, as of a code of six digits: it counts as a failure until it has succeeded, so of
   * many at once no more are made than one after the other. Resolves with the seconds to wait if it may not be made.
   */
  async begin(asked: Try): Promise<number | null> {
    const begun: string[] = [];
    for (const name of await this.#counted(asked)) {
      const wait = await this.#beginOne(name);
      if (wait !== null) {
        await this.#takeBack(begun);
        return wait;
      }
      begun.push(name);
    }
    return null;
  }

  /** The same as `succeeded`, of a try that was begun. */
  async ended(asked: Try): Promise<void> {
    await this.#takeBack(await this.#counted(asked));
    await this.succeeded(asked);
  }

  async #beginOne(name: string): Promise<number | null> {
    for (;;) {
      const item = (await this.#items.getAll([tries.pk(name)])).get(tries.pk(name)) ?? null;
      const failedAt = this.#machine();
      const before = item === null ? { failures: 0, failedAt } : tries.read(item);
      const wait = waitIn(before, failedAt);
      if (wait > 0) return Math.ceil(wait / 1000);
      const when = item === null ? absent() : asRead(item, ["failures", "failedAt"]);
      const counted = { failures: before.failures + 1, failedAt, ttl: this.#forgottenAt() };
      if ((await this.#items.write(tries.record(name, counted, when))).applied) return null;
    }
  }

  async #takeBack(names: readonly string[]): Promise<void> {
    for (const name of names) {
      await this.#items.write(tries.change(name, { add: { failures: -1 }, when: compare("failures", ">", 0) }));
    }
  }

  async failed(asked: Try): Promise<void> {
    const set = { failedAt: this.#machine(), ttl: this.#forgottenAt() };
    const change = { set, add: { failures: 1 }, when: all() };
    for (const name of await this.#counted(asked)) await this.#items.write(tries.change(name, change));
  }

  async succeeded(asked: Try): Promise<void> {
    const signedInAt = this.#clock();
    await this.#items.write(known.record(both(asked), { signedInAt, ttl: ttlAt(signedInAt + knownForMs) }, all()));
    await this.#items.remove(tries.pk(both(asked)));
  }

  #forgottenAt(): number {
    return ttlAt(this.#clock() + forgottenAfterMs);
  }

  /** The counts that a try belongs to. */
  async #counted(asked: Try): Promise<string[]> {
    const isKnown = (await this.#items.get(known.pk(both(asked)))) !== null;
    const address = nameOf("address", asked.address);
    return isKnown ? [both(asked)] : [address, nameOf("account", asked.account.toLowerCase())];
  }
}

/** ms to wait after some failures; 0 or less if there is nothing to wait for. */
function waitIn({ failures, failedAt }: { failures: number; failedAt: number }, now: number): number {
  const waitMs = Math.min(longestWaitMs, 1000 * 2 ** (failures - freeFailures));
  return failures < freeFailures || failedAt > now ? 0 : failedAt + waitMs - now;
}

function both({ account, address }: Try): string {
  return nameOf("both", account, address);
}

/** A hash: neither addresses nor what people type in place of an address are stored. */
function nameOf(...parts: string[]): string {
  return hash("sha256", JSON.stringify(parts));
}
