import { GatepostError } from "@gatepost/core/errors";
import { actionDeclined, declineReasons, merge } from "@gatepost/protocol";
import * as z from "zod";
import { actingName, shownEvents } from "../access/actors.ts";
import type { Caller } from "../access/caller.ts";
import { writtenText } from "../names.ts";
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
export const declineBody = z.strictObject({
  state: z.literal("declined"),
  reason: z.enum(declineReasons).nullable().default(null),
  note: noteText,
});

/** The body by which that is taken back. */
export const reopenBody = z.strictObject({ state: z.literal("open") });

type Decision = z.output<typeof declineBody> | z.output<typeof reopenBody>;

/**
 * Declines an action and notifies subscribers, or takes that back. If the bus does not take the entry, the answer is 503,
 * and the same request puts it there again. Throws 403, 404 and 409.
 */
export async function decide(id: string, body: Decision, { caller, deps }: { caller: Caller; deps: ApiPorts }) {
  if (caller.key !== null && !caller.isAdministrator) {
    throw new GatepostError("forbidden", `a ${caller.key.scope} key declines nothing; sign in, or use an admin key`);
  }
  const event = await deps.actionReader.eventOf(id);
  if (event === null) throw new GatepostError("not-found", "there is no such action");
  const { reason = null, note = null } = body.state === "open" ? {} : body;
  const order =
    body.state === "open"
      ? ({ kind: "reopen" } as const)
      : ({ kind: "decline", reason, note, person: merge(event).person.id } as const);
  const outcome = await deps.orders.order(id, order, caller.id);
  if (outcome.answer === "unknown") throw new GatepostError("not-found", "there is no such action");
  if (outcome.answer === "refused") throw new GatepostError("conflict", outcome.reason);
  if (order.kind === "decline") await tellDeclined(id, deps);
}

/** Puts on the bus that an action is declined. Nothing is told if that was taken back meanwhile. */
async function tellDeclined(id: string, deps: ApiPorts): Promise<void> {
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
