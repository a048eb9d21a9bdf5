import type { Reservation } from "@gatepost/core/room";
import type { Body } from "../decode/body.ts";
import type { Parts } from "../decode/decode.ts";
import type { Kept, Origin } from "./kept.ts";
import type { Understood } from "./understand.ts";

/**
 * How a body is read: `reports` if it has no more than are recorded before the answer, `many` if no more than are recorded
 * later; `bytes` without its reports.
 */
export type ReadAs = "reports" | "many" | "bytes";

/** The reports of one body. They are understood as they are asked for. */
export interface Reading extends Disposable {
  /** Why no report can be read; null if there are reports. */
  readonly unreadable: string | null;
  /** Why the body is kept in addition to its reports. */
  readonly keep: Parts["keep"];
  /** Bytes of the body without its content encoding, as far as it was unpacked. */
  readonly bytes: number;
  /** The next reports, in order; none after the last one. The previous reports are not used any more. */
  next(): Promise<Understood[]>;
  /** The whole body as quarantine keeps it for this reason. */
  whole(reason: string): Promise<Kept>;
  /** How many reports there are. */
  readonly reports: number;
  /** The content in UTF-8; the lines of a terminal as they were sent. Empty if there is more than may be unpacked. */
  utf8(): Promise<Buffer>;
  /** Some of its reports as a JSON list, each as quarantine keeps a part of a batch. */
  list(from: number, to: number): Promise<Buffer>;
}

/** Reads large bodies outside of the thread that calls it, so that they do not keep the others waiting. */
export interface LargeBodies {
  /**
   * Takes the bytes of the body away from it. Throws 503 if memory has no room for them unpacked, and 429 if the reading
   * of its bodies has used up the share of the box. A replay has no such limit.
   */
  open(body: Body, origin: Origin, how: { held: Reservation; isReplay: boolean; as: ReadAs }): Promise<Reading>;
}
