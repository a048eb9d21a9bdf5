import type { DatabaseSync } from "node:sqlite";
import { type FactorKey, nameOfKey } from "@gatepost/core/factors";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";

const row = z.object({ n: z.int() });

/** The number of accounts of whose codes the key of this folder opens no seed. Seeds that nobody confirmed do not count. */
export async function countLostCodes(database: DatabaseSync, key: Pick<FactorKey, "find">): Promise<number> {
  // The key may be damaged: then it opens none.
  const found = await key.find().catch(() => null);
  const counting = database.prepare(
    `SELECT count(*) AS n FROM (
       SELECT pk FROM items, json_each(item ->> 'factors') AS one
       WHERE pk > 'factors ' AND pk < 'factors!'
         AND one.value ->> 'kind' = 'code' AND one.value ->> 'pendingUntil' IS NULL
       GROUP BY pk HAVING max(one.value ->> 'sealedBy' = ?) = 0)`,
  );
  return parseStored(row, counting.get(found === null ? "" : nameOfKey(found)), "a count").n;
}
