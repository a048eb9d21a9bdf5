import type { JsonObject, StoredEvent } from "@gatepost/protocol";
import fc from "fast-check";
import { expect } from "vitest";
import { day, noon } from "../contract/samples.ts";
import { isLong, rounds } from "./seeded.ts";

const minute = 60_000;
const hour = 60 * minute;

/** A store whose clock a test sets, while time passes only as the test says. */
export interface ClockedStore {
  time(): number;
  /** ms by which its clock is off. */
  offset(): number;
  setOff(ms: number): Promise<void>;
  serve(ms: number): Promise<void>;
  restart(): Promise<void>;
  /** A person passes now, by the clock of the box, which is right. Returns the body of the report. */
  pass(person: string): Promise<JsonObject>;
  send(body: JsonObject): Promise<unknown>;
  erase(person: string): Promise<unknown>;
  eraseEvent(name: string): Promise<unknown>;
  /** The names of all events, in their order. */
  listed(): Promise<string[]>;
  /** Makes a key that ends after some ms. */
  makeKey(token: string, ms: number): Promise<unknown>;
  isOpen(token: string): Promise<boolean>;
}

/** The person and the time of an event of this file. */
export function nameOf({ reports }: StoredEvent): string {
  return `${reports[0]?.person?.id} ${reports[0]?.time}`;
}

const people = ["7", "8"];
const offsets = [0, hour, 20 * hour, 30 * hour, 6 * day, 10 * day, 400 * day, -2 * hour, -30 * hour, -200 * day, -noon];

/** What a store owes to those whom it answered. */
class Account {
  readonly #on: ClockedStore;
  readonly #sent: { body: JsonObject; person: string; name: string }[] = [];
  readonly #stored = new Set<string>();
  readonly #keys: string[] = [];
  readonly #ended = new Set<string>();

  constructor(on: ClockedStore) {
    this.#on = on;
  }

  async pass(person: string): Promise<void> {
    const name = `${person} ${this.#on.time()}`;
    this.#sent.push({ body: await this.#on.pass(person), person, name });
    this.#stored.add(name);
  }

  async repeat(which: number): Promise<void> {
    const one = this.#which(which);
    if (one !== undefined) await this.#on.send(one.body);
  }

  async erasePerson(person: string): Promise<void> {
    await this.#on.erase(person);
    for (const one of this.#sent) if (one.person === person) this.#stored.delete(one.name);
  }

  async eraseEvent(which: number): Promise<void> {
    const name = this.#which(which)?.name;
    if (name === undefined || !this.#stored.delete(name)) return;
    await this.#on.eraseEvent(name);
  }

  async serve(ms: number): Promise<void> {
    await this.#on.serve(ms);
    // A step of hours that no one has undone for a day is believed.
    if (ms > day && this.#on.offset() > 0) await this.#on.setOff(0);
  }

  async makeKey(ms: number): Promise<void> {
    const token = `key ${this.#keys.length}`;
    await this.#on.makeKey(token, ms);
    this.#keys.push(token);
  }

  async check(): Promise<void> {
    expect(await this.#on.listed()).toEqual([...this.#stored].sort());
    for (const token of this.#keys) {
      const isOpen = await this.#on.isOpen(token);
      if (!isOpen) this.#ended.add(token);
      expect(isOpen && this.#ended.has(token)).toBe(false);
    }
  }

  #which(which: number) {
    return this.#sent[which % Math.max(this.#sent.length, 1)];
  }
}

type Step = (account: Account, on: ClockedStore) => Promise<void>;

/** A step, and what it is called in a counterexample. */
const named = (name: string, step: Step) => Object.assign(step, { toString: () => name });

const step = fc.oneof(
  fc.constantFrom(...people).map((person) => named(`pass ${person}`, (account) => account.pass(person))),
  fc.nat(20).map((which) => named(`repeat ${which}`, (account) => account.repeat(which))),
  fc.constantFrom(...people).map((person) => named(`erase ${person}`, (account) => account.erasePerson(person))),
  fc.nat(20).map((which) => named(`erase event ${which}`, (account) => account.eraseEvent(which))),
  fc.constantFrom(...offsets).map((off) => named(`clock ${off}`, async (_, on) => on.setOff(off))),
  fc
    .constantFrom(1000, minute, hour, 3 * hour, 26 * hour)
    .map((ms) => named(`serve ${ms}`, (account) => account.serve(ms))),
  fc.constantFrom(minute, hour, 2 * day).map((ms) => named(`key ${ms}`, (account) => account.makeKey(ms))),
  fc.constant(named("restart", (_, on) => on.restart())),
);

/** With any steps of the clock, acknowledged events are listed, and erased or ended ones do not return. */
export async function keepsItsPromises(
  open: (offset: number) => Promise<ClockedStore>,
  numRuns: number,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(0, -noon, -200 * day),
      fc.array(step, { minLength: 5, maxLength: 25 }),
      async (first, steps) => {
        const on = await open(first);
        const account = new Account(on);
        for (const next of steps) {
          await on.serve(1000);
          await next(account, on);
          await account.check();
        }
      },
    ),
    { numRuns: isLong ? 4 * numRuns : rounds(numRuns), seed: Number(process.env["GATEPOST_SEED"] ?? 1) },
  );
}
