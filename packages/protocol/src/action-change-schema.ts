import * as z from "zod/mini";
import { actionStates, decisions } from "./action.ts";

/** A change of an action's state, or a decision about it. The first one is the state with which the action was made. */
export const actionChangeSchema = z.object({
  state: z.enum(actionStates),
  at: z.iso.datetime(),
  /** The reason, if one was given. */
  reason: z.optional(z.string()),
  /** The id of the key by which a subscriber answered, or a person decided. */
  by: z.optional(z.string()),
  /** The decision of a person; absent if the change was not made by a person. */
  decision: z.optional(z.enum(decisions)),
});

export type ActionChange = z.output<typeof actionChangeSchema>;
