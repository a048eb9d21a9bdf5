import type { ActionBus, ActionOutbox } from "@gatepost/core/actions";
import type { ArrivalTrace, RecordListener, RefusalTrace, UnknownTerminals } from "@gatepost/core/arrivals";
import type { BoxZones } from "@gatepost/core/boxes";
import type { EnrolledNames } from "@gatepost/core/enrolled";
import type { Suppression } from "@gatepost/core/erasure";
import type { EventIndex, EventOutbox } from "@gatepost/core/events";
import type { AuthRateLimiter, KeyStore } from "@gatepost/core/keys";
import type { Log } from "@gatepost/core/log";
import type { PhotoLinks, PictureStore } from "@gatepost/core/pictures";
import type { LongBatches, Quarantine } from "@gatepost/core/quarantine";
import type { Settings } from "@gatepost/core/retention";
import type { Room } from "@gatepost/core/room";
import type { BoxStatusStore } from "@gatepost/core/statuses";
import type { PersonType } from "@gatepost/protocol";
import type { KeyMeters } from "./auth/key-meter.ts";
import type { LargeBodies } from "./deliver/large-bodies.ts";

/** The ports of a runtime that receives reports. */
export interface ReceiverPorts {
  keys: KeyStore;
  authRateLimiter: AuthRateLimiter;
  /** Absent if keys have no limits. */
  keyMeters?: KeyMeters;
  refusals: RefusalTrace;
  unknownTerminals: UnknownTerminals;
  /** Absent if the memory of the process cannot be read. */
  arrivals?: ArrivalTrace;
  pictures: PictureStore;
  /** Absent if entries of the bus have no links to photos. */
  photoLink?: PhotoLinks;
  index: EventIndex;
  actions: Pick<ActionOutbox, "markAnnounced" | "withhold">;
  eventOutbox: Pick<EventOutbox, "markAnnounced">;
  bus: ActionBus;
  quarantine: Quarantine;
  /** Absent if each batch is recorded completely before its answer. */
  longBatches?: LongBatches;
  boxStatus: Pick<BoxStatusStore, "put">;
  suppression: Suppression;
  /** The time zones of boxes, for terminals that send times without one. */
  zones: Pick<BoxZones, "of">;
  /** The names of people at terminals that send them apart from passings. */
  enrolled: Pick<EnrolledNames, "put" | "of">;
  /** Called in this order after each write of a report, before its answer. */
  listeners: readonly RecordListener[];
  /** Room for all that requests hold in memory together, unpacked bodies included. */
  room: Room;
  /** Absent if a process handles one request at a time: then bodies of any size are read in the same thread. */
  largeBodies?: LargeBodies;
  log: Log;
  clock(): number;
  settings: Settings;
  /** Whether browsers may be notified of a passing of such a person. Absent if none are by this process. */
  notifiesOf?(type: PersonType): boolean;
}

/** The ports of a runtime that also announces the entries of the outboxes, and takes answers to announcements. */
export interface Ports extends ReceiverPorts {
  actions: ActionOutbox;
  eventOutbox: EventOutbox;
}
