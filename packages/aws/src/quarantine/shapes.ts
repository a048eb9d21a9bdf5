import { limits } from "@gatepost/protocol";
import { changed } from "@gatepost/store";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { expiredAt, missingOrLiveAt, numberOf } from "../dynamo/item.ts";

/*
 * One row for each box and shape counts its records, and names the newest of them, each in a place that is used again
 * and again. So a record is removed without a look at the others. The row lives as long as its first record, and is
 * then started again: until the earlier records have expired, there may be ten more. A removal by a person frees no
 * place.
 */

interface OfShape {
  id: string;
  box: string;
  shape: string;
  /** When the record expires, in seconds since 1970. */
  ttl: number;
}

/** Notes a new record of a shape. Returns the id of the record that it displaces; null if there is none. */
export async function noteOfShape(
  { id, box, shape, ttl }: OfShape,
  dynamo: Dynamo,
  now: number,
): Promise<string | null> {
  const { oldest, newest } = limits.quarantineOfShape;
  const pk = `quarantine ${box} ${shape}`;
  const count = { pk, setIfAbsent: { ttl }, add: { seen: 1 }, when: missingOrLiveAt(now) };
  const { applied, previous } = await dynamo.update(count);
  if (!applied) {
    await dynamo.update({ pk, set: { ttl, seen: 1 }, when: expiredAt(now) });
    return null;
  }
  const place = numberOf(changed(count, previous), "seen") - 1 - oldest;
  if (place < 0) return null;
  const name = `newest_${place % newest}`;
  const { previous: before } = await dynamo.update({ pk, set: { [name]: id } });
  const replaced = before?.[name];
  return typeof replaced === "string" && replaced !== id ? replaced : null;
}
