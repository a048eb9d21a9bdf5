import type { Mailer } from "@gatepost/core/accounts";
import type { ActionBus, ActionOrders, ActionReader } from "@gatepost/core/actions";
import type { ConnectionTrace, Outcome, RefusalTrace } from "@gatepost/core/arrivals";
import type { BoxPorts, DeviceReader } from "@gatepost/core/boxes";
import type { CompanyPorts } from "@gatepost/core/company";
import type { DeadLetters, Deliveries } from "@gatepost/core/deliveries";
import type { ErasureLog, EventEraser } from "@gatepost/core/erasure";
import type { ChangeFeed, EventFilter, EventReader, FeedWaits } from "@gatepost/core/events";
import type { ServerFacts, StoreHealth } from "@gatepost/core/health";
import type { ImportPorts } from "@gatepost/core/imports";
import type { ExportStore, JobQueue } from "@gatepost/core/jobs";
import type { AuthRateLimiter, KeyAdmin, KeyStore } from "@gatepost/core/keys";
import type { Log } from "@gatepost/core/log";
import type { PassingReader } from "@gatepost/core/people";
import type { PictureLinks, PictureReader, PictureResizer } from "@gatepost/core/pictures";
import type { PresenceDays } from "@gatepost/core/presence";
import type { PushPorts } from "@gatepost/core/push";
import type {
  DecodedBody,
  LimitedKey,
  QuarantineLinks,
  QuarantineReader,
  QuarantineRecord,
  QuarantineSample,
  RecordShape,
  TaughtBody,
  TriedReport,
} from "@gatepost/core/quarantine";
import type { Removals } from "@gatepost/core/removals";
import type { RetentionEditor } from "@gatepost/core/retention";
import type { Rules } from "@gatepost/core/rules";
import type { SourceReader } from "@gatepost/core/sources";
import type { HalfHourCounts } from "@gatepost/core/statistics";
import type { TicketStore } from "@gatepost/core/tickets";
import type { Mapping } from "@gatepost/protocol";
import type { JobStore } from "./jobs/job.ts";
import type { AlikePeople } from "./people/alike.ts";
import type { Records } from "./records.ts";

/** Facts of a request that only the runtime knows. */
export interface RequestFacts {
  /** The address of the client. */
  address?: string;
  /** Whether the client reaches the API over https. */
  isHttps?: boolean;
  /** Whether headers claim https, even if the proxy is not trusted. */
  saysHttps?: boolean;
  /** The origin of the public address; null if none is set. */
  origin?: string | null;
  /** The path of the public address, as `/gate`; without it, the server has its host to itself. */
  basePath?: string;
  /** Called when the client has shown a live key. */
  onAdmitted?: () => void;
  /** Calls `gone` when the client is gone. What it returns ends that. */
  onGone?: (gone: () => void) => () => void;
}

/** The context that Hono gives to a route of the API. */
export interface ApiEnv {
  Bindings: RequestFacts & { ports: ApiPorts };
}

/** The ports that jobs need from a runtime. */
export interface JobPorts {
  store: JobStore;
  queue: JobQueue;
  exports: ExportStore;
  erasures: ErasureLog;
  removals: Removals;
}

/** The ports by which the API reads and erases data in the stores. */
export interface StorePorts extends Records {
  events: EventReader;
  actionReader: ActionReader;
  orders: ActionOrders;
  /** Filters that this store answers only with `from` and `to`, because it reads every event in between. */
  rangeFor: readonly (keyof EventFilter)[];
  feed: ChangeFeed;
  /** Null if a request for the feed does not wait for changes: clients ask again. */
  feedWaits: Pick<FeedWaits, "begin"> | null;
  eraser: EventEraser;
  devices: DeviceReader;
  boxes: BoxPorts;
  passings: PassingReader;
  presence: Pick<PresenceDays, "of">;
  alike: Pick<AlikePeople, "count">;
  /** The channel by which hours are mailed. */
  mailer: Pick<Mailer, "language">;
  tickets: TicketStore;
  pictures: PictureReader;
  /** Null if the store has no URLs: then the API sends the picture itself. */
  pictureLinks: PictureLinks | null;
  /** Null if pictures are not made smaller. */
  resizer: PictureResizer | null;
  keyAdmin: KeyAdmin;
  /** Null without a company sign-in. */
  company: CompanyPorts | null;
  quarantine: QuarantineReader;
  /** For records that are too long for an answer. Null if an answer may have any length. */
  quarantineLinks: QuarantineLinks | null;
  /** Null if the bus keeps its own dead letters. */
  deadLetters: DeadLetters | null;
  /** Null if the bus has its own queues. */
  deliveries: Deliveries | null;
  /** Null if there are none, as on AWS. */
  sources: SourceReader | null;
  /** Null if the bus has its own rules. */
  rules: Rules | null;
  push: PushPorts;
  server: ServerFacts;
  /** Null if the deployment sets it. */
  retentionEditor: RetentionEditor | null;
  /** Null if they are collected elsewhere. */
  metrics: { text(): Promise<string> } | null;
  statistics: HalfHourCounts;
  health: StoreHealth;
  jobs: JobPorts;
  /** Null if nothing is taken over from another store. */
  imports: ImportPorts | null;
}

/**
 * The outcomes of `taken` reports of a batch that has `of`. Its body was read at `readAt` (ms since 1970); `progress` is
 * null after the last of its slices.
 */
interface BatchSlice {
  outcomes: Outcome[];
  taken: number;
  of: number;
  readAt: number;
  progress: unknown;
}

/** The parts of receiving that the API needs, without direct writes to a store. */
interface ReceivingForApi {
  /** Receives a record of quarantine again. */
  replay(record: QuarantineRecord): Promise<Outcome[]>;
  /** The shape that a kept report was given when it was delivered; null for any other record. */
  shapeOf(record: QuarantineRecord): Promise<RecordShape | null>;
  /**
   * Makes a sample of a record: every value is another one. `others` are further records like it, in which
   * enumerations are found. Throws 413 if no sample can be made.
   */
  sample(record: TaughtBody, others: AsyncIterable<QuarantineRecord>): Promise<QuarantineSample>;
  /** Reads the values of a body. Throws 413 for one that is too long. */
  decoded(body: TaughtBody): Promise<DecodedBody>;
  /** The reports of a body by one mapping, as if it were the only one. Stores nothing. */
  tryMapping(body: TaughtBody, mapping: Mapping): Promise<TriedReport[]>;
  /**
   * Receives some reports of a long batch again, if the key may deliver them now; else returns the ms until it may. A
   * slice that is repeated does no harm.
   *
   * @param how `progress` of the slice before; null for the first one
   */
  replayBatch(
    record: QuarantineRecord,
    how: { progress: unknown; key: LimitedKey | undefined },
  ): Promise<BatchSlice | { pauseMs: number }>;
  keys: KeyStore;
  authRateLimiter: AuthRateLimiter;
  refusals: RefusalTrace & Partial<Pick<ConnectionTrace, "connections">>;
  bus: ActionBus;
  /** Whether the bus receives events. */
  announcesEvents: boolean;
  log: Log;
  clock(): number;
}

/** The ports of the HTTP API. */
export interface ApiPorts extends StorePorts, ReceivingForApi {
  /** Signs cursors. It is the same for every process of one store, and has at least 32 random bytes. */
  cursorSecret: Buffer;
  /** The secret for links of photos in entries of the bus; `cursorSecret` if absent. */
  photoSecret?: Buffer;
  /** ms of CPU that were used so far; by this thread if absent. */
  cpuMs?(): number;
}

/** The ports by which hours are read. */
export type HoursDeps = Pick<
  ApiPorts,
  | "boxes"
  | "sites"
  | "passings"
  | "peopleSettings"
  | "schedules"
  | "hoursCorrections"
  | "lastDays"
  | "rosters"
  | "closedMonths"
  | "accounts"
  | "keyAdmin"
  | "server"
  | "clock"
>;

/** The ports that a job needs. */
export type JobDeps = HoursDeps &
  Pick<
    ApiPorts,
    | "events"
    | "actionReader"
    | "orders"
    | "bus"
    | "announcesEvents"
    | "seen"
    | "visits"
    | "pictures"
    | "quarantine"
    | "eraser"
    | "replayed"
    | "mappings"
    | "replay"
    | "replayBatch"
    | "log"
    | "jobs"
    | "rules"
    | "health"
  >;

/** Limits of one slice: events, records, and bytes of pictures that are handled before its progress is stored. */
export interface SliceLimits {
  events: number;
  records: number;
  bytes: number;
}
