import type { Key, Ports, QuarantineRecord, Scope } from "@gatepost/ingest";
import type { ActionState, EventAction, PersonType, PictureKind, StoredEvent } from "@gatepost/protocol";

/** Which events are asked for; what is absent does not narrow. All given ones must hold. */
export interface EventFilter {
  /** ms since 1970 of the time shown; `from` included, `to` not. */
  from?: number;
  to?: number;
  box?: string;
  /** The device's id, its ep_id or its address. */
  device?: string;
  /** The id of a known person; a stranger's id finds nothing. */
  person?: string;
  type?: PersonType;
  /** The wanted action as text, as "1001". */
  action?: string;
  flag?: string;
  /** Text that the person's name or id, the device or the box holds, ignoring case. */
  q?: string;
}

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

/** What the HTTP API needs of the world. */
export interface ApiPorts {
  events: EventReader;
  pictures: PictureReader;
  keyAdmin: KeyAdmin;
  quarantine: QuarantineReader;
  /** Admits readers by their keys, and takes replayed reports. */
  ingest: Ports;
  /** Signs cursors: equal on every runtime that answers for one store, at least 32 random bytes. */
  cursorSecret: Buffer;
}
