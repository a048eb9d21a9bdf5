import type { SetAside } from "@gatepost/core/quarantine";
import { absent, all, equals, type Item, placeAt, present } from "@gatepost/store";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { forEachLimit } from "../dynamo/groups.ts";
import { isExpired, numberOf } from "../dynamo/item.ts";
import * as lists from "../dynamo/lists.ts";
import { putEventOfBatch } from "./batches.ts";
import { addToQuota } from "./quota.ts";
import { isBeingRemoved, listingOf, putRecord } from "./row.ts";
import { recordPlace } from "./shapes.ts";

/*
 * A record that is set aside is one whose removal begins at a later time: its row is in the list of erasures, in which the
 * sweep finds it then, and it is not counted for its box. Until its removal begins, its place there is the time in `aside`.
 */

interface Deps {
  dynamo: Dynamo;
  clock(): number;
}

/** The links from its events are written first: from then on an erasure of one of them finds the record. */
export async function setRecordAside(id: string, { events, until }: SetAside, { dynamo, clock }: Deps): Promise<void> {
  const row = await dynamo.get(id);
  if (row === null || isExpired(row, clock()) || isBeingRemoved(row)) return;
  const [{ receivedAt }, ttl] = [listingOf(row), numberOf(row, "ttl")];
  await forEachLimit(events, async (event) => {
    await dynamo.update(putEventOfBatch({ id, receivedAt, event, ttl }));
  });
  const { applied } = await dynamo.update({
    pk: id,
    set: { removing: "aside", aside: until, byTime: lists.erasures, at: placeAt(until, id) },
    remove: ["byBox"],
    when: all(present(), absent("removing")),
  });
  if (applied) await count(row, -1, dynamo);
}

/** Whether the record of a row is set aside at a time (ms since 1970). */
export function isAside({ aside, ...row }: Item, now: number): boolean {
  return typeof aside === "number" && aside > now && !isExpired(row, now);
}

/** Returns whether the record is in quarantine now. */
export async function putRecordBack(id: string, { dynamo, clock }: Deps): Promise<boolean> {
  const row = await dynamo.get(id);
  if (row === null || isExpired(row, clock())) return false;
  if (!isBeingRemoved(row)) return true;
  if (!isAside(row, clock())) return false;
  const record = { ...listingOf(row), body: new Uint8Array() };
  const { byTime, byBox } = putRecord(record, { ttl: numberOf(row, "ttl"), now: clock() }).setIfAbsent;
  const at = recordPlace(record, typeof row["shape"] === "string" ? row["shape"] : undefined);
  const { applied } = await dynamo.update({
    pk: id,
    set: { byTime, byBox, at },
    remove: ["removing", "aside"],
    when: equals("at", placeAt(numberOf(row, "aside"), id)),
  });
  if (applied) await count(row, 1, dynamo);
  return applied;
}

async function count(row: Item, by: 1 | -1, dynamo: Dynamo): Promise<void> {
  const { box, bytes } = listingOf(row);
  await dynamo.update(addToQuota(box, { ttl: numberOf(row, "ttl"), records: by, bytes: by * bytes }));
}
