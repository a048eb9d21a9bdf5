import type { ActionChange } from "./action-change-schema.ts";
import { limits } from "./limits.ts";

/** A change as a store keeps it. A long reason is cut; the action itself has its latest reason whole. */
export function actionChange(
  {
    state,
    reason,
    by,
    decision,
  }: Pick<ActionChange, "state" | "decision"> & { reason: string | null; by: string | null },
  at: string,
): ActionChange {
  const { reasonCharacters } = limits.actionHistory;
  return {
    state,
    at,
    ...(reason === null ? {} : { reason: reason.slice(0, reasonCharacters).toWellFormed() }),
    ...(by === null ? {} : { by }),
    ...(decision === undefined ? {} : { decision }),
  };
}

/** Whether the change at `index` of `count` stays in the history: the first and the last few do. */
export function isChangeKept(index: number, count: number): boolean {
  return index === 0 || index > count - limits.actionHistory.changes;
}
