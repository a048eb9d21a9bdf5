import * as z from "zod/mini";

/** What somebody may be registered as: a stranger is not registered, and unknown is no type of a box. */
export const registeredTypes = ["employee", "visitor", "blacklist", "vip"] as const;

/** What became of an order at one of its boxes. */
const boxOutcomeSchema = z.object({
  box: z.string(),
  state: z.enum(["waiting", "done", "failed"]),
  /** Why it failed, or what is to be known of how it was done. */
  reason: z.nullable(z.string()),
});

/**
 * What is to be done about an action on the boxes themselves: the last order of a person, or (`isAutomatic`) what was done
 * without one, as by a bridge that may update photos by itself. An action has one at a time.
 */
export const approvalSchema = z.object({
  /** Rises with each order of the action, so that an answer to one is never taken for an answer to another. */
  number: z.int(),
  order: z.enum(["approve", "undo"]),
  isAutomatic: z.boolean(),
  /** The id under which the boxes are to know the person. */
  person: z.string(),
  name: z.nullable(z.string()),
  type: z.nullable(z.enum(registeredTypes)),
  group: z.nullable(z.string()),
  /** SHA-256 of the photo that was approved: no other one is brought to a box. Null where none was named, as by older orders. */
  photo: z._default(z.nullable(z.string()), null),
  boxes: z.array(boxOutcomeSchema),
  /** Boxes of earlier approvals that were not undone: an undo reaches them, too. */
  earlierBoxes: z.array(z.string()),
  /** When the first order was given of those that are not undone: of the same time as `at`, this is the first. */
  since: z.iso.datetime(),
  /** Whether somebody still has to do it: at one box at least nothing was said of it yet. */
  isOpen: z.boolean(),
  at: z.iso.datetime(),
  /** The id of the key by which it was ordered. */
  by: z.string(),
});

export type Approval = z.output<typeof approvalSchema>;
export type BoxOutcome = Approval["boxes"][number];
export type RegisteredType = (typeof registeredTypes)[number];

/** What a person wants to have done. The boxes are named, each once. */
export interface ApprovalRequest extends Pick<Approval, "person" | "name" | "type" | "group" | "photo"> {
  boxes: readonly string[];
}

/** What was said of an order. */
export interface OrderReport {
  state: "done" | "failed";
  note: string | null;
  /** By box; null where one answer is for all of them. */
  boxes: readonly (Omit<BoxOutcome, "state"> & { state: "done" | "failed" })[] | null;
  /** The number of the order that it answers; null for the last one. */
  number: number | null;
  /** Whom it is about, where nobody had ordered anything when it was said; else null. */
  automatic: Pick<Approval, "person" | "name"> | null;
}

export type ActionOrder =
  | { kind: "approve"; request: ApprovalRequest }
  | { kind: "undo" }
  | { kind: "report"; report: OrderReport };

/** What a store answers to an order: `reason` says in words why it is refused. */
export type OrderAnswer = { answer: "taken" | "unknown" } | { answer: "refused"; reason: string };
