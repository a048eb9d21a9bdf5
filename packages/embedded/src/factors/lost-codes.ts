import type { DatabaseSync } from "node:sqlite";
import { type FactorKey, nameOfKey } from "@gatepost/core/factors";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";

const row = z.object({ n: z.int() });

/** The number of accounts with a code whose seed the key of this folder does not open. */
export async function countLostCodes(database: DatabaseSync, key: Pick<FactorKey, "find">): Promise<number> {
  const found = await key.find();
  const counting = database.prepare(
    `SELECT count(DISTINCT pk) AS n FROM items, json_each(item ->> 'factors') AS one
     WHERE pk > 'factors ' AND pk < 'factors!' AND one.value ->> 'sealedBy' <> ?`,
  );
  return parseStored(row, counting.get(found === null ? "" : nameOfKey(found)), "a count").n;
}
