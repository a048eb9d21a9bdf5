import type {
  Arrival,
  AuthRateLimiter,
  Key,
  KeyStore,
  Log,
  Outcome,
  QuarantineRecord,
  RefusalTrace,
} from "@gatepost/ingest";
import type { PictureFacts, PictureKind, StoredEvent } from "@gatepost/protocol";
import type { AuditLog, AuditReader } from "./audit/ports.ts";
import type { BoxReader } from "./boxes/box-reader.ts";
import type { Boxes } from "./boxes/boxes.ts";
import type { Directions } from "./boxes/directions.ts";
import type { SharedCounts } from "./counts.ts";
import type { ErasureLog, ExportStore, JobQueue, JobStore } from "./jobs/ports.ts";
import type { EventFilter } from "./listing.ts";
import type { ActionOrders, ActionReader } from "./ports/actions.ts";
import type { AlertRows } from "./ports/alert-rows.ts";
import type { ClockDoubt } from "./ports/clock-doubt.ts";
import type { Deliveries } from "./ports/deliveries.ts";
import type { HalfHourCounts } from "./ports/half-hour-counts.ts";
import type { ImportPorts } from "./ports/imports.ts";
import type { RemovalStore } from "./ports/removals.ts";
import type { RetentionEditor, RetentionFacts } from "./ports/retention.ts";
import type { Rules } from "./ports/rules.ts";
import type { SeenMarks } from "./ports/seen.ts";
import type { QuarantineGroup } from "./quarantine/groups.ts";
import type { StoreHealth } from "./store-health.ts";

export interface Page<Item> {
  items: Item[];
  /** Where the next page begins; only the adapter that made it can read it. Null at the end. */
  next: string | null;
}

export interface PageRequest {
  limit: number;
  /**
   * `next` of the page before; null for the first page. An adapter throws GatepostError bad-request on a cursor that it
   * did not make.
   */
  cursor: string | null;
}

export interface EventReader {
  /**
   * Newest first, by the time of the event. A page has every event that existed when the first page was read, and none
   * twice.
   */
  list(filter: EventFilter, page: PageRequest): Promise<Page<StoredEvent>>;
  /** How many events match a filter. At most `max` are looked at, the newest; where there are more, it is not exact. */
  count(filter: EventFilter, max: number): Promise<{ count: number; isExact: boolean }>;
  /**
   * The ids of the events that stand in the list of a filter on either side of an event, which need not be in it; null
   * where there is none, or none among those that are looked at.
   *
   * @param timestamp of the event, ms
   */
  neighbours(
    event: { id: string; timestamp: number },
    filter: EventFilter,
  ): Promise<{ newer: string | null; older: string | null }>;
  /** Null where the event is unknown or expired. */
  get(id: string): Promise<StoredEvent | null>;
  /** Those of the events that are known and have not expired, by their ids. */
  getAll(ids: readonly string[]): Promise<ReadonlyMap<string, StoredEvent>>;
}

/** Where a picture is, if it is in an object of its event. */
export type PicturePlace = Pick<PictureFacts, "in" | "at" | "bytes">;

export interface PictureReader {
  /** The bytes of a picture that was received in that month (`2026-11`); null where they are lost or erased. */
  get(month: string, kind: PictureKind, sha256: string, place?: PicturePlace): Promise<Buffer | null>;
}

/** Why a picture stays as the box sent it. */
export type AsSent = "not-installed" | "too-large" | "busy" | "unreadable";

export interface PictureResizer {
  /** The picture as a JPEG of at most that width (px), or why it stays as it is. Never throws. */
  resize(picture: Buffer, width: number): Promise<Buffer | AsSent>;
}

export interface PictureLinks {
  /**
   * A URL for the picture that needs no key, valid until `expires` (ISO instant). Null where the store has none, because
   * the picture is in one object with others: then the API gives it under a link of its own.
   */
  link(
    month: string,
    kind: PictureKind,
    sha256: string,
    place?: PicturePlace,
  ): Promise<{ url: string; expires: string } | null>;
}

/** Which boxes are at a site. */
export interface BoxSites {
  /** Each once; none where nobody set this site of a box. */
  boxesOf(site: string): Promise<string[]>;
}

/** Why a token opens nothing: its key is revoked, is over, or never was. */
export type KeyFault = "revoked" | "expired" | "unknown";

export interface KeyListing extends Omit<Key, "expiresAt"> {
  /** Whom it is for, in the words of who made it; absent where there are none. */
  note?: string;
  /** ISO instants. */
  expiresAt?: string;
  createdAt: string;
  lastUsedAt: string | null;
  revokedAt: string | null;
}

/** A key that is to be made. One to a site has no `boxes`. */
export interface NewKey extends Omit<Key, "id"> {
  /** SHA-256 (hex) of its token. */
  tokenHash: string;
  note?: string;
}

export interface KeyAdmin {
  /**
   * Stores a key by the hash of its token. Throws GatepostError bad-request for limits, where the runtime cannot hold a
   * key to them.
   */
  create(key: NewKey): Promise<Key>;
  list(): Promise<KeyListing[]>;
  /** Why no key is found by the SHA-256 (hex) of a token. */
  faultOf(tokenHash: string): Promise<KeyFault>;
  /** False where there is no such key. Revoking twice changes nothing. */
  revoke(id: string): Promise<boolean>;
}

export interface QuarantineReader {
  /** Newest first, without their bodies: of one box, of several, or of all (null); of one reason and path, if given. */
  list(
    of: string | readonly string[] | null,
    page: PageRequest,
    which?: { reason?: string; path?: string },
  ): Promise<Page<Omit<QuarantineRecord, "body"> & { bytes: number }>>;
  /**
   * All records of several boxes, or of all (null), by reason, box and path. A store that has to look at each stops at
   * the newest 10,000; then the groups are not exact.
   */
  groups(of: readonly string[] | null): Promise<{ groups: QuarantineGroup[]; isExact: boolean }>;
  get(id: string): Promise<QuarantineRecord | null>;
  remove(id: string): Promise<void>;
  /** How many records there are of these events. */
  countOf(events: readonly string[]): Promise<number>;
  /** How many records were removed because quarantine was full, by box, since the store was made. */
  dropped(): Promise<Record<string, number>>;
}

export interface QuarantineLinks {
  /** A URL for the body of a record that needs no key, valid until `expires` (ISO instant). */
  link(record: Pick<QuarantineRecord, "id" | "box" | "receivedAt">): Promise<{ url: string; expires: string }>;
}

/** An entry of the bus that its subscriber refused or did not take within a day, or whose rule is gone. */
export interface DeadLetter {
  id: string;
  rule: string;
  /** The id of the entry: the idempotency key of its announcement. */
  entry: string;
  detailType: string;
  /** The id of the event; null where the entry is about a box. */
  event: string | null;
  tries: number;
  /** Why the last try failed. */
  reason: string;
  /** ISO instants: since when it was tried, and when it was given up. */
  since: string;
  at: string;
}

export interface DeadLetters {
  /** Newest first; only those of `rule`, where it is given. */
  list(rule: string | null, page: PageRequest): Promise<Page<DeadLetter>>;
  /** Puts one back into the queue of its rule. `refused`: there is no such rule now. */
  send(id: string): Promise<"sent" | "refused" | "unknown">;
  /** Puts back those of one rule, or all; those whose rule is gone stay. Returns how many were put back. */
  sendAll(rule: string | null): Promise<number>;
}

/** An event in the feed of changes. Cursors are texts that sort in the order of the feed. */
export interface Change {
  event: StoredEvent;
  /** The cursor of the write that made the event. It never changes. */
  made: string;
  /** The cursor of the latest write that changed it: a report was added, or an action has another state. */
  changed: string;
  /** Whether the feed gives the event where it was made, too. Absent where it gives each event once. */
  isUpdate?: boolean;
}

export interface ChangeFeed {
  /**
   * Reads events in the order of their latest change, after the cursor `after`; null begins at the beginning. It gives
   * every event with a change that was durable before the read began, on a page up to the one with `isEnd`; at the
   * latest when the end is read a second time, because a store may lag. `next` of any page stays valid for ever:
   * reading from there later gives all changes since, and may give some earlier ones again. An expired event is treated
   * as missing. Throws GatepostError bad-request on an `after` that it did not make.
   */
  read(after: string | null, limit: number): Promise<{ items: Change[]; next: string; isEnd: boolean }>;
  /** The cursor of the write that made an event, valid as `after`; null where the event is unknown or expired. */
  madeAt(eventId: string): Promise<string | null>;
}

/** An erasure of a known person: at one box, or at every one (null), those that come later included. */
export interface PersonErasure {
  person: string;
  box: string | null;
  /** When it began, ms. */
  at: number;
}

/** What was erased so far, and where to go on. It is JSON without anything of the person. */
export interface ErasureProgress {
  events: number;
  /** Pictures that nobody shows any more. */
  pictures: number;
  quarantine: number;
  /** Actions that were to be announced. */
  outbox: number;
  /** Pictures that events which are not erased show, by names that only the adapter reads; the rest counts as erased. */
  shared: string[];
  /** Which events were there when it began, as only the adapter knows. */
  upTo: string | null;
  isDone: boolean;
}

/**
 * Erases events for good, with what quarantine has of them, the pictures that no other event shows, and what boxes said
 * of a person. What was erased is noted for the port `Suppression` of ingest first, so that it does not come again.
 */
export interface EventEraser {
  /** Once it resolves, no read finds the event. False where there is none. */
  eraseEvent(id: string): Promise<boolean>;
  /**
   * Erases all events of a known person at one box, or at every box where it is null, that were durable before the
   * call, and box status that contains the id. The id of a stranger erases no event. Returns how many events there
   * were.
   */
  erasePerson(person: string, box: string | null): Promise<number>;
  /**
   * The same, some `limit` events at a time: to be called with what it returned before until `isDone`. Repeated with
   * the same, it erases what is left, and counts that alone.
   */
  eraseSome(erasure: PersonErasure, limit: number, before?: ErasureProgress): Promise<ErasureProgress>;
}

export interface DeviceReader {
  /**
   * The ids of the devices of events, each once and in any order: of all boxes, or of those that are given. Some may be of
   * expired events.
   */
  devices(boxes?: readonly string[]): Promise<string[]>;
}

/** Tickets of one key that are kept at least, the newest of them. */
export const ticketsOfKey = 100;

/** Tickets: each replaces a key for a short time, once or, for pictures, any number of times. */
export interface TicketStore {
  /**
   * Stores the SHA-256 (hex) of a ticket, and that of the token it replaces, until `expiresAt` (ms). Of one token the newest
   * `ticketsOfKey` are kept, however many are issued; where it has more, its own oldest ones may go, and no other's.
   */
  issue(ticketHash: string, tokenHash: string, expiresAt: number): Promise<void>;
  /**
   * Returns the hash of the token. Of any number of callers at once exactly one gets it, and none once the ticket has
   * expired.
   */
  redeem(ticketHash: string): Promise<string | null>;
  /** Returns the hash of the token, and leaves the ticket as it is. Null once it has expired or was ended. */
  find(ticketHash: string): Promise<string | null>;
  /** Ends all tickets that were issued for the token with this hash until now. */
  endAll(tokenHash: string): Promise<void>;
}

/** What a runtime says of itself to whoever has a key. */
export interface ServerFacts {
  runtime: "one-machine" | "aws";
  /** Where the live feed is: a path of this server, or a whole address. */
  live: string;
  /** Whether the rules of the bus can be edited by the API. */
  rules: "editable" | "elsewhere";
  /** Bytes of one body at most. */
  bodyBytes: number;
  /** Days for which events and quarantine are kept. */
  retention(): Promise<RetentionFacts>;
  /** How full the disk of the data folder is; null where there is none. */
  room(): Promise<{ usedBytes: number; ofBytes: number } | null>;
  /** What is doubtful about the clock of the machine; null where it is believed. */
  clockDoubt(): Promise<ClockDoubt | null>;
}

/** What a box sent last, for whoever sets it up. */
export interface ArrivalReader {
  /** The last 20 of a box, the newest first. */
  of(box: string): Promise<readonly ArrivalListing[]>;
  /** Whether requests with a wrong key are known to this process, all of them. */
  isWrongKeyKnown: boolean;
}

/** `bytes` and `from` are null where they are not stored. */
export type ArrivalListing = Omit<Arrival, "bytes" | "from"> & { bytes: number | null; from: string | null };

/** What is known of boxes. */
export interface BoxPorts {
  reader: Pick<BoxReader, "list" | "get">;
  writer: Pick<Boxes, "set">;
  arrivals: ArrivalReader;
  directions: Directions;
}

/** What jobs need of a runtime. */
export interface JobPorts {
  store: JobStore;
  queue: JobQueue;
  exports: ExportStore;
  erasures: ErasureLog;
  removals: RemovalStore;
}

/** What the API reads and erases in the stores. */
export interface StorePorts {
  events: EventReader;
  actionReader: ActionReader;
  orders: ActionOrders;
  seen: SeenMarks;
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
