import { setImmediate as turn } from "node:timers/promises";
import { relayOutbox } from "@gatepost/core/actions";
import { pick, type Random, seededFor, whole } from "../../../packages/simulator/src/random.ts";
import type { Arrival, Standing } from "../claims.ts";
import type { OpenGate } from "../gate.ts";
import { readTables } from "../observe.ts";
import { type Passing, Passings } from "../passing.ts";
import { behaviours, type Hearer } from "../scenes/hearer.ts";
import { Reader } from "./reader.ts";

const moments = 40;
const second = 1000;

/** The parties of a life after a cut. */
export interface Company {
  hearer: Hearer;
  /** The token of a box, whose key is never revoked. */
  box: string;
}

/** A report that was sent after the cut. */
export interface Posted extends Passing {
  standing: Standing;
}

/**
 * What happens to a server after a cut, in this process: boxes post, the subscriber fails in every way, people are
 * erased while their reports are on their way, and readers follow the feed of changes.
 */
export class Life {
  readonly gate: OpenGate;
  readonly data: string;
  readonly posted: Posted[] = [];
  /** The promises of the erasures. */
  readonly erasures: Standing[] = [];
  /** The persons whose erasure was answered, with the number of tries at the subscriber by then. */
  readonly erased = new Map<string, number>();
  readonly hearer: Hearer;
  readonly readers: readonly Reader[];
  /** The events from before this life that each reader must receive. */
  readonly owed: readonly (readonly string[])[];
  /** The number of tries at the subscriber before this life. */
  readonly triedBefore: number;
  readonly #arrivedBefore: number;
  readonly #box: string;
  readonly #random: Random;
  readonly #passings: Passings;
  readonly #underWay = new Set<Promise<void>>();

  constructor(gate: OpenGate, data: string, { hearer, box }: Company) {
    this.gate = gate;
    this.data = data;
    this.hearer = hearer;
    this.#box = box;
    this.triedBefore = hearer.tried.length;
    this.#arrivedBefore = hearer.arrivals.length;
    const { events } = readTables(data);
    const random = seededFor(events.length + this.triedBefore, "life");
    this.#random = random;
    this.#passings = new Passings(`life-${this.triedBefore}`, random);
    const deps = { gate, random, posted: () => this.posted.length };
    this.readers = [new Reader(null, deps), new Reader("end", deps)];
    this.owed = [events, []];
  }

  /** The entries that the subscriber has taken in this life. */
  arrivals(): readonly Arrival[] {
    return this.hearer.arrivals.slice(this.#arrivedBefore);
  }

  async play(): Promise<void> {
    for (let moment = 0; moment < moments; moment++) {
      await this.#act();
      for (let turns = whole(0, 6, this.#random); turns > 0; turns--) await turn();
    }
    await this.#calm();
  }

  async #act(): Promise<void> {
    const random = this.#random;
    const { bus, ingest } = this.gate.runtime;
    const chance = random();
    if (chance < 0.4) await this.#maybeAwait(this.#post());
    else if (chance < 0.6) await this.#maybeAwait(random() < 0.5 ? bus.tick() : bus.tick().then(() => bus.idle()));
    else if (chance < 0.7) this.gate.pass(pick([second, 15 * second, 61 * second, 11 * 60 * second], random));
    else if (chance < 0.76) await this.#maybeAwait(relayOutbox(ingest).then(() => {}));
    else if (chance < 0.84) this.hearer.mood = { behaviour: pick(behaviours, random), strength: random() };
    else if (chance < 0.9) await this.#maybeAwait(this.#erase());
    else for (const reader of this.readers) await this.#maybeAwait(reader.read().then(() => {}));
  }

  /** Waits for something, or lets other things happen meanwhile. */
  async #maybeAwait(work: Promise<void>): Promise<void> {
    const done = work.finally(() => this.#underWay.delete(done));
    this.#underWay.add(done);
    if (this.#random() < 0.5) await done;
  }

  async #post(): Promise<void> {
    const random = this.#random;
    const isAgain = this.posted.length > 0 && random() < 0.15;
    const wantAction = pick(["0", "1001", "1001"] as const, random);
    // The report is older than each erasure, so nothing of it may be left after the erasure of its person.
    const at = Date.now() - 60 * second;
    const one = isAgain
      ? (this.posted[whole(0, this.posted.length, random)] as Posted)
      : this.#passings.next({ at, wantAction });
    const standing = standingOf([one.claims.history]);
    this.posted.push({ ...one, standing });
    const { status } = await this.gate.ask({ method: "POST", path: `/${this.#box}/HistoryEvent`, body: one.history });
    if (status !== 200) throw new Error(`a report was answered ${status} after the cut`);
    standing.progress = "answered";
  }

  /** Mostly a person whose report is being received. */
  async #erase(): Promise<void> {
    const random = this.#random;
    const one = this.posted[random() < 0.6 ? this.posted.length - 1 : whole(0, this.posted.length, random)];
    if (one === undefined || this.erasures.some(({ operation }) => isOf(operation.claims, one.person))) return;
    const standing = standingOf([{ kind: "erased", person: one.person, traces: one.traces }]);
    this.erasures.push(standing);
    const { status } = await this.gate.ask({ method: "DELETE", path: `/v1/people?id=${one.person}&all=1` });
    if (status >= 300) throw new Error(`an erasure was answered ${status} after the cut`);
    standing.progress = "answered";
    this.erased.set(one.person, this.hearer.tried.length);
  }

  /** From here on nothing fails, and all waiting entries are delivered. */
  async #calm(): Promise<void> {
    await Promise.all(this.#underWay);
    this.hearer.mood = { behaviour: "takes", strength: 0 };
    const { bus, ingest } = this.gate.runtime;
    for (let round = 0; round < 6; round++) {
      this.gate.pass(6 * 60 * second);
      await relayOutbox(ingest);
      await bus.tick();
      await bus.idle();
    }
    for (const reader of this.readers) {
      reader.unsteadiness = 0;
      while (await reader.read());
    }
  }
}

function isOf(claims: Standing["operation"]["claims"], person: string): boolean {
  return claims.some((claim) => claim.kind === "erased" && claim.person === person);
}

function standingOf(claims: Standing["operation"]["claims"]): Standing {
  return { operation: { claims, begunAt: 0, port: null, isAnswered: true, request: null }, progress: "begun" };
}
