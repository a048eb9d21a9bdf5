import type {
  BoxStatusKind,
  BusEntry,
  EventAction,
  JsonObject,
  Picture,
  PictureAddress,
  PictureKind,
  Report,
  StoredEvent,
} from "@gatepost/protocol";
import type { AuthRateLimiter } from "../auth/auth-rate-limiter.ts";

export const scopes = ["ingest", "read", "admin"] as const;
export type Scope = (typeof scopes)[number];

export interface Key {
  id: string;
  scope: Scope;
  /** The box an ingest key is bound to; null for the other scopes. */
  box: string | null;
}

export interface KeyStore {
  /** The live key whose token has this SHA-256 (hex), or null where it is unknown or revoked. Notes that it was used. */
  find(tokenHash: string): Promise<Key | null>;
}

export interface PictureStore {
  /**
   * Resolves once the bytes are durable and can be found under their hash in that month (`2026-11`). A picture that the
   * month holds already is not written again.
   */
  put(month: string, kind: PictureKind, picture: Picture): Promise<void>;
  /** Where others find the picture: bucket (null where there is none) and key. */
  address(month: string, kind: PictureKind, sha256: string): PictureAddress;
}

/** One report on its way into the index. */
export interface Upsert {
  eventId: string;
  box: string;
  isSecondFace: boolean;
  report: Report;
  /** Two reports of one kind tell of the same passing only if this is equal. */
  fingerprint: string;
  /** The fingerprint of the report that this one stands in for, where a replay repairs it. */
  replaces: string | null;
  /** To be enqueued by this write, unless the event has this action already. */
  action: EventAction | null;
  /** ms since 1970; what has expired by now counts as absent. */
  now: number;
  /** ms since 1970; takes effect only where the event is new. */
  expiresAt: number;
}

export interface Written {
  /** `conflict`: the event holds another passing by a report of this kind; nothing was written. */
  outcome: "created" | "merged" | "duplicate" | "conflict";
  /** Whether this very write enqueued the action: exactly one of any number of equal writes is told so. */
  enqueued: boolean;
  /** The event as it now is, where this write made it or enqueued its action; else null. */
  event: StoredEvent | null;
}

export interface EventIndex {
  /** The commit point: one atomic, durable write, which needs no read before it. Repeating it changes nothing. */
  upsert(entry: Upsert): Promise<Written>;
}

/** An action and the event it is of. */
export interface EnqueuedAction {
  action: EventAction;
  event: StoredEvent;
}

/** The states of actions: pending → announced → done or failed; withheld ones stay. */
export interface ActionOutbox {
  /** Notes that a pending action was announced. Changes nothing in any other state. */
  markAnnounced(actionId: string): Promise<void>;
  /**
   * Takes actions that are pending since `before` (ms) or longer and that nobody holds, and holds them until `until`
   * (ms). Of any number of callers at once exactly one gets each.
   */
  lease(pending: { before: number; until: number; limit: number }): Promise<EnqueuedAction[]>;
  /**
   * What the subscriber made of it. `unknown`: no such action; `refused`: it is withheld, or done already and now said to
   * have failed. Saying the same twice changes nothing.
   */
  settle(actionId: string, state: "done" | "failed", note: string | null): Promise<"settled" | "refused" | "unknown">;
}

export interface ActionBus {
  /** Resolves once the bus has taken the entry and will deliver it. */
  put(entry: BusEntry): Promise<void>;
}

/** An authenticated report, or a part of one, that could not be understood or not wholly be kept. */
export interface QuarantineRecord {
  /** Equal for equal content of one box, so that a repeated report is kept once. */
  id: string;
  box: string;
  /** The path without the key. */
  path: string;
  reason: string;
  /** ms since 1970. */
  receivedAt: number;
  headers: Record<string, string>;
  body: Uint8Array;
  /** The event that was made of what could be understood. */
  event: { id: string; fingerprint: string } | null;
}

export interface Quarantine {
  /**
   * Resolves once the record is durable; one that is kept already only takes the new reason and event. What has expired
   * counts as absent. Bounded per box: the oldest go first and are counted.
   */
  put(record: QuarantineRecord): Promise<void>;
}

/** What a box said of itself, of its devices or of a command. */
export interface BoxStatusRecord {
  box: string;
  kind: BoxStatusKind;
  /** ms since 1970. */
  receivedAt: number;
  /** As it was sent, at most 256 KB of JSON. */
  report: JsonObject;
}

export interface BoxStatusStore {
  /** Resolves once the notice is durable. Of each box and kind only the one received last is kept, until it expires. */
  put(notice: BoxStatusRecord): Promise<void>;
}

/** One line a fact, as structured data; never a key, a path, a name or a picture. */
export interface Log {
  info(message: string, facts?: Record<string, unknown>): void;
  warn(message: string, facts?: Record<string, unknown>): void;
  error(message: string, facts?: Record<string, unknown>): void;
}

export interface Settings {
  /** Days from the first receipt of an event to its expiry; nothing else that a box sent becomes older. */
  retentionDays: number;
  /** Whether feature vectors, which are biometric data, are kept in `extra`. */
  keepFeatures: boolean;
  /** The box that reports without a key belong to; null where every report needs a key. */
  openBox: string | null;
  /** Whether every new event is put on the bus, also one that asks for no action. */
  announceEvents: boolean;
}

/** What the way of a report needs of the world. */
export interface Ports {
  keys: KeyStore;
  authRateLimiter: AuthRateLimiter;
  pictures: PictureStore;
  index: EventIndex;
  actions: ActionOutbox;
  bus: ActionBus;
  quarantine: Quarantine;
  /** Where it is absent, notices go to quarantine. */
  boxStatus?: BoxStatusStore;
  log: Log;
  clock(): number;
  settings: Settings;
}
