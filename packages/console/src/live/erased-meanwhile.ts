import { forgetEvents, heldIds } from "../state/erased.ts";
import { address } from "../state/route.ts";
import { gatepost, session } from "../state/session.ts";

/** Most ids in one request. */
const atOnce = 200;

/**
 * Takes off what was erased while there was no connection: nobody was told of it. All that is shown or kept anywhere is
 * asked for, however old it is, and so is the event whose page is open.
 */
export async function forgetErasedMeanwhile(): Promise<void> {
  const asked = session.value;
  const { page, id } = address.peek();
  const held = [...new Set([...heldIds(), ...(page === "event" && id !== null ? [id] : [])])];
  for (let at = 0; at < held.length; at += atOnce) {
    const missing = new Set(await gatepost().missing(held.slice(at, at + atOnce)));
    // Somebody else may have signed in.
    if (asked !== session.value) return;
    if (missing.size > 0) forgetEvents((event) => missing.has(event.id));
  }
}
