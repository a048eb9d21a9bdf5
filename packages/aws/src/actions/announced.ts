import type { ActionOutbox } from "@gatepost/core/actions";
import { actionTransitions, parseActionId, type WantAction } from "@gatepost/protocol";
import { all, any, type Condition, equals } from "@gatepost/store";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { liveAt } from "../dynamo/expiry.ts";
import { actionShardFor } from "../dynamo/index-keys.ts";
import type { MonotonicClock } from "../dynamo/monotonic-clock.ts";
import { reasonAttribute, stateAttributes } from "../events/action-attributes.ts";
import { laterChange } from "../events/action-history.ts";
import { changeAttributes } from "../events/row.ts";

interface Deps {
  dynamo: Dynamo;
  monotonicClock: MonotonicClock;
  clock(): number;
}

/** What becomes of a pending action when its announcement is tried: all that a function for reports needs of actions. */
export class AnnouncedActions implements Pick<ActionOutbox, "markAnnounced" | "withhold"> {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  markAnnounced(id: string): Promise<void> {
    return this.#change(id, { state: "announced" });
  }

  withhold(id: string, reason: string): Promise<void> {
    return this.#change(id, { state: "withheld", reason });
  }

  async #change(
    id: string,
    { state, ...why }: { state: "announced" } | { state: "withheld"; reason: string },
  ): Promise<void> {
    const { dynamo, monotonicClock, clock } = this.#deps;
    const action = parseActionId(id);
    if (action === null) return;
    const { eventId, wantAction: want } = action;
    const now = clock();
    await dynamo.update({
      pk: eventId,
      set: {
        ...stateAttributes(eventId, want, { state, at: now }),
        ...("reason" in why ? reasonAttribute(want, why.reason) : {}),
        ...laterChange(want, { state, reason: "reason" in why ? why.reason : null, by: null }, now),
        ...changeAttributes(eventId, monotonicClock.next()),
      },
      remove: [`h_${want}`],
      when: mayBecome(state, { eventId, want, now }),
    });
  }
}

/**
 * The condition for a new state: the event has not expired, and the action is in a state that may be followed by it.
 */
export function mayBecome(
  to: keyof typeof actionTransitions,
  { eventId, want, now }: { eventId: string; want: WantAction; now: number },
): Condition {
  const states = actionTransitions[to].map((from) => equals(`a_${want}`, actionShardFor(from, eventId)));
  return all(any(...states), liveAt(now));
}
