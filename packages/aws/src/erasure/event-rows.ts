import type { Item } from "@gatepost/store";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { chunk, queryShards, type ShardedRange } from "../dynamo/query-shards.ts";
import { eventOfRef } from "../pictures/refs.ts";
import { isLive } from "./event-row.ts";

/** How many rows are read at once. */
const batchSize = 25;

/** The rows of the events in a list, in batches. */
export async function* rowsOf(dynamo: Dynamo, range: ShardedRange): AsyncGenerator<Item[]> {
  for await (const group of chunk(queryShards(dynamo, range), () => batchSize)) {
    const rows = await dynamo.getAll(group.map(({ pk }) => eventOfRef(pk)));
    yield [...rows.values()];
  }
}

/** Whether an event exists and has not expired. */
export async function isThere(event: string, { dynamo, clock }: { dynamo: Dynamo; clock(): number }): Promise<boolean> {
  const row = await dynamo.get(event);
  return row !== null && isLive(row, clock());
}
