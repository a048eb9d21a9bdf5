import { limits } from "@gatepost/protocol";
import type { Log } from "./ports/log.ts";

/** What quarantine holds of a box, or may hold. */
export interface QuarantineSize {
  records: number;
  bytes: number;
}

/**
 * What each box may have in quarantine. While it has more, its oldest record goes and is counted as dropped, but never
 * the record that came just now. What has expired counts as absent.
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

  /** Warns where a box has used up more than half, while there is time to look before records go. An alarm hears of it. */
  watch(box: string, { records, bytes }: QuarantineSize): void {
    if (this.isExceeded({ records: records * 2, bytes: bytes * 2 })) {
      this.#log.warn("quarantine over half full", { box, records, bytes });
    }
  }
}
