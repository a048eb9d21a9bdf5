import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { hashToken, relayOutbox } from "@gatepost/ingest";
import { pick, type Random, seededFor, whole } from "../../packages/simulator/src/random.ts";
import { boxRequest } from "../../test/support/http.ts";
import type { ReportSpec } from "../simulation/case/case.ts";
import { boxes, tokenOf } from "../simulation/case/keys.ts";
import { bodyOf, type Expected, expectedOf } from "../simulation/case/reports.ts";
import { entriesIn, rule } from "./entries.ts";
import { Reader } from "./reader.ts";
import { Server } from "./server.ts";
import { behaviours, Subscriber } from "./subscriber.ts";

export const start = Date.UTC(2026, 9, 20, 12);
export const people = ["7", "8", "9", "10", "11"] as const;

const moments = 60;
const second = 1000;

/** Turns of the event loop after which what was sent to the subscriber has arrived. */
const turnsOfArrival = 20;

/** A report that was sent: when (the how manieth it was), and whether it was acknowledged. */
export interface Posted {
  expected: Expected;
  isAcknowledged: boolean;
}

/** One run: what was asked of a server that ends now and then, and what was answered. */
export class Run {
  readonly posted: Posted[] = [];
  /** Whose erasure was acknowledged, and how often the subscriber had been asked by then. */
  readonly erased = new Map<string, number>();
  /** Whose erasure was begun. */
  readonly erasing = new Set<string>();
  readonly subscriber: Subscriber;
  readonly readers: readonly Reader[];
  readonly random: Random;
  readonly #root: string;
  readonly #over: Server[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #server: Server | null = null;
  #now = start;
  ends = 0;

  constructor(seed: number, root: string) {
    this.random = seededFor(seed, "ends");
    this.subscriber = new Subscriber(seededFor(seed, "subscriber"));
    this.#root = root;
    this.readers = [new Reader(() => this.posted.length), new Reader(() => this.posted.length)];
  }

  readonly clock = () => this.#now;

  get server(): Server {
    if (this.#server === null) throw new Error("no server is open");
    return this.#server;
  }

  /** The actions that were put on the bus, in their order. */
  entries(): string[] {
    return entriesIn(this.server.runtime.folder.database, null);
  }

  deadLetters(): Set<string> {
    return new Set(entriesIn(this.server.runtime.folder.database, "dead"));
  }

  async play(): Promise<void> {
    await this.#begin();
    for (let moment = 0; moment < moments; moment++) {
      await this.#act();
      for (let turns = whole(0, 6, this.random); turns > 0; turns--) await turn();
    }
    await this.#calm();
  }

  async close(): Promise<void> {
    for (const reader of this.readers) reader.lose();
    for (const server of [...this.#over, ...(this.#server === null ? [] : [this.#server])]) await server.close();
    await this.subscriber.close();
  }

  async #begin(): Promise<void> {
    const data = this.#folder(0);
    mkdirSync(data, { mode: 0o700 });
    const pattern = { source: ["gatepost"], detail: { want_action: ["1001", "1002"] } };
    const url = await this.subscriber.listen();
    writeFileSync(join(data, "rules.json"), JSON.stringify([{ name: rule, pattern, target: { url } }]), {
      mode: 0o600,
    });
    this.#server = await this.#open(data);
    const { keyAdmin } = this.server.runtime.reads;
    for (const box of boxes) await keyAdmin.create({ scope: "ingest", box, tokenHash: hashToken(tokenOf(box)) });
    for (const reader of this.readers) reader.connect(this.server.hub, this.clock);
  }

  #open(data: string): Promise<Server> {
    return Server.open({ data, generation: this.ends, clock: this.clock, random: this.random });
  }

  #folder(generation: number): string {
    return join(this.#root, `data-${generation}`);
  }

  async #act(): Promise<void> {
    const { random } = this;
    const chance = random();
    if (chance < 0.4) await this.#maybeAwait(this.#post());
    else if (chance < 0.6) await this.#maybeAwait(this.#deliver());
    else if (chance < 0.7) this.#now += pick([second, 15 * second, 61 * second, 11 * 60 * second], random);
    else if (chance < 0.76) await this.#maybeAwait(relayOutbox(this.server.runtime.ingest).then(() => {}));
    else if (chance < 0.84) this.subscriber.mood = { behaviour: pick(behaviours, random), strength: random() };
    else if (chance < 0.865) await this.#maybeAwait(this.#erase(pick(people, random)));
    else if (chance < 0.94) this.#loseOrConnect(pick([0, 1], random));
    else await this.#end();
  }

  /** Waits for something, or lets other things happen meanwhile. What a server that has ended does is not looked at. */
  async #maybeAwait(work: Promise<void>): Promise<void> {
    const { server } = this;
    const done = work.catch((failure: unknown) => {
      if (!server.isOver) throw failure;
    });
    this.#underWay.add(done);
    void done.then(
      () => this.#underWay.delete(done),
      () => {},
    );
    if (this.random() < 0.5) await done;
  }

  async #post(): Promise<void> {
    const { random, server } = this;
    const isAgain = this.posted.length > 0 && random() < 0.15;
    const spec = isAgain
      ? pick([this.posted[0], ...this.posted] as [Posted, ...Posted[]], random).expected.spec
      : this.#spec();
    const posted: Posted = { expected: expectedOf(spec, start), isAcknowledged: false };
    this.posted.push(posted);
    const path = `/${tokenOf(spec.box)}/HistoryEvent`;
    const { status } = await server.receive(boxRequest({ path, body: bodyOf(spec, start) }));
    if (server.isOver) return;
    if (status !== 200) throw new Error(`a report was answered ${status}`);
    posted.isAcknowledged = true;
  }

  #spec(): ReportSpec {
    const { random } = this;
    return {
      passing: this.posted.length,
      box: pick(boxes, random),
      kind: "history",
      isStranger: false,
      person: pick(people, random),
      face: 0,
      extras: [],
      pictures: random() < 0.3 ? ["registered"] : [],
      want: pick(["0", "1001", "1001", "1002"], random),
      isFit: true,
      isBroken: false,
      name: "who",
    };
  }

  async #deliver(): Promise<void> {
    const { bus } = this.server.runtime;
    await bus.tick();
    if (this.random() < 0.5) await bus.idle();
  }

  async #erase(person: string): Promise<void> {
    const { server } = this;
    this.erasing.add(person);
    await server.runtime.eraser.erasePerson(person, null);
    if (!server.isOver) this.erased.set(person, this.subscriber.tried.length);
  }

  #loseOrConnect(index: 0 | 1): void {
    const reader = this.readers[index];
    if (reader?.isConnected === true) reader.lose();
    else reader?.connect(this.server.hub, this.clock);
  }

  /** The server ends at this moment, and starts again. */
  async #end(): Promise<void> {
    const before = this.server;
    this.ends += 1;
    const data = this.#folder(this.ends);
    for (const reader of this.readers) reader.lose();
    this.#over.push(before);
    await before.kill(data);
    for (let turns = 0; turns < turnsOfArrival; turns++) await turn();
    this.subscriber.generation = this.ends;
    this.#server = await this.#open(data);
    await this.server.runtime.bus.tick();
    for (const reader of this.readers) if (this.random() < 0.7) reader.connect(this.server.hub, this.clock);
  }

  /** Nothing fails any more, and what waits is delivered. */
  async #calm(): Promise<void> {
    await Promise.all(this.#underWay);
    this.subscriber.mood = { behaviour: "takes", strength: 0 };
    for (const reader of this.readers) if (!reader.isConnected) reader.connect(this.server.hub, this.clock);
    const { bus, ingest } = this.server.runtime;
    for (let round = 0; round < 6; round++) {
      this.#now += 6 * 60 * second;
      await relayOutbox(ingest);
      await bus.tick();
      await bus.idle();
    }
    // A reader hears of an event some turns after it is stored.
    for (let turns = 0; turns < 200; turns++) await turn();
  }
}
