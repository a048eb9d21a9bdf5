import { boxStatusKinds, isObject, type JsonObject, parseStored, storedJson, tellsOf } from "@gatepost/protocol";
import * as z from "zod";
import { statusRow } from "../boxes/status.ts";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { lists, shardsOf } from "../dynamo/index-keys.ts";
import type { Item } from "../dynamo/item.ts";
import { sequenceAt } from "../dynamo/monotonic-clock.ts";
import { chunk, queryShards } from "../dynamo/query-shards.ts";
import type { PersonErased } from "./row.ts";

/** How many rows are read at the same time, each of up to 256 KB. */
const batchSize = 25;

const storedStatus = z.object({
  pk: z.string(),
  receivedAt: z.number(),
  report: storedJson(z.custom<JsonObject>(isObject)),
});

type StoredStatus = z.output<typeof storedStatus>;

/** Removes box status that is about a person and was received before the erasure. */
export class BoxStatusEraser {
  readonly #dynamo: Dynamo;

  constructor(dynamo: Dynamo) {
    this.#dynamo = dynamo;
  }

  async erase({ person, box, before }: PersonErased): Promise<void> {
    for await (const pks of chunk(this.#statusesOf(box), () => batchSize)) {
      const statuses = [...(await this.#dynamo.getAll(pks)).values()].map(statusOf);
      const meant = statuses.filter(
        ({ receivedAt, report }) => sequenceAt(receivedAt) < before && tellsOf(report, person),
      );
      await Promise.all(meant.map((status) => this.#remove(status)));
    }
  }

  async *#statusesOf(box: string | null): AsyncGenerator<string> {
    if (box !== null) {
      for (const kind of boxStatusKinds) yield statusRow(box, kind);
      return;
    }
    const shards = shardsOf(lists.statuses).map((hash) => ({ index: "byTime" as const, hash }));
    for await (const { pk } of queryShards(this.#dynamo, { shards, order: "ascending" })) yield pk;
  }

  /** Removes the row unless the box has sent another status since: that one stays. */
  async #remove({ pk, receivedAt }: StoredStatus): Promise<void> {
    await this.#dynamo.remove(pk, "#receivedAt = :read", { read: receivedAt });
  }
}

function statusOf(row: Item): StoredStatus {
  return parseStored(storedStatus, row, `${row["pk"]}`);
}
