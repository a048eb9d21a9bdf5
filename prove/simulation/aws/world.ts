import { createHash } from "node:crypto";
import { api } from "@gatepost/api";
import { limits } from "@gatepost/aws";
import { awsReads } from "@gatepost/aws/reads";
import { awsRuntime } from "@gatepost/aws/runtime";
import { relayOutbox } from "@gatepost/core/actions";
import type { Log } from "@gatepost/core/log";
import { lifetimeOf } from "@gatepost/core/retention";
import { wantActions } from "@gatepost/protocol";
import { portsForApi, type Receiver, receiver } from "@gatepost/receive";
import { Dynamo } from "../../../packages/aws/src/dynamo/dynamo.ts";
import { DynamoItems } from "../../../packages/aws/src/dynamo/items.ts";
import { serverFacts } from "../../../packages/aws/src/runtime/environment.ts";
import { awsJobs } from "../../../packages/aws/src/runtime/jobs.ts";
import { pushOn } from "../../../packages/aws/src/runtime/push.ts";
import { seededFor } from "../../../packages/simulator/src/random.ts";
import { type Case, usualLagMs } from "../case/case.ts";
import { Scheduler } from "../engine/scheduler.ts";
import { type Announcement, announcementOf, type Recorded, recordedOf } from "./announcement.ts";
import { busClient, type TakenEntry } from "./bus-client.ts";
import { dynamoClient } from "./dynamo-client.ts";
import { Network } from "./network.ts";
import { Process } from "./process.ts";
import { type Bucket, s3Client } from "./s3-client.ts";
import { type StreamImage, Table } from "./table.ts";
import { type TroubleKind, Troubles } from "./troubles.ts";

/** Days that an event is kept. */
const retentionDays = 1;

const env = {
  GATEPOST_TABLE: "table",
  GATEPOST_BUCKET: "bucket",
  GATEPOST_BUS: "bus",
  GATEPOST_JOBS_URL: "https://sqs.eu-west-1.amazonaws.com/1/jobs",
  GATEPOST_RETENTION_DAYS: String(retentionDays),
};

/** The slots of processes. When one ends, another takes its place. */
export const slotNames = ["ingest-0", "ingest-1", "ingest-2", "api", "api-1", "sweep-0", "sweep-1"] as const;

/** The slot of the bridge, which runs elsewhere. */
export const bridgeSlot = "bridge";

export type SlotName = (typeof slotNames)[number];

/** ms after which the caller of a function takes it for gone. */
const invocationMs = 60_000;

/** One running process, and its entry points. */
type Running = ReturnType<World["start"]>;

/** Gatepost on AWS as a whole: processes, stores, and their faults. */
export class World {
  readonly scheduler: Scheduler;
  readonly table: Table;
  readonly bucket: Bucket = new Map();
  readonly announced: Announcement[] = [];
  readonly recorded: Recorded[] = [];
  /** Hears of each action that the bus takes. */
  onAnnounced: (actionId: string) => void = () => {};
  /** The true time at which each row was written first. */
  readonly madeAt = new Map<string, number>();
  /** Ms from the receipt of an event to its expiry. */
  readonly lifetime = lifetimeOf({ retentionDays });
  readonly #network: Network;
  readonly #troubles: Troubles;
  readonly #env: typeof env & { GATEPOST_ANNOUNCE_EVENTS?: string };
  readonly #slots = new Map<SlotName, Running>();
  readonly #digest = createHash("sha256");
  readonly #lines: string[] | null;
  readonly #case: Case;
  readonly #actionChangedAt = new Map<string, number>();
  #processes = 0;
  #calls = 0;

  constructor(one: Case, { keepsTrace }: { keepsTrace: boolean }) {
    this.#case = one;
    this.#env = one.announcesEvents ? { ...env, GATEPOST_ANNOUNCE_EVENTS: "1" } : env;
    this.#lines = keepsTrace ? [] : null;
    const scheduler = new Scheduler(one.start);
    this.scheduler = scheduler;
    this.#troubles = new Troubles(one.troubles, () => scheduler.now - one.start);
    const random = seededFor(one.seed, "indexes");
    this.table = new Table({
      clock: () => scheduler.now,
      lag: (pk) => random() * (random() < this.#lagStrength(pk) ? one.lagMs : 60),
      isInOrder: one.lagMs > usualLagMs,
      changed: (image) => this.#changed(image),
    });
    const trace = (line: string) => this.trace(line);
    this.#network = new Network({ scheduler, troubles: this.#troubles, random: seededFor(one.seed, "network"), trace });
    for (const trouble of one.troubles) {
      if (trouble.kind !== "crash") continue;
      scheduler.after(trouble.from, () => {
        const slot = slotNames.find((name) => name === trouble.slot);
        if (slot !== undefined) this.running(slot).process.endAtCall(trouble.calls, trouble.isAfter);
      });
    }
  }

  get startedAt(): number {
    return this.#case.start;
  }

  /** How badly something goes wrong now, from 0 to 1. */
  strength(kind: TroubleKind): number {
    return this.#troubles.strength(kind);
  }

  #lagStrength(pk: string): number {
    const ofAll = this.#troubles.strength("dynamo-lag");
    return /^(evt_|beat )/.test(pk) ? Math.max(ofAll, this.#troubles.strength("events-lag")) : ofAll;
  }

  /** ms since the beginning. */
  get elapsed(): number {
    return this.scheduler.now - this.#case.start;
  }

  /** The SHA-256 of all that happened so far, in order. */
  get digest(): string {
    return this.#digest.copy().digest("hex");
  }

  /** The events of the run, if they are kept. */
  get lines(): readonly string[] {
    return this.#lines ?? [];
  }

  trace(line: string): void {
    const timed = `${this.elapsed.toFixed(3)} ${line}`;
    this.#digest.update(`${timed}\n`);
    this.#lines?.push(timed);
  }

  running(slot: SlotName): Running {
    const known = this.#slots.get(slot);
    if (known !== undefined && !known.process.isOver) return known;
    const started = this.start(slot);
    this.#slots.set(slot, started);
    return started;
  }

  /** Asks a process for something. Null if it ends before it has answered, throws, or takes too long. */
  async invoke<Answer>(slot: SlotName, ask: (running: Running) => Promise<Answer>): Promise<{ answer: Answer } | null> {
    const running = this.running(slot);
    const asked = ask(running).then(
      (answer) => ({ answer }),
      (failure: unknown) => {
        this.trace(`${running.process.name}: ${failure instanceof Error ? failure.message : failure}`);
        return null;
      },
    );
    const late = Promise.withResolvers<null>();
    const cancel = this.scheduler.after(invocationMs, () => late.resolve(null));
    const answered = await Promise.race([asked, running.process.over.then(() => null), late.promise]);
    cancel();
    return answered;
  }

  /** The ids of the actions that were announced, each once. */
  announcedActions(): string[] {
    return [...new Set(this.announced.map(({ actionId }) => actionId))];
  }

  start(slot: SlotName) {
    this.#processes += 1;
    const name = `${slot}.${this.#processes}`;
    const aheadMs = Math.floor((seededFor(this.#case.seed, `clock of ${slot}`)() - 0.5) * this.#case.skewMs);
    const process = new Process(name, aheadMs);
    const clock = () => Math.floor(this.scheduler.now) + aheadMs;
    const common = { network: this.#network, troubles: this.#troubles, clock: () => this.scheduler.now };
    const random = seededFor(this.#case.seed, name);
    const clients = {
      dynamo: dynamoClient(process, { ...common, table: this.table, random }),
      s3: s3Client(process, { ...common, bucket: this.bucket }),
      events: busClient(process, {
        ...common,
        random,
        nextCall: () => ++this.#calls,
        taken: (entry) => this.#taken(entry),
      }),
    };
    const log = this.#logOf(process);
    const ports = awsRuntime(this.#env, { clients, clock, log, count: () => {} });
    const reads = awsReads(ports, this.#env, { clients, limits });
    const server = serverFacts(ports.settings);
    const jobs = awsJobs(ports, this.#env, { clients, limits, sendJob: async () => {} });
    const cursorSecret = Buffer.alloc(32, 7);
    const items = new DynamoItems(new Dynamo(clients.dynamo, "table", limits.read), clock);
    const push = pushOn({ items, reads, alarms: null, cursorSecret, log, clock });
    const own = { server, jobs, push, company: null, imports: null, mailer: { language: () => null }, cursorSecret };
    const app = api({ ...reads, ...portsForApi(ports), ...own });
    const receive: Receiver = receiver(ports);
    const relay = () => relayOutbox(ports);
    return { process, ports, reads, app, receive, relay };
  }

  #changed(image: StreamImage): void {
    const { pk, before, after } = image;
    const isNew = after !== undefined && before?.["made"]?.S !== after["made"]?.S;
    if (isNew) this.madeAt.set(pk, this.scheduler.now);
    for (const want of wantActions) {
      const name = `a_${want}`;
      if (before?.[name]?.S !== after?.[name]?.S) this.#actionChangedAt.set(`${pk} ${want}`, this.scheduler.now);
    }
  }

  #taken(entry: TakenEntry): void {
    const recorded = recordedOf(entry);
    if (recorded === null) this.#takenAction(entry);
    else {
      this.trace(`bus takes ${recorded.eventId}`);
      this.recorded.push(recorded);
    }
  }

  #takenAction(entry: TakenEntry): void {
    const row = (eventId: string) => this.table.get(eventId);
    const changedAt = (name: string) => this.#actionChangedAt.get(name) ?? 0;
    const announcement = announcementOf(entry, { row, changedAt });
    this.trace(`bus takes ${announcement.actionId}, which is ${announcement.state}`);
    this.announced.push(announcement);
    this.onAnnounced(announcement.actionId);
  }

  #logOf(process: Process): Log {
    const say =
      (level: string) =>
      (message: string, facts: Record<string, unknown> = {}) => {
        const { cause } = facts;
        const why = cause instanceof Error ? ` (${cause.message})` : "";
        this.trace(`${process.name} ${level}: ${message}${why}`);
      };
    return { info: say("info"), warn: say("warn"), error: say("error") };
  }
}
