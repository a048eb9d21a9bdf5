import type { BoxStatusRecord, BoxStatusStore } from "@gatepost/ingest";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { ttlAt } from "../dynamo/expiry.ts";
import { indexKey, shardFor } from "../dynamo/index-keys.ts";
import * as lists from "../dynamo/lists.ts";
import { sha256Of } from "../s3/objects.ts";

/**
 * The last status of each box: about itself, its devices and its commands. One row for each box and kind, until it
 * expires.
 */
export class DynamoBoxStatusStore implements BoxStatusStore {
  readonly #dynamo: Dynamo;
  readonly #lifetime: number;

  /** @param lifetime ms from the receipt of a status until it expires */
  constructor(dynamo: Dynamo, lifetime: number) {
    this.#dynamo = dynamo;
    this.#lifetime = lifetime;
  }

  async put({ box, kind, receivedAt, report }: BoxStatusRecord): Promise<void> {
    const pk = statusRow(box, kind);
    // The index key never changes, so the index is written only when a box first sends a status of this kind.
    const indexed = { byTime: shardFor(lists.statuses, pk), at: indexKey(0, sha256Of(pk)) };
    const ttl = ttlAt(receivedAt + this.#lifetime);
    await this.#dynamo.update({
      pk,
      set: { box, kind, receivedAt, ttl, report: JSON.stringify(report), ...indexed },
      // A status that is replayed from quarantine must not replace one that came later.
      condition: "attribute_not_exists(#receivedAt) OR #receivedAt <= :received",
      values: { received: receivedAt },
    });
  }
}

export function statusRow(box: string, kind: BoxStatusRecord["kind"]): string {
  return `notice ${kind} ${box}`;
}
