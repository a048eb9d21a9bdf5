import * as z from "zod/mini";
import type { DeclineDetails } from "./decline.ts";

/**
 * The types as which a person may be registered. A stranger is not registered, and boxes do not have the type unknown.
 */
export const registeredTypes = ["employee", "visitor", "blacklist", "vip"] as const;

/** The state of an order at one of its boxes. */
export const boxOutcomeSchema = z
  .object({
    box: z.string(),
    state: z.enum(["waiting", "done", "failed"]),
    /** Why it failed, or a remark on how it was done. */
    reason: z.nullable(z.string()),
  })
  .register(z.globalRegistry, { id: "BoxOutcome" });

/**
 * The task of the boxes for an action: the last order of a person, or (`isAutomatic`) the work of a bridge without an
 * order, because it may update photos by itself. An action has one at a time.
 */
export const approvalSchema = z.object({
  /** Rises with each order of the action, so that an answer always belongs to one order. */
  number: z.int(),
  order: z.enum(["approve", "undo"]),
  isAutomatic: z.boolean(),
  /** The id of the person on the boxes. */
  person: z.string(),
  name: z.nullable(z.string()),
  type: z.nullable(z.enum(registeredTypes)),
  group: z.nullable(z.string()),
  /** SHA-256 of the approved photo: no other one is written to a box. Null in older orders, which name none. */
  photo: z._default(z.nullable(z.string()), null),
  /** What a person wrote beside it. */
  note: z._default(z.nullable(z.string()), null),
  /** When a visit begins: an earlier passing is flagged. Null if the person may come at once. */
  validFrom: z._default(z.nullable(z.iso.datetime()), null),
  /** When a visit ends: the boxes then forget the person. Null without an end. */
  validUntil: z._default(z.nullable(z.iso.datetime()), null),
  /** Whom a visitor visits. */
  host: z._default(z.nullable(z.string()), null),
  boxes: z.array(boxOutcomeSchema),
  /** Boxes of earlier approvals that were not undone. An undo includes them. */
  earlierBoxes: z.array(z.string()),
  /** When the first of the orders that are not undone was given; equal to `at` if this is the first. */
  since: z.iso.datetime(),
  /** Whether it is still to be done: at least one box has not answered yet. */
  isOpen: z.boolean(),
  at: z.iso.datetime(),
  /** The id of the key by which it was ordered. */
  by: z.string(),
});

export type Approval = z.output<typeof approvalSchema>;
export type BoxOutcome = Approval["boxes"][number];
export type RegisteredType = (typeof registeredTypes)[number];

/** The order of a person. Each box is named once. */
export interface ApprovalRequest
  extends Pick<
    Approval,
    "person" | "name" | "type" | "group" | "photo" | "note" | "validFrom" | "validUntil" | "host"
  > {
  boxes: readonly string[];
}

/** How a box removed a person at the end of a visit. */
export interface VisitEnd {
  box: string;
  state: "done" | "failed";
  reason: string | null;
}

/** The report of a bridge or a person about an order. */
export interface OrderReport {
  state: "done" | "failed";
  note: string | null;
  /** The result at each box; null if one answer is for all boxes. */
  boxes: readonly (Omit<BoxOutcome, "state"> & { state: "done" | "failed" })[] | null;
  /** The number of the order that it answers; null for the last one. */
  number: number | null;
  /** The person, if no order was given before; else null. */
  automatic: Pick<Approval, "person" | "name"> | null;
}

export type ActionOrder =
  | { kind: "approve"; request: ApprovalRequest }
  | { kind: "undo" }
  | ({ kind: "decline" } & DeclineDetails)
  | { kind: "reopen" }
  | ({ kind: "expire" } & VisitEnd)
  | { kind: "report"; report: OrderReport };

/** The answer of a store to an order: `reason` says in words why it is refused. */
export type OrderAnswer = { answer: "taken" | "unknown" } | { answer: "refused"; reason: string };
