import * as z from "zod";
import { type Random, seededFor } from "../../../packages/simulator/src/random.ts";
import type { SlotName, World } from "../aws/world.ts";
import type { Watches } from "./case.ts";
import { readToken } from "./keys.ts";

const cursor = z.string().exactOptional();
const message = z.union([
  z.object({ event_id: z.string(), cursor: z.string() }),
  z.object({ event: z.object({ id: z.string() }), cursor: z.string() }).transform((said) => ({
    event_id: said.event.id,
    cursor: said.cursor,
  })),
  z.object({ caughtUp: z.literal(true), cursor }),
  z.object({ error: z.object({ message: z.string() }) }),
  z.object({ cursor: z.string() }),
  z.object({ erased: z.array(z.string()) }),
]);
type Message = z.output<typeof message>;

/** ms after which a reader connects again, mostly and at most; and after which the feed surely knows a new reader. */
const againMs = 700;
const maxAwayMs = 6000;
const knownMs = 8000;

interface WatcherOptions {
  name: string;
  seed: number;
  by: Watches;
}

/** A reader of the live feed: it connects again whenever its connection ends, behind the last message that it has. */
export class Watcher {
  readonly #world: World;
  readonly #name: string;
  readonly #by: Watches;
  readonly #random: Random;
  /** Whether it wants to hear of an event again when a report is added: then it hears of some more than once. */
  readonly #hasUpdates: boolean;
  readonly #received = new Set<string>();
  #connections = 0;
  #id: string | null = null;
  /** The last event that it has. */
  #last: string | null = null;
  /** The place to resume: that event, or a cursor. */
  #place: string | null = null;
  /** The answer to a cursor that was not taken. */
  #refused: string | null = null;
  #isOver = false;
  /** From this true time on it must miss nothing; Infinity before it has got anything. */
  #since = Number.POSITIVE_INFINITY;
  #configuredAt = Number.POSITIVE_INFINITY;

  constructor(world: World, { name, seed, by }: WatcherOptions) {
    this.#world = world;
    this.#name = name;
    this.#by = by;
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

  get refused(): string | null {
    return this.#refused;
  }

  start(): void {
    void this.#connect();
  }

  /** Loses its connection; the store may not be told. */
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
    const since = this.#place === null ? {} : { since: this.#place };
    const form = this.#by === "cursor-of-form-event" ? { form: "event" } : {};
    const asked = { need_face: true, event_list: ["*"], updates: this.#hasUpdates, ...form, ...since };
    const body = JSON.stringify(asked);
    const taken = await this.#world.invoke(slot, (running) =>
      running.live.message({ requestContext: { connectionId: id }, body }),
    );
    // API Gateway reports an error, and the client connects again.
    if (taken === null) this.#world.sockets.end(id);
    else if (this.#place === null) this.#configuredAt = this.#world.scheduler.now;
  }

  #receive(id: string, text: string): void {
    if (id !== this.#id) return;
    const said = message.parse(JSON.parse(text));
    if ("error" in said) {
      this.#beginAnew(id, said.error.message);
      return;
    }
    if ("event_id" in said) this.#note(id, said.event_id);
    else if ("caughtUp" in said && this.#place === null) this.#since = this.#world.scheduler.now;
    this.#place = this.#placeBehind(said) ?? this.#place;
  }

  /** An event may be gone by then. A cursor is always accepted. */
  #beginAnew(id: string, why: string): void {
    if (this.#by !== "event") this.#refused = why;
    this.#last = null;
    this.#place = null;
    this.#since = Number.POSITIVE_INFINITY;
    this.#configuredAt = Number.POSITIVE_INFINITY;
    this.#world.sockets.end(id);
  }

  #note(id: string, eventId: string): void {
    const isFirst = this.#last === null && this.#since === Number.POSITIVE_INFINITY;
    this.#last = eventId;
    this.#received.add(eventId);
    this.#world.trace(`${id} gets ${eventId}`);
    const madeAt = this.#world.madeAt.get(eventId) ?? 0;
    if (isFirst) this.#since = Math.max(madeAt, Math.min(this.#configuredAt, this.#world.scheduler.now) + knownMs);
  }

  #placeBehind(said: Message): string | null {
    if (this.#by === "event") return this.#last;
    return ("cursor" in said ? said.cursor : undefined) ?? null;
  }

  #ended(id: string): void {
    if (id !== this.#id) return;
    this.#id = null;
    // The server promised that it misses nothing from then on, but it has no place to resume.
    if (this.#place === null) this.#since = Number.POSITIVE_INFINITY;
    void this.#world.invoke("live-0", (running) =>
      running.endpoint.disconnect({ requestContext: { connectionId: id } }),
    );
    const awayMs = this.#random() < 0.5 ? againMs : this.#random() * maxAwayMs;
    if (!this.#isOver) void this.#world.scheduler.pause(awayMs).then(() => this.#connect());
  }
}
