import { limits } from "@gatepost/protocol";
import { GatepostError } from "../errors/errors.ts";
import type { Log } from "../log/log.ts";

/** The size of a box's quarantine, or its limit. */
export interface QuarantineSize {
  records: number;
  bytes: number;
}

/**
 * The limit of each box in quarantine. While a box is over it, its oldest record is removed and counted as dropped, but
 * never the newest record. An expired record is treated as missing.
 */
export class QuarantineQuota {
  readonly #log: Log;
  readonly #most: QuarantineSize;

  constructor(log: Log, most: QuarantineSize = limits.quarantineOfBox) {
    this.#log = log;
    this.#most = most;
  }

  /** Whether a box has more than it may have. */
  isExceeded({ records, bytes }: QuarantineSize): boolean {
    return records > this.#most.records || bytes > this.#most.bytes;
  }

  /**
   * The ids of the records of one shape beyond the limit of a box, so that a sender of unknown reports does not push
   * others out. The oldest and the newest stay, and the record that was just received.
   *
   * @param ids of all its records of the shape, the oldest first
   */
  surplusOfShape(ids: readonly string[], newest: string): string[] {
    const { oldest, newest: latest } = limits.quarantineOfShape;
    const between = ids.slice(oldest).filter((id) => id !== newest);
    return between.slice(0, Math.max(0, ids.length - oldest - latest));
  }

  /** Throws 503 if as many long batches of a box wait for their jobs as may: none of them can be removed to make room. */
  requireRoomToWait(waiting: number): void {
    if (waiting < limits.waitingBatchesOfBox) return;
    throw new GatepostError("unavailable", "too many long batches of this box wait to be stored, send it again later", {
      retryAfter: 60,
    });
  }

  /**
   * Warns when a box has used more than half, while there is time to look before records are removed. An alarm counts
   * this message.
   */
  watch(box: string, { records, bytes }: QuarantineSize): void {
    if (this.isExceeded({ records: records * 2, bytes: bytes * 2 })) {
      this.#log.warn("quarantine over half full", { box, records, bytes });
    }
  }
}
