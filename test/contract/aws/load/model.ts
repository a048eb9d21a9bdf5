import { hashToken, KeyRecords, newToken } from "@gatepost/core/keys";
import type { Log } from "@gatepost/core/log";
import { dayMs, hourMs, type JsonObject, minuteMs, secondMs } from "@gatepost/protocol";
import type { Random } from "@gatepost/simulator";
import { Dynamo } from "../../../../packages/aws/src/dynamo/dynamo.ts";
import { forEachLimit } from "../../../../packages/aws/src/dynamo/groups.ts";
import { DynamoItems } from "../../../../packages/aws/src/dynamo/items.ts";
import { noteErased } from "../../../../packages/aws/src/erasure/suppression.ts";
import { type IngestHandler, ingestHandler } from "../../../../packages/aws/src/lambda/ingest.ts";
import { awsBoxSweep, boxesOn } from "../../../../packages/aws/src/runtime/boxes.ts";
import { warmReceiver } from "../../../../packages/aws/src/runtime/ingest.ts";
import { awsTally } from "../../../../packages/aws/src/runtime/tally.ts";
import { Scheduler } from "../../../../prove/simulation/engine/scheduler.ts";
import { virtualise } from "../../../../prove/simulation/engine/virtual.ts";
import { environmentOf } from "../../../standins/aws.ts";
import { fixture } from "../../../support/fixtures.ts";
import { seeded } from "../../../support/seeded.ts";
import { noon } from "../../samples.ts";
import { posted } from "../posting.ts";
import { Cloud } from "./cloud.ts";
import type { Peak } from "./partitions.ts";
import { StreamShards } from "./stream-shards.ts";

/** Reports of boxes for some time, and the deployment that takes them. */
export interface Load {
  boxes: number;
  /** Passings a second, each reported twice, and those that arrive at once in the first moment. */
  rate: number;
  burst: number;
  seconds: number;
  /** Lambda's limit of concurrent executions, and the processes of one function that it starts within ten seconds. */
  maxProcesses: number;
  maxStarts: number;
  /** Shards of the table's stream. */
  shards: number;
  /** Erasures at every box within 400 days. */
  erasures: number;
  /** ms for which no box could deliver before; 0 if passings are reported at once. */
  outageMs: number;
}

export interface Outcome {
  peaks: Peak[];
  /** Reports that were sent and acknowledged, and events that are stored of their passings. */
  sent: number;
  acknowledged: number;
  passings: number;
  stored: number;
  /** Processes of the functions that take reports, and batches of the stream. */
  processes: number;
  batches: number;
  /** Log lines of warnings and errors. */
  troubles: string[];
}

/** ms of a process from its start to its first request. */
const coldStartMs = 500;

/** ms within which Lambda starts a limited number of processes of one function. */
const startsWithinMs = 10 * secondMs;

/** The processes of a function, and the requests that wait for one. */
interface FunctionState {
  free: IngestHandler[];
  waiting: ((handler: IngestHandler) => void)[];
  startedAt: number[];
}

function newFunction(): FunctionState {
  return { free: [], waiting: [], startedAt: [] };
}

const env = environmentOf({ table: "table", bucket: "bucket", bus: "bus" });

const bodies = {
  HistoryEvent: fixture("history-nested", "complete"),
  RealTimeEvent: fixture("se3-realtime", "complete"),
};

type Route = keyof typeof bodies;

/** Runs the functions of a deployment under a load, in virtual time. */
export async function runLoad(load: Load, seed = 1): Promise<Outcome> {
  const scheduler = new Scheduler(noon - load.outageMs);
  const random = seeded(seed);
  const restore = virtualise(scheduler, random);
  try {
    const model = new LoadModel(load, scheduler, random);
    await scheduler.until(model.run(), Number.POSITIVE_INFINITY);
    return model.outcome();
  } finally {
    restore();
  }
}

class LoadModel {
  readonly #load: Load;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #clock: () => number;
  readonly #cloud: Cloud;
  readonly #stream: StreamShards;
  readonly #tokens: string[];
  readonly #functions: Record<Route, FunctionState> = { HistoryEvent: newFunction(), RealTimeEvent: newFunction() };
  readonly #troubles: string[] = [];
  #processes = 0;
  #sent = 0;
  #acknowledged = 0;
  #passings = 0;

  constructor(load: Load, scheduler: Scheduler, random: Random) {
    this.#load = load;
    this.#scheduler = scheduler;
    this.#random = random;
    this.#clock = () => Math.floor(scheduler.now);
    this.#cloud = new Cloud({ scheduler, random, changed: (image) => this.#stream.note(image) });
    this.#stream = new StreamShards(load.shards, {
      scheduler,
      handler: () => awsTally(env, this.#wiring()),
      failed: (error) => void this.#troubles.push(`tally: ${error}`),
    });
    this.#tokens = Array.from({ length: load.boxes }, () => newToken("ingest"));
  }

  async run(): Promise<void> {
    void this.#tick();
    await this.#prepare();
    this.#cloud.partitions.begin();
    const { rate, burst, seconds } = this.#load;
    const passings: Promise<void>[] = Array.from({ length: burst }, () => this.#pass());
    for (let n = 0; n < rate * seconds; n += 1) {
      await this.#scheduler.pause((secondMs / rate) * 2 * this.#random());
      passings.push(this.#pass());
    }
    await Promise.all(passings);
    // The batches of the last minute.
    await this.#scheduler.pause(2 * minuteMs);
  }

  outcome(): Outcome {
    return {
      peaks: this.#cloud.partitions.peaks(),
      sent: this.#sent,
      acknowledged: this.#acknowledged,
      passings: this.#passings,
      stored: this.#cloud.count("evt_"),
      processes: this.#processes,
      batches: this.#stream.batches,
      troubles: this.#troubles,
    };
  }

  /** Keys, erasures, and boxes, which became silent when the outage began. */
  async #prepare(): Promise<void> {
    const { boxes: count, erasures, outageMs } = this.#load;
    const dynamo = new Dynamo(this.#cloud.clients.dynamo, "table", hourMs);
    const items = new DynamoItems(dynamo, this.#clock);
    const times = { clock: this.#clock, believed: this.#clock };
    const keys = new KeyRecords({ items, urgent: items, ...times });
    const { boxes } = boxesOn({ items, bus: null, ...this.#wiring() });
    await forEachLimit([...this.#tokens.keys()], async (n) => {
      await keys.create({ scope: "ingest", box: boxOf(n), tokenHash: hashToken(this.#tokens[n] ?? "") });
      await boxes.set(boxOf(n), { afterMs: 10 * minuteMs, isExpected: true });
    });
    const at = this.#clock() - dayMs;
    const erased = Array.from({ length: erasures }, (_, n) => `erased ${n}`);
    await forEachLimit(erased, (person) => noteErased(dynamo, { person, box: null }, { box: null, at }));
    if (outageMs === 0) return;
    this.#passings += count;
    await forEachLimit(
      Array.from({ length: count }, (_, n) => n),
      (n) => this.#deliver("HistoryEvent", n, { at: n, person: -n }),
    );
    await this.#scheduler.pause(outageMs);
    for (const { free } of Object.values(this.#functions)) free.length = 0;
    this.#processes = 0;
  }

  /** A person passes a box, which reports it twice. */
  async #pass(): Promise<void> {
    const { boxes, outageMs } = this.#load;
    const box = Math.floor(this.#random() * boxes);
    this.#passings += 1;
    const at = this.#clock() - Math.floor(this.#random() * outageMs);
    // Each passing is of another person, so that no two of a box and a moment are one event.
    const passing = { at, person: this.#passings };
    await this.#deliver("RealTimeEvent", box, passing);
    await this.#deliver("HistoryEvent", box, passing);
  }

  async #deliver(route: Route, box: number, { at, person }: { at: number; person: number }): Promise<void> {
    const handler = await this.#process(route);
    this.#sent += 1;
    const body = { ...bodies[route], timestamp: at, identity_id: `${person}` } satisfies JsonObject;
    const { statusCode } = await handler(posted(`/${this.#tokens[box]}/${route}`, body));
    if (statusCode === 200) this.#acknowledged += 1;
    const { free, waiting } = this.#functions[route];
    const next = waiting.shift();
    if (next === undefined) free.push(handler);
    else next(handler);
  }

  /** The process that was used last, a new one, or the next that is free if Lambda starts no more. */
  async #process(route: Route): Promise<IngestHandler> {
    const { free, waiting, startedAt } = this.#functions[route];
    const last = free.pop();
    if (last !== undefined) return last;
    const { maxProcesses, maxStarts } = this.#load;
    const now = this.#clock();
    while ((startedAt[0] ?? now) <= now - startsWithinMs) startedAt.shift();
    const mayStart = this.#processes < maxProcesses && startedAt.length < maxStarts;
    if (!mayStart) return new Promise((resolve) => void waiting.push(resolve));
    startedAt.push(now);
    this.#processes += 1;
    await this.#scheduler.pause(coldStartMs);
    return ingestHandler(() => warmReceiver(env, this.#wiring()), this.#log());
  }

  /** What runs by itself: the stream each second, and the sweep of boxes each minute. */
  async #tick(): Promise<void> {
    const ports = { ...this.#wiring(), bus: { put: async () => true }, settings };
    const sweep = awsBoxSweep(ports, env, { clients: this.#cloud.clients });
    for (let second = 0; ; second += 1) {
      await this.#scheduler.pause(secondMs);
      this.#stream.deliver();
      if (second % 60 === 0) void sweep().catch((error: unknown) => void this.#troubles.push(`sweep: ${error}`));
    }
  }

  #wiring() {
    return { clients: this.#cloud.clients, log: this.#log(), clock: this.#clock, count: () => {} };
  }

  #log(): Log {
    const note = (message: string) => void this.#troubles.push(message);
    return { info: () => {}, warn: note, error: note };
  }
}

const settings = { retentionDays: 90, sceneDays: null, keepFeatures: false, openBox: null, announceEvents: false };

function boxOf(n: number): string {
  return `gate-${n}`;
}
