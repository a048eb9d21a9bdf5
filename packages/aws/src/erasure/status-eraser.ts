import { all, type Log } from "@gatepost/ingest";
import { boxStatusKinds, isObject, type JsonObject, parseStored, storedJson, tellsOf } from "@gatepost/protocol";
import * as z from "zod";
import { statusRow } from "../boxes/status.ts";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { shardsOf } from "../dynamo/index-keys.ts";
import { type Item, textOf } from "../dynamo/item.ts";
import { asRead } from "../dynamo/item-update.ts";
import * as lists from "../dynamo/lists.ts";
import { sequenceAt } from "../dynamo/monotonic-clock.ts";
import { chunk, queryShards } from "../dynamo/query-shards.ts";
import type { PersonErased } from "../pictures/erasure-work.ts";

/** How many rows are read at the same time, each of up to 256 KB. */
const batchSize = 25;

const storedStatus = z.object({
  receivedAt: z.number(),
  report: storedJson(z.custom<JsonObject>(isObject)),
});

/**
 * Removes statuses of boxes that are about a person and were received before the erasure. A broken one is also removed:
 * nobody can read whom it is about, and the box sends the next one.
 */
export class BoxStatusEraser {
  readonly #dynamo: Dynamo;
  readonly #log: Log;

  constructor({ dynamo, log }: { dynamo: Dynamo; log: Log }) {
    this.#dynamo = dynamo;
    this.#log = log;
  }

  async erase({ person, box, before }: PersonErased): Promise<void> {
    for await (const pks of chunk(this.#statusesOf(box), () => batchSize)) {
      const rows = [...(await this.#dynamo.getAll(pks)).values()];
      await all(rows.map((row) => this.#eraseOne(row, person, before)));
    }
  }

  async #eraseOne(row: Item, person: string, before: string): Promise<void> {
    const pk = textOf(row, "pk");
    try {
      const { receivedAt, report } = parseStored(storedStatus, row, pk);
      if (sequenceAt(receivedAt) >= before || !tellsOf(report, person)) return;
    } catch (cause) {
      this.#log.warn("a box status that is broken was erased", { cause });
    }
    await this.#remove(pk, row);
  }

  async *#statusesOf(box: string | null): AsyncGenerator<string> {
    if (box !== null) {
      for (const kind of boxStatusKinds) yield statusRow(box, kind);
      return;
    }
    const shards = shardsOf(lists.statuses).map((hash) => ({ index: "byTime" as const, hash }));
    for await (const { pk } of queryShards(this.#dynamo, { shards, order: "ascending" })) yield pk;
  }

  /** Removes the row, unless the box has sent another status since. */
  async #remove(pk: string, row: Item): Promise<void> {
    const { condition, values } = asRead(row, ["receivedAt"]);
    await this.#dynamo.remove(pk, condition, values);
  }
}
