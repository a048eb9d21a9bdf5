import type {
  ActionChange,
  ActionState,
  LocatedPicture,
  Picture,
  PictureKind,
  Report,
  ReportKind,
  WantAction,
} from "@gatepost/protocol";
import type { BoxStore } from "../boxes/box-store.ts";
import type { ImportedErasure, Suppression } from "../erasure/ports.ts";
import type { EventIndex } from "../events/ports.ts";
import type { ImportedKey } from "../keys/key.ts";
import type { Mappings } from "../mappings/mappings.ts";
import type { ReplayedRecords } from "../mappings/replayed.ts";
import type { QuarantineReader } from "../quarantine/ports.ts";
import type { Sites } from "../sites/sites.ts";
import type { BoxStatusStore } from "../statuses/box-statuses.ts";

/** An action as another store has it. */
export interface ImportedAction {
  wantAction: WantAction;
  state: ActionState;
  reason: string | null;
  /** ms since 1970. */
  at: number;
  /** Whether a rule of the bus took its announcement there. */
  isTold: boolean;
  history: readonly ActionChange[];
}

/** An event as another store has it. Its pictures name no object of that store. */
export interface ImportedEvent {
  id: string;
  box: string;
  isSecondFace: boolean;
  /** ms since 1970. */
  expiresAt: number;
  reports: readonly { report: Report; fingerprint: string }[];
  actions: readonly ImportedAction[];
}

/** A picture that another store is asked for. */
export interface PictureOfReport {
  eventId: string;
  report: ReportKind;
  kind: PictureKind;
  /** In which it was received, as `2026-11`. */
  month: string;
  sha256: string;
}

/**
 * The data that a store takes over unchanged from another one. It is announced nowhere: not on the bus, not in the live
 * feed, not to the watchers of boxes. Taking the same twice changes nothing.
 */
export interface ImportPorts {
  /** The same as `EventIndex`, but without announcing the events. */
  index: EventIndex;
  /**
   * Sets the state of an action of an event, with its whole history, unless it was changed later here. True if that
   * changed anything.
   */
  setAction(eventId: string, action: ImportedAction): Promise<boolean>;
  pictures: {
    has(picture: LocatedPicture): Promise<boolean>;
    /** Resolves once it is durable. */
    put(of: LocatedPicture, picture: Picture): Promise<void>;
  };
  /** `conflict`: another key has its id, and it was not made. */
  putKey(key: ImportedKey): Promise<"made" | "known" | "conflict">;
  /**
   * Notes erasures under the names that the other store gave them. False if this store names them by another secret.
   */
  putErasures(secret: Uint8Array, erased: readonly ImportedErasure[]): Promise<boolean>;
  /** When events expire, ms, by their ids; missing events are left out. */
  expiries(ids: readonly string[]): Promise<ReadonlyMap<string, number>>;
  boxes: Pick<BoxStore, "get" | "put">;
  sites: Pick<Sites, "put">;
  mappings: Pick<Mappings, "take">;
  quarantine: Pick<QuarantineReader, "put" | "setAside">;
  replayed: Pick<ReplayedRecords, "take">;
  boxStatus: Pick<BoxStatusStore, "put">;
  suppression: Pick<Suppression, "of">;
}
