import type { ActionOutbox } from "@gatepost/core/actions";
import { actionTransitions, parseActionId, type WantAction } from "@gatepost/protocol";
import { all, any, type Condition, equals } from "@gatepost/store";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { liveAt } from "../dynamo/item.ts";
import { actionShardFor } from "../dynamo/lists.ts";
import { reasonAttribute, stateAttributes } from "../events/action-attributes.ts";
import { laterChange } from "../events/action-history.ts";
import type { FeedWrites } from "../events/feed-writes.ts";
import { changeAttributes } from "../events/row.ts";

interface Deps {
  dynamo: Dynamo;
  feed: FeedWrites;
  clock(): number;
}

/** What becomes of a pending action when its announcement is tried: all that a function for reports needs of actions. */
export class AnnouncedActions implements Pick<ActionOutbox, "markAnnounced" | "withhold"> {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  markAnnounced(id: string): Promise<void> {
    return this.#change(id, "announced", null);
  }

  withhold(id: string, reason: string): Promise<void> {
    return this.#change(id, "withheld", reason);
  }

  async #change(id: string, state: "announced" | "withheld", reason: string | null): Promise<void> {
    const { dynamo, feed, clock } = this.#deps;
    const action = parseActionId(id);
    if (action === null) return;
    const { eventId, wantAction: want } = action;
    const now = clock();
    const set = {
      ...stateAttributes(eventId, want, { state, at: now }),
      ...(reason === null ? {} : reasonAttribute(want, reason)),
      ...laterChange(want, { state, reason, by: null }, now),
    };
    await feed.write((sequence) =>
      dynamo.update({
        pk: eventId,
        set: { ...set, ...changeAttributes(eventId, sequence) },
        remove: [`h_${want}`],
        when: mayBecome(state, { eventId, want, now }),
      }),
    );
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
