import * as z from "zod";
import { type Random, seededFor } from "../../../packages/simulator/src/random.ts";
import type { SlotName, World } from "../aws/world.ts";
import { readToken } from "./keys.ts";

const message = z.union([z.object({ event_id: z.string() }), z.object({ error: z.object({ message: z.string() }) })]);

/** ms after which a reader connects again, mostly and at most; and after which the feed surely knows a new reader. */
const againMs = 700;
const maxAwayMs = 6000;
const knownMs = 8000;

/** A reader of the live feed: it connects again whenever its connection ends, after the last event that it has. */
export class Watcher {
  readonly #world: World;
  readonly #name: string;
  readonly #random: Random;
  /** Whether it wants to hear of an event again when a report is added: then it hears of some more than once. */
  readonly #hasUpdates: boolean;
  readonly #received = new Set<string>();
  #connections = 0;
  #id: string | null = null;
  #last: string | null = null;
  #isOver = false;
  /** From this true time on it must miss nothing; Infinity before it has got anything. */
  #since = Number.POSITIVE_INFINITY;
  #configuredAt = Number.POSITIVE_INFINITY;

  constructor(world: World, name: string, seed: number) {
    this.#world = world;
    this.#name = name;
    this.#random = seededFor(seed, name);
    this.#hasUpdates = this.#random() < 0.5;
  }

  /** The events made from this true time on must all be in `received` once it is brought up to date. */
  get since(): number {
    return this.#since;
  }

  get received(): ReadonlySet<string> {
    return this.#received;
  }

  start(): void {
    void this.#connect();
  }

  /** Loses its connection, without the store being told for sure. */
  lose(): void {
    if (this.#id !== null) this.#world.sockets.end(this.#id);
  }

  end(): void {
    this.#isOver = true;
    this.lose();
  }

  async #connect(): Promise<void> {
    const { scheduler } = this.#world;
    while (!this.#isOver) {
      if (await this.#tryOnce()) return;
      await scheduler.pause(againMs);
    }
  }

  async #tryOnce(): Promise<boolean> {
    const world = this.#world;
    const id = `${this.#name}-${this.#connections++}`;
    const slot: SlotName = this.#connections % 2 === 0 ? "live-0" : "live-1";
    const requestContext = { connectionId: id, identity: { sourceIp: "10.1.1.1" } };
    const connected = await world.invoke(slot, (running) =>
      running.endpoint.connect({ requestContext, queryStringParameters: { token: readToken } }),
    );
    if (connected?.answer.statusCode !== 200) return false;
    this.#id = id;
    world.sockets.open(id, { receive: (text) => this.#receive(id, text), ended: () => this.#ended(id) });
    void this.#configure(id, slot);
    return true;
  }

  async #configure(id: string, slot: SlotName): Promise<void> {
    const since = this.#last === null ? {} : { since: this.#last };
    const body = JSON.stringify({ need_face: true, event_list: ["*"], updates: this.#hasUpdates, ...since });
    const taken = await this.#world.invoke(slot, (running) =>
      running.live.message({ requestContext: { connectionId: id }, body }),
    );
    // API Gateway says that something went wrong, and the client connects again.
    if (taken === null) this.#world.sockets.end(id);
    else if (this.#last === null) this.#configuredAt = this.#world.scheduler.now;
  }

  #receive(id: string, text: string): void {
    if (id !== this.#id) return;
    const said = message.parse(JSON.parse(text));
    if ("error" in said) {
      // The last event is gone. It begins anew.
      this.#last = null;
      this.#since = Number.POSITIVE_INFINITY;
      this.#configuredAt = Number.POSITIVE_INFINITY;
      this.#world.sockets.end(id);
      return;
    }
    const isFirst = this.#last === null;
    this.#last = said.event_id;
    this.#received.add(said.event_id);
    this.#world.trace(`${id} gets ${said.event_id}`);
    const madeAt = this.#world.madeAt.get(said.event_id) ?? 0;
    if (isFirst) this.#since = Math.max(madeAt, Math.min(this.#configuredAt, this.#world.scheduler.now) + knownMs);
  }

  #ended(id: string): void {
    if (id !== this.#id) return;
    this.#id = null;
    void this.#world.invoke("live-0", (running) =>
      running.endpoint.disconnect({ requestContext: { connectionId: id } }),
    );
    const awayMs = this.#random() < 0.5 ? againMs : this.#random() * maxAwayMs;
    if (!this.#isOver) void this.#world.scheduler.pause(awayMs).then(() => this.#connect());
  }
}
