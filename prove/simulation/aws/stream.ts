import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Random } from "@gatepost/simulator";
import type { Scheduler } from "../engine/scheduler.ts";
import type { StreamImage } from "./table.ts";
import type { Troubles } from "./troubles.ts";

interface StreamRecord {
  dynamodb: { OldImage?: Record<string, AttributeValue>; NewImage?: Record<string, AttributeValue> };
}

interface Held {
  record: StreamRecord;
  at: number;
}

interface Shard {
  name: string;
  records: Held[];
  /** Wakes the follower of the stream after a change. */
  wake(): void;
  /** The shards that continue after this one. */
  children: [Shard, Shard] | null;
}

interface StreamPorts {
  scheduler: Scheduler;
  random: Random;
  troubles: Troubles;
  /** Gives a batch to a process that publishes. Resolves with whether it took it. */
  publish(event: { Records: StreamRecord[] }): Promise<boolean>;
  /** Tells that a batch was given up. */
  reset(event: { Records: { body: string }[] }): void;
  trace(line: string): void;
}

/** As stacks/live.ts says. */
const maxRetries = 5;
const maxBatch = 100;

/** ms between two looks at a shard, ms before a batch is tried again, ms that a batch waits at most while the stream stalls. */
const pollMs = 150;
const againMs = 200;
const stallMs = 12_000;

/** ms between two looks at a shard that is held back. */
const heldMs = 40;

/** The table's stream, and its delivery to Lambda: in order within a shard, each batch at least once, until given up. */
export class Stream {
  readonly #deps: StreamPorts;
  readonly #roots: [Shard, Shard];
  #shards = 0;
  #isOver = false;

  constructor(deps: StreamPorts) {
    this.#deps = deps;
    this.#roots = [this.#newShard(), this.#newShard()];
  }

  /** Takes the changes for the function: events, and keys (stacks/live.ts filters the others). */
  add({ pk, before, after }: StreamImage): void {
    if (this.#isOver || after === undefined) return;
    const isWatched = pk.startsWith("key_") || (pk.startsWith("evt_") && after["live"]?.N === "1");
    if (!isWatched) return;
    const shard = this.#shardOf(pk);
    const record = { dynamodb: { ...(before && { OldImage: before }), NewImage: after } };
    shard.records.push({ record, at: this.#deps.scheduler.now });
    this.#maySplit(shard);
    shard.wake();
  }

  end(): void {
    this.#isOver = true;
  }

  #newShard(isWaiting = false): Shard {
    const shard: Shard = { name: `shard-${this.#shards++}`, records: [], children: null, wake: () => {} };
    if (!isWaiting) void this.#follow(shard);
    return shard;
  }

  /** The open shard that a row's changes go to. */
  #shardOf(pk: string): Shard {
    let shard: Shard = this.#roots[bitOf(pk, 0)];
    for (let depth = 1; shard.children !== null; depth++) shard = shard.children[bitOf(pk, depth)];
    return shard;
  }

  #maySplit(shard: Shard): void {
    const { random, troubles, trace } = this.#deps;
    const chance = troubles.strength("stream-splits");
    if (this.#shards > 8 || chance === 0 || random() >= chance * 0.3) return;
    shard.children = [this.#newShard(true), this.#newShard(true)];
    trace(`stream ${shard.name} is divided`);
  }

  async #follow(shard: Shard): Promise<void> {
    const { scheduler, random, troubles } = this.#deps;
    while (!this.#isOver) {
      await scheduler.pause(pollMs * (0.5 + random()));
      while (this.#isHeld(shard)) await scheduler.pause(heldMs);
      if (random() < troubles.strength("stream-stalls")) await scheduler.pause(random() ** 2 * stallMs);
      const batch = shard.records.splice(0, 1 + Math.floor(random() * maxBatch));
      if (batch.length > 0) await this.#hand(shard, batch, 0);
      else if (shard.children !== null) break;
      else await this.#arrival(shard);
    }
    // The next shards are read when this one is read to its end.
    for (const child of shard.children ?? []) void this.#follow(child);
  }

  #isHeld({ name }: Shard): boolean {
    const { troubles } = this.#deps;
    const isHeld = (at: "0" | "1") => name === `shard-${at}` && troubles.strength(`stream-holds-${at}`) > 0;
    return isHeld("0") || isHeld("1");
  }

  #arrival(shard: Shard): Promise<void> {
    return new Promise((resolve) => {
      shard.wake = resolve;
    });
  }

  async #hand(shard: Shard, batch: Held[], tried: number): Promise<void> {
    const { scheduler, random, troubles, trace } = this.#deps;
    const isTaken = await this.#deps.publish({ Records: batch.map(({ record }) => record) });
    trace(`stream ${shard.name}: ${batch.length} records ${isTaken ? "taken" : "not taken"}`);
    if (isTaken) {
      if (random() < troubles.strength("stream-repeats")) await this.#hand(shard, batch, tried);
      return;
    }
    const half = Math.ceil(batch.length / 2);
    if (half < batch.length) {
      await this.#hand(shard, batch.slice(0, half), tried);
      return this.#hand(shard, batch.slice(half), tried);
    }
    if (tried === maxRetries) return this.#giveUp(batch);
    await scheduler.pause(againMs * 2 ** tried);
    return this.#hand(shard, batch, tried + 1);
  }

  #giveUp([first]: Held[]): void {
    this.#deps.trace("stream gives a batch up");
    const arrival = new Date(Math.floor((first?.at ?? 0) / 1000) * 1000).toISOString().replace(".000Z", "Z");
    const body = JSON.stringify({ DDBStreamBatchInfo: { approximateArrivalOfFirstRecord: arrival } });
    this.#deps.reset({ Records: [{ body }] });
  }
}

function bitOf(pk: string, depth: number): 0 | 1 {
  return ((pk.charCodeAt(5 + depth) ^ pk.charCodeAt(12 + depth)) >> (depth % 4)) & 1 ? 1 : 0;
}
