import type { ActionBus, ActionOutbox } from "@gatepost/core/actions";
import type { ArrivalTrace, Receipts, RecordListener, RefusalTrace } from "@gatepost/core/arrivals";
import type { BoxZones } from "@gatepost/core/boxes";
import type { Suppression } from "@gatepost/core/erasure";
import type { Answer } from "@gatepost/core/errors";
import type { EventIndex, EventOutbox } from "@gatepost/core/events";
import type { AuthRateLimiter, Key, KeyStore } from "@gatepost/core/keys";
import type { Log } from "@gatepost/core/log";
import type { KnownMappings } from "@gatepost/core/mappings";
import type { PhotoLinks, PictureStore } from "@gatepost/core/pictures";
import type { LongBatches, Quarantine } from "@gatepost/core/quarantine";
import type { Settings } from "@gatepost/core/retention";
import type { Room } from "@gatepost/core/room";
import type { BoxStatusStore } from "@gatepost/core/statuses";
import type { EnrolledPerson, PersonType } from "@gatepost/protocol";
import type { KeyMeters } from "./auth/key-meter.ts";
import type { TerminalForms } from "./decode/terminal-forms.ts";
import type { LargeBodies } from "./deliver/large-bodies.ts";
import type { Asking, RequestHead } from "./deliver/request.ts";

/** Terminals of other makers, as a runtime gives them to the receiver. */
export interface Terminals {
  readonly forms: TerminalForms;
  /** The parts of a path, with those that a terminal sends in its query. */
  segmentsOf(sent: readonly string[], query: string): readonly string[];
  /** The parts of a path, after the key, by which a body is kept and counted. */
  keptPath(path: readonly string[]): readonly string[];
  /** The answer to a request that has no key and needs none; null for any other. */
  keyless(head: Pick<RequestHead, "method" | "segments">): Answer | null;
  /** The key of a terminal that has none in its address; null for any other request. Throws 401 without a live key. */
  keyOf(request: RequestHead): Promise<Key | null>;
  /** How to answer a request that brings no records, at a time in ms since 1970; null for any other. */
  question(asking: Asking): ((box: string, now: number) => Promise<Answer>) | null;
  /** The answer to a body, once it is durable; null for the usual one. */
  answerTo(bytes: Buffer, path: readonly string[]): Answer | null;
  /** The answer to a request that failed; null for the usual one. */
  refusal(head: Pick<RequestHead, "segments">): Answer | null;
  /** Stores the name of a person whom a terminal names apart from passings, durably. */
  enrol(box: string, person: EnrolledPerson): Promise<void>;
  /** The stored name of a person; null if there is none. */
  nameOf(box: string, person: Omit<EnrolledPerson, "name">): Promise<string | null>;
}

/** The ports of a runtime that receives reports. */
export interface ReceiverPorts {
  keys: KeyStore;
  authRateLimiter: AuthRateLimiter;
  /** Absent if keys have no limits. */
  keyMeters?: KeyMeters;
  refusals: RefusalTrace;
  /** Absent if the memory of the process cannot be read. */
  arrivals?: ArrivalTrace;
  /** When reports that may have no time were first received. */
  receipts: Pick<Receipts, "firstOf">;
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
  /** The time zones of boxes, for times without one. */
  zones: Pick<BoxZones, "of">;
  /** The mappings of a box, for reports of unknown shape. */
  knownMappings: Pick<KnownMappings, "of">;
  /** Absent if only boxes and platforms of SophonGate deliver. */
  terminals?: Terminals;
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
