import {
  middleOf,
  type QuarantineQuota,
  type QuarantineRecord,
  type QuarantineSize,
  shapeKeyOf,
} from "@gatepost/core/quarantine";
import { type Entry, placeAt } from "@gatepost/store";

/*
 * The place of a record in the lists ends with its shape and its bytes: so a full box chooses what goes first by one look
 * at its list, without its rows. Records that an earlier build has written are of one shape.
 */

/** The shape of a record as it is stored, with its bytes: its place in the lists ends with it. */
export function shapeText(record: QuarantineRecord): string {
  const { shape, body } = record;
  return `${shape?.isPassing === true ? "p" : "o"}${shapeKeyOf(record)}_${body.length.toString(36)}`;
}

/** @param shape as `shapeText` gives it; absent in a row that an earlier build has written */
export function recordPlace({ id, receivedAt }: Pick<QuarantineRecord, "id" | "receivedAt">, shape?: string): string {
  return shape === undefined ? placeAt(receivedAt, id) : `${placeAt(receivedAt, id)}_${shape}`;
}

interface Listed {
  id: string;
  shape: string;
  isPassing: boolean;
  bytes: number;
}

function listedOf({ pk, at }: Entry): Listed {
  const end = at.slice(at.lastIndexOf("_") - 18);
  const [, kind, shape = "", bytes = "0"] = /^_([op])(\w{16})_(\w+)$/.exec(end) ?? [];
  return { id: pk, shape, isPassing: kind === "p", bytes: Number.parseInt(bytes, 36) };
}

/** The records of a box that may give way to the newest one, as one look at its list has shown them. */
export class RecordsOfBox {
  readonly #quota: QuarantineQuota;
  readonly #shapes: Map<string, Listed[]>;
  readonly #newest: string;

  /** @param entries the oldest first */
  constructor(entries: readonly Entry[], newest: string, quota: QuarantineQuota) {
    this.#quota = quota;
    this.#newest = newest;
    this.#shapes = Map.groupBy(entries.map(listedOf), ({ shape }) => shape);
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
