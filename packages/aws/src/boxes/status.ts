import type { BoxStatusRecord, BoxStatusStore } from "@gatepost/ingest";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { ttlAt } from "../dynamo/expiry.ts";
import { indexKey, lists, shardFor } from "../dynamo/index-keys.ts";
import { sha256Of } from "../s3/objects.ts";

/** What each box said last of itself, of its devices and of commands: a row a box and kind, until it expires. */
export class DynamoBoxStatusStore implements BoxStatusStore {
  readonly #dynamo: Dynamo;
  readonly #lifetime: number;

  /** @param lifetime ms from its receipt to the expiry of a notice */
  constructor(dynamo: Dynamo, lifetime: number) {
    this.#dynamo = dynamo;
    this.#lifetime = lifetime;
  }

  async put({ box, kind, receivedAt, report }: BoxStatusRecord): Promise<void> {
    const pk = statusRow(box, kind);
    // Its place never changes, so that the index is written to only when a box first says something of the kind.
    const indexed = { byTime: shardFor(lists.statuses, pk), at: indexKey(0, sha256Of(pk)) };
    const ttl = ttlAt(receivedAt + this.#lifetime);
    await this.#dynamo.update({
      pk,
      set: { box, kind, receivedAt, ttl, report: JSON.stringify(report), ...indexed },
      // A replay is older than what came since.
      condition: "attribute_not_exists(#receivedAt) OR #receivedAt <= :received",
      values: { received: receivedAt },
    });
  }
}

export function statusRow(box: string, kind: BoxStatusRecord["kind"]): string {
  return `notice ${kind} ${box}`;
}
