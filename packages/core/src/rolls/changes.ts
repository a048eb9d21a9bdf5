import type { Item } from "@gatepost/store";
import { rolled, rolls } from "./roll.ts";

/** A roll that was begun, ticked or closed. */
export interface RollChange {
  /** `rol_…` */
  roll: string;
}

/** The roll that was ticked or closed by the write of an item; null if none was. */
export function rollChangedIn(before: Item | undefined, after: Item | undefined): RollChange | null {
  const pk = String(after?.["pk"] ?? "");
  if (pk.startsWith(rolls.pk(""))) return before?.["closedAt"] === after?.["closedAt"] ? null : { roll: pk };
  if (!pk.startsWith(rolled.pk("")) || before?.["tick"] === after?.["tick"]) return null;
  return { roll: String(after?.["roll"]) };
}
