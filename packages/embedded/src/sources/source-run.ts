import { createHmac, hash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ArrivalTrace } from "@gatepost/core/arrivals";
import { GatepostError } from "@gatepost/core/errors";
import type { Key } from "@gatepost/core/keys";
import type { Log } from "@gatepost/core/log";
import {
  type Source,
  type SourceRecord,
  type SourceRecords,
  type SourceState,
  sameBefore,
} from "@gatepost/core/sources";
import { dayMs, minuteMs, secondMs } from "@gatepost/protocol";
import { type Admission, admit, Body, type Ports, receiptHeader, recordDelivery } from "@gatepost/receive";
import { lackOfRoom } from "../db/store-faults.ts";
import { type Broker, converse, type Message } from "./broker.ts";
import { BrokerFailure, refusalOf } from "./broker-failure.ts";
import type { SourceKeys } from "./source-keys.ts";
import { authorityOf, passwordOf } from "./sources-file.ts";

export interface SourceDeps {
  /** The data folder. */
  folder: string;
  records: SourceRecords;
  keys: SourceKeys;
  ports: Ports;
  /** Notes a message that a box is refused. */
  refused(box: string, arrived: Parameters<ArrivalTrace["note"]>[1], error: unknown): void;
  /** Most bytes of a message. */
  maxBody: number;
  /** A secret of the store: a session at a broker belongs to one store. */
  secret: Buffer;
  log: Log;
  clock(): number;
}

/** Messages that are remembered: more than a broker sends ahead. */
const maxTaken = 64;

const longestPauseMs = minuteMs;

/** ms for which a message may wait for its turn. The broker gets signs of life only between messages. */
const longestTurnMs = 15 * secondMs;

/** ms until a broker is asked again for topics that it refused. */
const askAgainMs = minuteMs;

/** One source while it runs: it is connected, or tries to be. */
export class SourceRun {
  readonly source: Source;
  readonly #deps: SourceDeps;
  readonly #ending = new AbortController();
  readonly #done: Promise<void>;
  /** Ends the present connection. */
  #pause = new AbortController();
  #version: 4 | 5 = 5;
  #record: SourceRecord | null = null;
  /** The last receipt of this process, and the clock then. */
  #last: { clock: number; receipt: number } | null = null;
  #failures = 0;
  /** The last message that was too large, in words. */
  #tooLarge: { at: number; fault: string } | null = null;
  #askAgainAt = Number.POSITIVE_INFINITY;
  #state: Pick<SourceState, "isConnected" | "lastMessageAt" | "fault"> & { since: number };

  constructor(source: Source, deps: SourceDeps) {
    this.source = source;
    this.#deps = deps;
    this.#state = { isConnected: false, since: deps.clock(), lastMessageAt: null, fault: null };
    this.#done = this.#run();
  }

  get state(): SourceState {
    const { name, box, mqtt, topics } = this.source;
    const fault = this.#state.fault ?? this.#lost;
    return { name, box, broker: mqtt, topics, key: this.#record?.key ?? null, ...this.#state, fault };
  }

  /** What needs a person; null if nothing does. */
  get concern(): "away" | "refused" | "too-large" | null {
    if (this.#state.fault !== null) return this.#state.isConnected ? "refused" : "away";
    return this.#lost === null ? null : "too-large";
  }

  /** The last message of a day that was too large. */
  get #lost(): string | null {
    const lost = this.#tooLarge;
    return lost !== null && this.#deps.clock() - lost.at < dayMs ? lost.fault : null;
  }

  /** Ends it. A message in progress is recorded, and acknowledged at the next start if it was not now. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#done;
  }

  /** Lets the broker forget the session of an ended source. */
  async leave(): Promise<void> {
    const leaving = new AbortController();
    const begun = async () => {
      leaving.abort();
      return [];
    };
    const on = { begun, subscribed: async () => {}, take: async () => {} };
    await converse({ ...this.#broker(), topics: [], isClean: true }, on, leaving.signal);
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      let pauseMs = 0;
      try {
        this.#pause = new AbortController();
        this.#record = await this.#findRecord();
        await this.#liveKey();
        await converse(this.#broker(), this.#conversation(), AbortSignal.any([signal, this.#pause.signal]));
        if (this.#pause.signal.reason instanceof Error) throw this.#pause.signal.reason;
      } catch (error) {
        pauseMs = this.#failed(error);
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
    }
    this.#connected(false);
  }

  /** Returns the ms until the next try. */
  #failed(error: unknown): number {
    const { log } = this.#deps;
    if (error instanceof BrokerFailure && error.mayBeOlder) {
      this.#version = this.#version === 5 ? 4 : 5;
      if (this.#version === 4) return 0;
    }
    const fault = lackOfRoom(error)?.message ?? (error instanceof Error ? error.message : String(error));
    if (fault !== this.#state.fault) log.warn("source is not connected", { source: this.source.name, reason: fault });
    this.#connected(false, fault);
    this.#failures += 1;
    const retryAfter = error instanceof GatepostError ? (error.retryAfter ?? 0) * secondMs : 0;
    return Math.max(retryAfter, Math.min(longestPauseMs, secondMs * 2 ** Math.min(this.#failures - 1, 6)));
  }

  #connected(isConnected: boolean, fault: string | null = null): void {
    const since = isConnected === this.#state.isConnected ? this.#state.since : this.#deps.clock();
    this.#state = { ...this.#state, isConnected, since, fault };
  }

  #broker(): Broker {
    const { mqtt, topics, name, username = null, retained = false } = this.source;
    const { folder, secret } = this.#deps;
    const id = createHmac("sha256", secret).update(`source\0${name}`).digest("hex").slice(0, 14);
    const [password, ca] = [passwordOf(this.source, folder), authorityOf(this.source, folder)];
    const session = { clientId: `gatepost-${id}`, version: this.#version, isClean: false };
    return { mqtt, topics, username, password, ca, retained, ...session };
  }

  /** The record of the source. A key of another box, or that `sources.json` no longer names, is replaced. */
  async #findRecord(): Promise<SourceRecord> {
    const { records, keys } = this.#deps;
    const { name, box, key } = this.source;
    const known = await records.find(name);
    if (known?.box === box && (key === undefined || key === known.key)) return known;
    const record = { topics: [], taken: [], ...known, ...(await keys.of(this.source, known)), box };
    await records.put(name, record);
    if (known !== null) await keys.end(name, known);
    return record;
  }

  /** Disconnects the source if its key is revoked, and to ask again for refused topics. */
  async check(): Promise<void> {
    if (!this.#state.isConnected) return;
    if (this.#deps.clock() >= this.#askAgainAt) this.#pause.abort(null);
    await this.#liveKey().catch((error: unknown) => this.#pause.abort(error));
  }

  /** Throws if the key of the source is revoked or has expired. */
  async #liveKey(): Promise<Key> {
    if (this.#record === null) throw new Error("it has no key yet");
    return this.#deps.keys.live(this.source.name, this.#record);
  }

  #conversation() {
    const { log } = this.#deps;
    const { name, topics, mqtt } = this.source;
    return {
      begun: async ({ isPresent }: { isPresent: boolean }) => {
        // The numbers of a new session begin anew.
        if (!isPresent) await this.#put({ topics: [], taken: [] });
        return isPresent ? (this.#record?.topics ?? null) : null;
      },
      subscribed: async (refused: readonly string[]) => {
        await this.#put({ topics: topics.filter((topic) => !refused.includes(topic)) });
        const fault = refusalOf(refused);
        const isNews = fault !== this.#state.fault;
        this.#failures = 0;
        this.#askAgainAt = fault === null ? Number.POSITIVE_INFINITY : this.#deps.clock() + askAgainMs;
        this.#connected(true, fault);
        if (fault === null) log.info("source connected", { source: name, broker: mqtt });
        else if (isNews) log.warn("source is not subscribed to all of its topics", { source: name, topics: refused });
      },
      take: (message: Message) => this.#take(message),
    };
  }

  async #put(changed: Partial<SourceRecord>): Promise<void> {
    if (this.#record === null) return;
    this.#record = { ...this.#record, ...changed };
    await this.#deps.records.put(this.source.name, this.#record);
  }

  async #take(message: Message): Promise<void> {
    const { topic, payload, isRetained } = message;
    const { box, retained = false, mqtt } = this.source;
    // An empty message removes what the broker has kept.
    if ((isRetained && !retained) || payload.length === 0) return;
    const { ports, clock } = this.#deps;
    const path = topic.split("/");
    const arrived = { path, bytes: payload.length, address: new URL(mqtt).hostname };
    try {
      if (payload.length > this.#deps.maxBody) {
        throw new GatepostError("too-large", `a message may have ${this.#deps.maxBody} bytes`);
      }
      const admission = await this.#admitted(path);
      const headers = { [receiptHeader]: String(await this.#receiptOf(message)) };
      using held = ports.room.hold(box);
      held.take(payload.length);
      await recordDelivery({ headers, body: new Body(payload), address: arrived.address }, admission, ports);
    } catch (error) {
      const isTooLarge = error instanceof GatepostError && error.kind === "too-large";
      if (!isTooLarge) {
        if (!this.#ending.signal.aborted) this.#deps.refused(box, arrived, error);
        throw error;
      }
      // The box is not told to turn a picture off: something else publishes here.
      ports.arrivals?.noteError(box, arrived, error);
      this.#tooLarge = { at: clock(), fault: tooLargeFault(topic, error) };
      this.#deps.log.warn("message of a source is too large, and not recorded", {
        source: this.source.name,
        ...arrived,
      });
    }
    this.#state.lastMessageAt = clock();
  }

  /** Waits if the key may deliver again soon: the end of the connection would have all messages sent again. */
  async #admitted(path: readonly string[]): Promise<Admission> {
    for (;;) {
      try {
        return await admit(await this.#liveKey(), path, this.#deps.ports);
      } catch (error) {
        const waitMs =
          error instanceof GatepostError && error.kind === "too-many" ? (error.retryAfter ?? 0) * secondMs : 0;
        if (waitMs === 0 || waitMs > longestTurnMs) throw error;
        await sleep(waitMs, undefined, { signal: this.#ending.signal });
      }
    }
  }

  /** The receipt of a message, durable before it is recorded: that of its first delivery if the broker repeats it. */
  async #receiptOf({ topic, payload, id, isRepeat }: Message): Promise<number> {
    const { taken = [] } = this.#record ?? {};
    const digest = hash("sha256", JSON.stringify([topic, hash("sha256", payload)]), "base64url").slice(0, 22);
    const before = isRepeat ? sameBefore(taken, { id, hash: digest }) : undefined;
    if (before !== undefined) return before.at;
    const at = this.#nextReceipt(taken);
    if (id !== null) await this.#put({ taken: [...taken, { id, hash: digest, at }].slice(-maxTaken) });
    return at;
  }

  /** Two messages of one millisecond are two. After the clock was set back, receipts follow it. */
  #nextReceipt(taken: SourceRecord["taken"]): number {
    const clock = this.#deps.clock();
    const before = taken.at(-1)?.at ?? 0;
    const last = this.#last ?? { clock: before, receipt: before };
    const isSetBack = clock < last.clock - secondMs;
    let receipt = isSetBack ? clock : Math.max(clock, last.receipt + 1);
    while (taken.some(({ at }) => at === receipt)) receipt += 1;
    this.#last = { clock, receipt };
    return receipt;
  }
}

function tooLargeFault(topic: string, { message }: Error): string {
  return `a message of ${topic} is not recorded: ${message}; let its sender publish less, as without pictures`;
}
