import * as z from "zod/mini";
import { declinableStates } from "./action.ts";

/** Why a person declines an action. */
export const declineReasons = ["delivery", "not-to-be-kept", "poor-photo", "not-this-person"] as const;

export type DeclineReason = (typeof declineReasons)[number];

/** A person's decision that what a box asked for is not done, and the action as it was before. */
export const declineSchema = z.object({
  reason: z.nullable(z.enum(declineReasons)),
  note: z.nullable(z.string()),
  /** The id of the person whom its event shows; null if that is unknown. */
  person: z.nullable(z.string()),
  /** The id of the account or key. */
  by: z.string(),
  at: z.iso.datetime(),
  /** The action gets these back if the decision is taken back. */
  before: z.object({
    state: z.enum(declinableStates),
    reason: z.nullable(z.string()),
    at: z.iso.datetime(),
  }),
});

export type Decline = z.output<typeof declineSchema>;

/** What a person says with a decision not to do what a box asked for. */
export interface DeclineDetails {
  reason: DeclineReason | null;
  note: string | null;
  /** The id of the person whom the event shows; null if that is unknown. */
  person: string | null;
}
