import type { Key, Ports, QuarantineRecord, Scope } from "@gatepost/ingest";
import type { ActionState, EventAction, PictureKind, StoredEvent } from "@gatepost/protocol";
import type { EventFilter } from "./listing.ts";

export interface Page<Item> {
  items: Item[];
  /** Where the next page begins, for the adapter that made it alone to read; null at the end. */
  next: string | null;
}

export interface PageRequest {
  limit: number;
  /** `next` of the page before; null for the first. An adapter throws GatepostError bad-request on one it did not make. */
  cursor: string | null;
}

export interface EventReader {
  /** Newest first by the time shown. A page holds every event that existed when the first page was read, and none twice. */
  list(filter: EventFilter, page: PageRequest): Promise<Page<StoredEvent>>;
  /** Null where it is unknown or expired. */
  get(id: string): Promise<StoredEvent | null>;
  /** Actions and the events they are of, newest first. */
  actions(state: ActionState | null, page: PageRequest): Promise<Page<EventAction & { eventId: string; box: string }>>;
}

export interface PictureReader {
  /** The bytes of a picture received in that month (`2026-11`), or null where they are gone. */
  get(month: string, kind: PictureKind, sha256: string): Promise<Buffer | null>;
  /** A URL that opens the picture without a key until `expires` (ISO instant), where the store can give one. */
  link?(month: string, kind: PictureKind, sha256: string): Promise<{ url: string; expires: string }>;
}

export interface KeyListing extends Key {
  /** ISO instants. */
  createdAt: string;
  lastUsedAt: string | null;
  revokedAt: string | null;
}

export interface KeyAdmin {
  /** Stores a key by the SHA-256 (hex) of its token. */
  create(key: { scope: Scope; box: string | null; tokenHash: string }): Promise<Key>;
  list(): Promise<KeyListing[]>;
  /** False where there is no such key. Revoking twice changes nothing. */
  revoke(id: string): Promise<boolean>;
}

export interface QuarantineReader {
  /** Newest first, without their bodies. */
  list(box: string | null, page: PageRequest): Promise<Page<Omit<QuarantineRecord, "body"> & { bytes: number }>>;
  get(id: string): Promise<QuarantineRecord | null>;
  remove(id: string): Promise<void>;
  /** Records that went out of a full quarantine since the store was made, by box. */
  dropped(): Promise<Record<string, number>>;
}

/** An entry of the bus that its subscriber did not take within a day, or whose rule is gone. */
export interface DeadLetter {
  id: string;
  rule: string;
  /** The id of the entry: the idempotency key of its announcement. */
  entry: string;
  detailType: string;
  /** The id of the event it tells of. */
  event: string;
  tries: number;
  /** Why the last try failed. */
  reason: string;
  /** ISO instants: since when it was tried, and when it was given up. */
  since: string;
  at: string;
}

export interface DeadLetters {
  /** Newest first; of one rule where it is given. */
  list(rule: string | null, page: PageRequest): Promise<Page<DeadLetter>>;
  /** Puts one back into its rule's line. `refused`: there is no such rule now. */
  send(id: string): Promise<"sent" | "refused" | "unknown">;
  /** Puts back those of one rule, or of all; those without a rule stay. Returns how many. */
  sendAll(rule: string | null): Promise<number>;
}

/** An event in the feed of changes. Places are texts that sort in the order of the feed. */
export interface Change {
  event: StoredEvent;
  /** Where the write stands that made it. It never moves. */
  made: string;
  /** Where the latest write stands that changed it: a report that joined, or an action that is in another state. */
  changed: string;
}

export interface ChangeFeed {
  /**
   * Events by the place of their latest change, beginning behind `after`; null begins at the beginning. Of every change
   * that was durable before a read began, the event is on a page up to the one with `isEnd`, at the latest when the end
   * is read a second time (a store may lag). `next` of any page may be kept for ever; a read from there later gives all
   * changes since, and may give some of before again.
   * What has expired is not there. Throws GatepostError bad-request on an `after` that it did not make.
   */
  read(after: string | null, limit: number): Promise<{ items: Change[]; next: string; isEnd: boolean }>;
  /** The place of the write that made an event, good as `after`; null where the event is unknown or expired. */
  madeAt(eventId: string): Promise<string | null>;
}

/** Erases for good: events, what quarantine holds of them, the pictures that no other event shows, and what boxes said of a person. */
export interface EventEraser {
  /** Once it resolves, no read finds the event. False where there is none. */
  eraseEvent(id: string): Promise<boolean>;
  /**
   * Erases all events of a known person at one box, or at every box where it is null, that were durable before the call,
   * and the notices that tell of the id. A stranger's id erases no event. Returns how many events there were.
   */
  erasePerson(person: string, box: string | null): Promise<number>;
}

export interface DeviceReader {
  /** The ids of all devices that an event is of; some may be of events that have expired. In any order. */
  devices(): Promise<string[]>;
}

/** What stands in for a key for a short while, and once. */
export interface TicketStore {
  /** Keeps the SHA-256 (hex) of a ticket, and that of the token it stands for, until `expiresAt` (ms). */
  issue(ticketHash: string, tokenHash: string, expiresAt: number): Promise<void>;
  /** The hash of the token. Of any number of callers at once one gets it, and none once it has expired. */
  redeem(ticketHash: string): Promise<string | null>;
}

/** What the HTTP API needs of the world. */
export interface ApiPorts {
  events: EventReader;
  /** Filters that this store answers only within `from` and `to`, because it walks through every event between. */
  rangeFor: readonly (keyof EventFilter)[];
  feed: ChangeFeed;
  eraser: EventEraser;
  devices: DeviceReader;
  tickets: TicketStore;
  pictures: PictureReader;
  keyAdmin: KeyAdmin;
  quarantine: QuarantineReader;
  /** Absent where the bus itself keeps them. */
  deadLetters?: DeadLetters;
  /** Admits readers by their keys, and takes replayed reports. */
  ingest: Ports;
  /** Signs cursors: equal on every runtime that answers for one store, at least 32 random bytes. */
  cursorSecret: Buffer;
}
