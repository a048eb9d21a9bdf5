import * as z from "zod/mini";
import { actionStates, decisions } from "./action.ts";
import { limits } from "./limits.ts";

/** A change of an action's state, or a decision about it. The first one is the state with which the action was made. */
export const actionChangeSchema = z.object({
  state: z.enum(actionStates),
  at: z.iso.datetime(),
  /** Why, where somebody gave a reason. */
  reason: z.optional(z.string()),
  /** The id of the key by which a subscriber answered, or a person decided. */
  by: z.optional(z.string()),
  /** What a person decided; absent where the change was not made by a person. */
  decision: z.optional(z.enum(decisions)),
});

export type ActionChange = z.output<typeof actionChangeSchema>;

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
