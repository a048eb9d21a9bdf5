import type { Announcement } from "../aws/announcement.ts";
import type { TakenEntry } from "../aws/bus-client.ts";
import { Broken } from "./broken.ts";
import type { Case } from "./case.ts";
import { liveEvents, liveRow } from "./live.ts";
import type { RunState } from "./state.ts";

/** ms in which one process only announces something: it waits, and is leased, for a minute. */
const leasedMs = 50_000;

/** ms that an announcement may be on its way while the state changes. */
const onTheWayMs = 5000;

/** The promises for all entries on the bus. */
export function checkAnnouncements(run: RunState): void {
  if (run.one.announcesEvents) checkAllRecorded(run);
  else if (run.world.recorded.length > 0) throw new Broken("an event was announced although events are not announced");
  const { world, model, one } = run;
  // Erased or expired events may be sent again, and are announced again then.
  if (model.hasErasures || one.steps.some((step) => step.do === "remove-expired")) return;
  for (const [id, all] of Map.groupBy(world.announced, ({ actionId }) => actionId)) {
    checkCalls({ what: "an action", id, all }, one);
    for (const entry of all) checkState(entry);
  }
  for (const [id, all] of Map.groupBy(world.recorded, ({ eventId }) => eventId)) {
    checkCalls({ what: "an event", id, all }, one);
  }
}

/** Each event that is there was announced, and does not wait for that any more. */
function checkAllRecorded({ world }: RunState): void {
  const recorded = new Set(world.recorded.map(({ eventId }) => eventId));
  for (const { id } of liveEvents(world)) {
    if (!recorded.has(id)) throw new Broken(`an event was never announced: ${id}`);
    if (liveRow(world, id)?.["awaited"] !== undefined) throw new Broken(`an event still waits for the bus: ${id}`);
  }
}

interface Told {
  what: "an action" | "an event";
  id: string;
  all: readonly TakenEntry[];
}

/** The announcing processes: one at a time, and without faults only the process that stored it. */
function checkCalls({ what, id, all }: Told, { troubles, skewMs }: Case): void {
  const calls = [...new Map(all.map((entry) => [entry.call, entry])).values()];
  for (const [index, { at, call }] of calls.entries()) {
    const before = calls[index - 1];
    if (before !== undefined && at - before.at < leasedMs - skewMs) {
      throw new Broken(`two processes announced ${what} at the same time: ${id}`);
    }
    if (troubles.length === 0 && call.startsWith("sweep")) {
      throw new Broken(`${what} waited for the sweep without a fault: ${id}`);
    }
  }
}

function checkState({ actionId, state, stateForMs }: Announcement): void {
  if (state !== "pending" && stateForMs > onTheWayMs) {
    throw new Broken(`an action was announced that is ${state}: ${actionId}`);
  }
}
