import { createHash } from "node:crypto";
import { limits } from "@gatepost/protocol";
import { GatepostError } from "../errors/errors.ts";
import type { Log } from "../log/log.ts";
import type { QuarantineRecord } from "./ports.ts";

/** The size of a box's quarantine, or its limit. */
export interface QuarantineSize {
  records: number;
  bytes: number;
}

/** The records of a box with one shape. */
interface ShapeInBox extends QuarantineSize {
  isPassing: boolean;
  /** How many of them may go: all but the one that was just received. */
  others: number;
}

/** The name of a record's shape in its box. Records of which none is known are alike if they are kept for one reason. */
export function shapeKeyOf({ path, reason, shape }: Pick<QuarantineRecord, "path" | "reason" | "shape">): string {
  return createHash("sha256")
    .update(JSON.stringify([path, shape?.name ?? reason]))
    .digest("hex")
    .slice(0, 16);
}

/** The place of the record that goes first among so many of a shape, the oldest first. */
function middleOf(records: number): number {
  return Math.floor(records / 2);
}

/**
 * The limit of each box in quarantine. While a box is over it, records are removed and counted as dropped, but never the
 * newest record. An expired record is treated as missing.
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
   * The shape that gives up a record while a box is over its limit: the one with most of what there is too much of.
   * Shapes with a time and a person come last. Of equal ones the first gives.
   */
  givingShape<Shape extends ShapeInBox>(shapes: readonly Shape[], { records }: QuarantineSize): Shape | undefined {
    const surplus = records > this.#most.records ? "records" : "bytes";
    const isBefore = (a: Shape, b: Shape) => (a.isPassing === b.isPassing ? a[surplus] > b[surplus] : !a.isPassing);
    const [first, ...more] = shapes.filter(({ others }) => others > 0);
    return more.reduce((found, shape) => (found === undefined || isBefore(shape, found) ? shape : found), first);
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

/** A record of a box, as a look at all of them shows it. */
export interface RecordInBox {
  id: string;
  /** See `shapeKeyOf`. */
  shape: string;
  isPassing: boolean;
  bytes: number;
}

/** The records of a box that may give way to the newest one, as one look has shown them. */
export class RecordsOfBox {
  readonly #quota: QuarantineQuota;
  readonly #shapes: Map<string, RecordInBox[]>;
  readonly #newest: string;

  /** @param records the oldest first */
  constructor(records: readonly RecordInBox[], newest: string, quota: QuarantineQuota) {
    this.#quota = quota;
    this.#newest = newest;
    this.#shapes = Map.groupBy(records, ({ shape }) => shape);
  }

  /** Takes out the record that goes first, with the oldest other one of its shape; null if there is only the newest. */
  next(size: QuarantineSize): { id: string; heir: string | null } | null {
    const shapes = [...this.#shapes].map(([shape, all]) => {
      const may = all.filter(({ id }) => id !== this.#newest);
      const bytes = all.reduce((sum, one) => sum + one.bytes, 0);
      const isPassing = all.some((one) => one.isPassing);
      return { shape, all, may, records: all.length, others: may.length, bytes, isPassing };
    });
    const giving = this.#quota.givingShape(shapes, size);
    const record = giving?.may[middleOf(giving.others)];
    if (giving === undefined || record === undefined) return null;
    const left = giving.all.filter((one) => one !== record);
    this.#shapes.set(giving.shape, left);
    return { id: record.id, heir: left[0]?.id ?? null };
  }
}
