import type { KeyStore } from "@gatepost/core/keys";
import type { Log } from "@gatepost/core/log";
import type { BoxStatusStore } from "@gatepost/core/statuses";
import type { ArrivalTrace } from "../arrivals.ts";
import type { AuthRateLimiter } from "../auth/auth-rate-limiter.ts";
import type { KeyMeters } from "../auth/key-meter.ts";
import type { RefusalTrace } from "../refusals.ts";
import type { Room } from "../room.ts";
import type { ActionBus } from "./action-bus.ts";
import type { ActionOutbox } from "./action-outbox.ts";
import type { EventIndex } from "./event-index.ts";
import type { EventOutbox } from "./event-outbox.ts";
import type { LargeBodies } from "./large-bodies.ts";
import type { LongBatches } from "./long-batches.ts";
import type { PictureBundles } from "./picture-bundles.ts";
import type { PictureStore } from "./picture-store.ts";
import type { Quarantine } from "./quarantine.ts";
import type { Settings } from "./settings.ts";
import type { Suppression } from "./suppression.ts";

/** What a runtime provides so that reports can be received. */
export interface ReceiverPorts {
  keys: KeyStore;
  authRateLimiter: AuthRateLimiter;
  /** Absent where keys have no limits. */
  keyMeters?: KeyMeters;
  refusals: RefusalTrace;
  /** Absent where nobody can read the memory of the process. */
  arrivals?: ArrivalTrace;
  pictures: PictureStore;
  /** Absent where each picture is stored by itself. */
  bundles?: PictureBundles;
  index: EventIndex;
  actions: Pick<ActionOutbox, "markAnnounced" | "withhold">;
  eventOutbox: Pick<EventOutbox, "markAnnounced">;
  bus: ActionBus;
  quarantine: Quarantine;
  /** Absent if each batch is recorded completely before its answer. */
  longBatches?: LongBatches;
  boxStatus: Pick<BoxStatusStore, "put">;
  suppression: Suppression;
  /** Room for all that requests hold in memory together, unpacked bodies included. */
  room: Room;
  /** Absent if a process handles one request at a time: then bodies of any size are read where they arrive. */
  largeBodies?: LargeBodies;
  log: Log;
  clock(): number;
  settings: Settings;
}

/** What a runtime provides where also what waits in the outboxes is announced, and what was announced is answered. */
export interface Ports extends ReceiverPorts {
  actions: ActionOutbox;
  eventOutbox: EventOutbox;
}
