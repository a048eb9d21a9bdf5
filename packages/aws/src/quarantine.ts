import type { Log, Quarantine, QuarantineRecord } from "@gatepost/ingest";
import { changed } from "./change.ts";
import type { Dynamo } from "./dynamo.ts";
import { type Objects, sha256Of } from "./objects.ts";
import { lists, shardsOf } from "./places.ts";
import { bodyKey, counting, countOf, keeping, listingOf, type QuarantineCount } from "./quarantine-row.ts";
import { walk } from "./walk.ts";

export interface QuarantineLimits {
  records: number;
  bytes: number;
}

/** What each box may have in quarantine; beyond it, its oldest records go. */
const quarantineLimits: QuarantineLimits = { records: 1000, bytes: 256 * 1024 * 1024 };

/**
 * Bodies in S3, their rows in the table, and a count for each box. The count follows the rows in a write of its own: a
 * process that ends between the two leaves it off by one, and boxes that send at once may drop one record more each.
 */
export class DynamoQuarantine implements Quarantine {
  readonly #dynamo: Dynamo;
  readonly #objects: Objects;
  readonly #log: Log;
  readonly #limits: QuarantineLimits;

  constructor(
    dynamo: Dynamo,
    objects: Objects,
    { log, limits = quarantineLimits }: { log: Log; limits?: QuarantineLimits },
  ) {
    this.#dynamo = dynamo;
    this.#objects = objects;
    this.#log = log;
    this.#limits = limits;
  }

  async keep(record: QuarantineRecord): Promise<void> {
    const { id, box, body } = record;
    const change = keeping(record);
    const { before } = await this.#dynamo.change(change);
    const receivedAt = Number(changed(change, before)["receivedAt"]);
    const file = { sha256: sha256Of(body), contentType: "application/octet-stream" };
    const [size] = await Promise.all([
      before === null ? this.#count(box, { records: 1, bytes: body.length }) : null,
      this.#objects.put(bodyKey({ id, box, receivedAt }), body, file),
    ]);
    if (size !== null) await this.#keepBounded(box, id, size);
  }

  /** Forgets a record, and its body with it. Returns whether it was there. */
  async remove(id: string, dropped?: 1): Promise<QuarantineCount | null> {
    const row = await this.#dynamo.remove(id);
    const record = row === null ? null : listingOf(row);
    if (record === null) return null;
    const { box, bytes } = record;
    const size = await this.#count(box, { records: -1, bytes: -bytes, ...(dropped === undefined ? {} : { dropped }) });
    await this.#objects.remove(bodyKey(record));
    return size;
  }

  /** The record is durable by now: what goes wrong here is no reason to have it sent again. */
  async #keepBounded(box: string, newest: string, size: QuarantineCount): Promise<void> {
    try {
      const left = await this.#makeRoom(box, newest, size);
      const { records, bytes } = left;
      if (records * 2 > this.#limits.records || bytes * 2 > this.#limits.bytes) {
        this.#log.warn("quarantine over half full", { box, records, bytes });
      }
    } catch (cause) {
      this.#log.warn("quarantine not kept bounded", { box, cause });
    }
  }

  async #makeRoom(box: string, newest: string, counted: QuarantineCount): Promise<QuarantineCount> {
    let size = counted;
    const isFull = () => size.records > this.#limits.records || size.bytes > this.#limits.bytes;
    if (!isFull()) return size;
    const lanes = shardsOf(lists.quarantineOf(box)).map((hash) => ({ index: "byBox" as const, hash }));
    for await (const { pk } of walk(this.#dynamo, { lanes, order: "ascending" })) {
      if (pk !== newest) size = (await this.remove(pk, 1)) ?? size;
      if (!isFull()) break;
    }
    return size;
  }

  async #count(box: string, by: Parameters<typeof counting>[1]): Promise<QuarantineCount> {
    const change = counting(box, by);
    const { before } = await this.#dynamo.change(change);
    return countOf(changed(change, before));
  }
}
