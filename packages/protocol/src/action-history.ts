import * as z from "zod/mini";
import { actionStates } from "./action.ts";
import { limits } from "./limits.ts";

/** A change of an action's state: the first is how it was made. */
export const actionChangeSchema = z.object({
  state: z.enum(actionStates),
  at: z.iso.datetime(),
  /** Why, as far as somebody said. */
  reason: z.optional(z.string()),
  /** The id of the key by which a subscriber answered. */
  by: z.optional(z.string()),
});

export type ActionChange = z.output<typeof actionChangeSchema>;

/** A change as a store keeps it. A long reason is cut: the action itself has it whole, as long as it is the last. */
export function actionChange(
  { state, reason, by }: Pick<ActionChange, "state"> & { reason: string | null; by: string | null },
  at: string,
): ActionChange {
  const { reasonCharacters } = limits.actionHistory;
  return {
    state,
    at,
    ...(reason === null ? {} : { reason: reason.slice(0, reasonCharacters).toWellFormed() }),
    ...(by === null ? {} : { by }),
  };
}

/** Whether a change stays in the history: the first and the last few of `count` do. */
export function isChangeKept(index: number, count: number): boolean {
  return index === 0 || index > count - limits.actionHistory.changes;
}
