import type { DatabaseSync } from "node:sqlite";
import { type FactorKey, nameOfKey } from "@gatepost/core/factors";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";

const personRow = z.object({ person: z.string() });

/**
 * The people of whose codes the key of this folder opens no seed, by their e-mail addresses, else by the ids of their
 * accounts. Seeds that nobody confirmed do not count.
 */
export async function peopleOfLostCodes(database: DatabaseSync, key: Pick<FactorKey, "find">): Promise<string[]> {
  // The key may be damaged: then it opens none.
  const found = await key.find().catch(() => null);
  return peopleWith("kind = 'code'", `max(sealed_by = ?) = 0`, {
    database,
    given: found === null ? "" : nameOfKey(found),
  });
}

/** The people who have passkeys, and none of this host nor codes: their second step is a recovery code, or none. */
export function peopleOfOtherHosts(database: DatabaseSync, host: string): string[] {
  return peopleWith("kind <> 'recovery'", `max(kind = 'code' OR host = ?) = 0`, { database, given: host });
}

function peopleWith(
  looked: string,
  having: string,
  { database, given }: { database: DatabaseSync; given: string },
): string[] {
  const listing = database.prepare(
    `WITH factors AS (
       SELECT substr(pk, 9) AS account, one.value ->> 'kind' AS kind, one.value ->> 'host' AS host,
         one.value ->> 'sealedBy' AS sealed_by
       FROM items, json_each(item ->> 'factors') AS one
       WHERE pk > 'factors ' AND pk < 'factors!' AND one.value ->> 'pendingUntil' IS NULL)
     SELECT coalesce((SELECT item ->> 'email' FROM items WHERE pk = account), account) AS person
     FROM factors WHERE ${looked} GROUP BY account HAVING ${having} ORDER BY account`,
  );
  return listing.all(given).map((row) => parseStored(personRow, row, "a person").person);
}
