import type { BoxHealth, BoxNotice } from "@gatepost/ingest";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { ttlAt } from "../dynamo/expiry.ts";
import { sha256Of } from "../s3/objects.ts";
import { lists, placeAt, shardFor } from "../dynamo/index-keys.ts";

/** What each box said last of itself, of its devices and of commands: a row a box and kind, until it expires. */
export class DynamoBoxHealth implements BoxHealth {
  readonly #dynamo: Dynamo;
  readonly #lifetime: number;

  /** @param lifetime ms from its receipt to the expiry of a notice */
  constructor(dynamo: Dynamo, lifetime: number) {
    this.#dynamo = dynamo;
    this.#lifetime = lifetime;
  }

  async keep({ box, kind, receivedAt, report }: BoxNotice): Promise<void> {
    const pk = noticeRow(box, kind);
    // Its place never changes, so that the index is written to only when a box first says something of the kind.
    const place = { byTime: shardFor(lists.notices, pk), at: placeAt(0, sha256Of(pk)) };
    const ttl = ttlAt(receivedAt + this.#lifetime);
    await this.#dynamo.change({
      pk,
      set: { box, kind, receivedAt, ttl, report: JSON.stringify(report), ...place },
      // A replay is older than what came since.
      condition: "attribute_not_exists(#receivedAt) OR #receivedAt <= :received",
      values: { received: receivedAt },
    });
  }
}

export function noticeRow(box: string, kind: BoxNotice["kind"]): string {
  return `notice ${kind} ${box}`;
}
