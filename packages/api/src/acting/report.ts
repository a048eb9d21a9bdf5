import type { ListedAction } from "@gatepost/core/actions";
import { GatepostError } from "@gatepost/core/errors";
import { boxText } from "@gatepost/core/events";
import { masked } from "@gatepost/core/masking";
import type { OrderReport } from "@gatepost/protocol";
import * as z from "zod";
import type { Caller } from "../access/caller.ts";
import type { ApiPorts } from "../ports.ts";
import { maxBoxes, subjectOf } from "./approval-request.ts";

const maxNoteBytes = 1024;

const note = z
  .string()
  .refine((text) => Buffer.byteLength(text) <= maxNoteBytes, `may have ${maxNoteBytes} bytes`)
  .transform(masked)
  .nullable()
  .default(null)
  .meta({ description: `At most ${maxNoteBytes.toLocaleString("en")} bytes.`, maxLength: maxNoteBytes });

const outcome = z.strictObject({ box: boxText, state: z.enum(["done", "failed"]), reason: note });

/** The body of a report of what became of an action. */
export const reportBody = z
  .strictObject({
    state: z.enum(["done", "failed"]),
    note,
    boxes: z
      .array(outcome)
      .min(1, "name one box at least, or leave it out")
      .max(maxBoxes, `name ${maxBoxes} boxes at most`)
      .refine((boxes) => new Set(boxes.map(({ box }) => box)).size === boxes.length, "must name each box once")
      .exactOptional()
      .meta({ description: "The result at each box. The action waits for boxes that are not named yet." }),
    approval: z
      .int()
      .min(1)
      .exactOptional()
      .meta({ description: "The `number` of the order that this answers; 409 if there is a newer order." }),
  })
  .refine(({ state, boxes = [] }) => state === "failed" || boxes.every((one) => one.state === "done"), {
    path: ["state"],
    message: "must be failed if any box failed",
  })
  .refine(({ state, boxes }) => state === "done" || boxes?.every((one) => one.state === "done") !== true, {
    path: ["state"],
    message: "must be done if no box failed",
  })
  .meta({ id: "ActionReport" });

/**
 * A report in the form of the outbox. A read key may only report orders for the boxes that it is limited to, and photos
 * that a box asked for. Throws 403.
 */
export async function reportOf(
  action: ListedAction,
  body: z.output<typeof reportBody>,
  { caller, deps }: { caller: Caller; deps: ApiPorts },
): Promise<OrderReport> {
  if (caller.key?.scope === "read") requireOwn(action, caller.boxes);
  const { state, note, approval: number = null } = body;
  const isWhole = caller.boxes === null || (caller.account !== null && action.approval === null);
  const boxes = isWhole ? (body.boxes ?? null) : ownOutcomes(action, body);
  const isUnasked = boxes !== null && action.approval === null;
  return { state, note, boxes, number, automatic: isUnasked ? await subjectOf(action, deps) : null };
}

function requireOwn({ approval, wantAction }: ListedAction, boxes: Caller["boxes"]): void {
  if (boxes === null) {
    throw new GatepostError(
      "forbidden",
      "a read key of every box settles nothing; use one of scope settle, one limited to the boxes, or an admin key",
    );
  }
  if (approval === null && wantAction === "1001") {
    throw new GatepostError(
      "forbidden",
      "this action is not approved; a limited key settles actions that were approved for its boxes",
    );
  }
}

/**
 * What a limited key reports of its boxes. An answer without boxes is for its own boxes only, because its bridge knows
 * no others.
 */
function ownOutcomes({ approval, box }: ListedAction, { state, note, boxes }: z.output<typeof reportBody>) {
  const ownBoxes = approval?.boxes.map((one) => one.box) ?? [box];
  if (ownBoxes.length === 0)
    throw new GatepostError("conflict", "no box of this key has to do anything for this action");
  const other = boxes?.find((one) => !ownBoxes.includes(one.box));
  if (other !== undefined) {
    throw new GatepostError("conflict", `this key has no order for the box ${masked(other.box)}`);
  }
  return boxes ?? ownBoxes.map((one) => ({ box: one, state, reason: note }));
}
