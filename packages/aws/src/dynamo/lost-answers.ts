import type { Change, Item } from "@gatepost/store";
import { numberOf } from "./item.ts";

/*
 * What a row tells of a write to it whose answer was lost.
 */

/** Whether a row has what a change writes. One that only adds or removes leaves nothing by which to tell. */
export function isLeftBy({ set = {}, add = {} }: Pick<Change, "set" | "add">, row: Item): boolean {
  const written = Object.entries(set);
  const isWritten = written.length > 0 && written.every(([name, value]) => row[name] === value);
  return isWritten && Object.keys(add).every((name) => Number.isFinite(row[name]));
}

/**
 * The row before a change, as far as the row after it tells: values that the change replaced are missing. Null where
 * nothing is left.
 */
export function undone({ set = {}, setIfAbsent = {}, add = {} }: Change, after: Item): Item | null {
  const before = { ...after };
  for (const name of Object.keys(set)) delete before[name];
  for (const [name, value] of Object.entries(setIfAbsent)) if (after[name] === value) delete before[name];
  for (const [name, by] of Object.entries(add)) {
    if (after[name] === by) delete before[name];
    else before[name] = numberOf(after, name) - by;
  }
  // Its key is left of each row.
  return Object.keys(before).length > 1 ? before : null;
}
