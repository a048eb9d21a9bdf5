import type { AlertRows } from "@gatepost/core/alerts";
import type { ExportStore, JobQueue } from "@gatepost/core/jobs";
import type { KeyAdmin, KeyStore } from "@gatepost/core/keys";
import type { Removals } from "@gatepost/core/removals";
import type { SeenMarks } from "@gatepost/core/seen";
import type { TicketStore } from "@gatepost/core/tickets";
import type { AuthRateLimiter, Log, Outcome, QuarantineRecord, RefusalTrace } from "@gatepost/ingest";
import type { AuditLog, AuditReader } from "../audit/ports.ts";
import type { SharedCounts } from "../counts.ts";
import type { JobStore } from "../jobs/job.ts";
import type { EventFilter } from "../listing.ts";
import type { StoreHealth } from "../store-health.ts";
import type { ActionOrders, ActionReader } from "./actions.ts";
import type { BoxPorts, DeviceReader } from "./boxes.ts";
import type { ChangeFeed } from "./change-feed.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { Deliveries } from "./deliveries.ts";
import type { EventEraser } from "./eraser.ts";
import type { ErasureLog } from "./erasure-log.ts";
import type { EventReader } from "./event-reader.ts";
import type { HalfHourCounts } from "./half-hour-counts.ts";
import type { ImportPorts } from "./imports.ts";
import type { PictureLinks, PictureReader, PictureResizer } from "./pictures.ts";
import type { QuarantineLinks, QuarantineReader } from "./quarantine.ts";
import type { RetentionEditor } from "./retention.ts";
import type { Rules } from "./rules.ts";
import type { ServerFacts } from "./server-facts.ts";

/** What jobs need of a runtime. */
export interface JobPorts {
  store: JobStore;
  queue: JobQueue;
  exports: ExportStore;
  erasures: ErasureLog;
  removals: Removals;
}

/** What the API reads and erases in the stores. */
export interface StorePorts {
  events: EventReader;
  actionReader: ActionReader;
  orders: ActionOrders;
  seen: Pick<SeenMarks, "mark" | "among">;
  /** Filters that this store answers only with `from` and `to`, because it reads every event in between. */
  rangeFor: readonly (keyof EventFilter)[];
  feed: ChangeFeed;
  eraser: EventEraser;
  devices: DeviceReader;
  boxes: BoxPorts;
  tickets: TicketStore;
  pictures: PictureReader;
  /** Null where the store has no URLs of its own: then the API gives the picture itself. */
  pictureLinks: PictureLinks | null;
  /** Null where pictures are not made smaller. */
  resizer: PictureResizer | null;
  keyAdmin: KeyAdmin;
  quarantine: QuarantineReader;
  /** For records that are too long for an answer. Null where an answer may have any length. */
  quarantineLinks: QuarantineLinks | null;
  /** Null where the bus keeps its own dead letters. */
  deadLetters: DeadLetters | null;
  /** Null where the bus has queues of its own. */
  deliveries: Deliveries | null;
  audit: AuditLog;
  auditReader: AuditReader;
  /** Null where the bus has rules of its own. */
  rules: Rules | null;
  /** Who was muted is one of the things that alerts remember. */
  alertRows: AlertRows;
  server: ServerFacts;
  /** Null where the deployment sets it. */
  retentionEditor: RetentionEditor | null;
  /** Null where they are collected elsewhere. */
  metrics: { text(): Promise<string> } | null;
  statistics: HalfHourCounts;
  counts: Pick<SharedCounts, "read">;
  health: StoreHealth;
  jobs: JobPorts;
  /** Null where nothing is taken over from another store. */
  imports: ImportPorts | null;
}

/** What the API needs of ingest, and nothing by which it could write in a store itself. */
export interface IngestForApi {
  /** Takes a record of quarantine through ingest again. */
  replay(record: QuarantineRecord): Promise<Outcome[]>;
  keys: KeyStore;
  authRateLimiter: AuthRateLimiter;
  refusals: RefusalTrace;
  log: Log;
  clock(): number;
}

/** The ports of the HTTP API. */
export interface ApiPorts extends StorePorts, IngestForApi {
  /** Signs cursors. It is the same for every process of one store, and has at least 32 random bytes. */
  cursorSecret: Buffer;
}
