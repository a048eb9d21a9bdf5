import { GatepostError } from "@gatepost/core/errors";
import { type ActionOrder, actionDeclined, declineReasons, merge } from "@gatepost/protocol";
import * as z from "zod";
import { actingName, shownEvents } from "../access/actors.ts";
import type { Caller } from "../access/caller.ts";
import { writtenText } from "../names.ts";
import { sentObject } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";
import { findAction } from "./answer.ts";

/** Characters of a note, at most. */
const maxNote = 500;

/** What a person writes beside a decision. */
export const noteText = writtenText(0, maxNote)
  .transform((text) => (text === "" ? null : text))
  .nullable()
  .default(null);

/** The body by which a person declines an action. */
export const declineBody = sentObject("ActionDecline", {
  state: z.literal("declined"),
  reason: z.enum(declineReasons).nullable().default(null),
  note: noteText,
});

/** The body by which that is taken back. */
export const reopenBody = sentObject("ActionReopening", { state: z.literal("open") });

type Decision = z.output<typeof declineBody> | z.output<typeof reopenBody>;

/**
 * Declines an action and notifies subscribers, or takes that back. If the bus does not take the entry, the answer is 503,
 * and the same request puts it there again. Throws 403, 404 and 409.
 */
export async function decide(id: string, body: Decision, { caller, deps }: { caller: Caller; deps: ApiPorts }) {
  if (caller.key !== null && !caller.isAdministrator) {
    throw new GatepostError("forbidden", `a ${caller.key.scope} key declines nothing; sign in, or use an admin key`);
  }
  if (body.state === "declined") return declineFor(id, body, caller.id, deps);
  // Through the reader of the caller: an action of a box that the caller does not see is none.
  await findAction(id, deps);
  await takenOrder(id, { kind: "reopen" }, caller.id, deps);
}

type DeclineDeps = Pick<
  ApiPorts,
  "actionReader" | "orders" | "bus" | "announcesEvents" | "boxes" | "seen" | "accounts" | "keyAdmin"
>;

/** Declines an action for the account or key `by`, and notifies subscribers. Throws 404, 409 and 503 as `decide`. */
export async function declineFor(
  id: string,
  { reason, note }: Pick<z.output<typeof declineBody>, "reason" | "note">,
  by: string,
  deps: DeclineDeps,
): Promise<void> {
  const event = await deps.actionReader.eventOf(id);
  if (event === null) throw new GatepostError("not-found", "there is no such action");
  await takenOrder(id, { kind: "decline", reason, note, person: merge(event).person.id }, by, deps);
  await tellDeclined(id, deps);
}

async function takenOrder(id: string, order: ActionOrder, by: string, { orders }: Pick<ApiPorts, "orders">) {
  const outcome = await orders.order(id, order, by);
  if (outcome.answer === "unknown") throw new GatepostError("not-found", "there is no such action");
  if (outcome.answer === "refused") throw new GatepostError("conflict", outcome.reason);
}

/** Puts on the bus that an action is declined. Nothing is told if that was taken back meanwhile. */
async function tellDeclined(id: string, deps: DeclineDeps): Promise<void> {
  const action = await findAction(id, deps);
  const { decline } = action;
  if (decline === null) return;
  const stored = deps.announcesEvents ? await deps.actionReader.eventOf(id) : null;
  const [event = null] = stored === null ? [] : await shownEvents([stored], deps);
  try {
    await deps.bus.put(actionDeclined({ action, decline, by: await actingName(decline.by, deps) }, event));
  } catch (cause) {
    throw new GatepostError(
      "unavailable",
      "it is declined, but the bus did not take the announcement; send the same again",
      { cause, retryAfter: 5 },
    );
  }
}
