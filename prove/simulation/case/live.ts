import type { StoredEvent } from "@gatepost/protocol";
import type { Item } from "@gatepost/store";
import { fromAttributes, isExpired } from "../../../packages/aws/src/dynamo/item.ts";
import { eventOf } from "../../../packages/aws/src/events/row.ts";
import type { Row } from "../aws/expressions.ts";
import type { World } from "../aws/world.ts";

/** A row that has not expired; null if there is none. */
export function liveRow(world: World, pk: string): Item | null {
  const row = world.table.get(pk);
  const item = row === undefined ? null : fromAttributes(row);
  return item === null || isExpired(item, world.scheduler.now) ? null : item;
}

/** A row is never changed, only replaced, so its content is read once. */
const read = new WeakMap<Row, StoredEvent>();

export function liveEvent(world: World, pk: string): StoredEvent | null {
  const row = world.table.get(pk);
  if (row === undefined || Number(row["ttl"]?.N) * 1000 <= world.scheduler.now) return null;
  const stored = read.get(row) ?? eventOf(fromAttributes(row));
  read.set(row, stored);
  return stored;
}

export function liveEvents(world: World): StoredEvent[] {
  const events = [...world.table.rows()].filter((row) => row["pk"]?.S?.startsWith("evt_"));
  return events.flatMap((row) => liveEvent(world, row["pk"]?.S ?? "") ?? []);
}
