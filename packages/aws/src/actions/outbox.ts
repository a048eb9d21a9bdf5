import type { ActionOutbox, EnqueuedAction } from "@gatepost/core/actions";
import type { Log } from "@gatepost/core/log";
import {
  type ActionSettlement,
  actionTransitions,
  answerSettlement,
  isLeasable,
  leasedState,
  parseActionId,
  type SettleAnswer,
  settlementOf,
  type WantAction,
} from "@gatepost/protocol";
import { all, any, type Condition, type Entry, equals, type Item, not, timeText } from "@gatepost/store";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { isExpired, liveAt, numberOf, textOf } from "../dynamo/item.ts";
import { isFree, leaseEach } from "../dynamo/lease-each.ts";
import { actionShardFor, actionShardsOf } from "../dynamo/lists.ts";
import type { MonotonicClock } from "../dynamo/monotonic-clock.ts";
import { queryShards } from "../dynamo/query-shards.ts";
import { actionOf, reasonAttribute, stateAttributes, wantActions } from "../events/action-attributes.ts";
import { laterChange, pruneHistory } from "../events/action-history.ts";
import { changeAttributes, eventOf } from "../events/row.ts";

interface Deps {
  dynamo: Dynamo;
  monotonicClock: MonotonicClock;
  log: Log;
  clock(): number;
}

/** What becomes of a pending action when its announcement is tried: all that a function for reports needs of actions. */
export class AnnouncedActions implements Pick<ActionOutbox, "markAnnounced" | "withhold"> {
  readonly #deps: Omit<Deps, "log">;

  constructor(deps: Omit<Deps, "log">) {
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
function mayBecome(
  to: keyof typeof actionTransitions,
  { eventId, want, now }: { eventId: string; want: WantAction; now: number },
): Condition {
  const states = actionTransitions[to].map((from) => equals(`a_${want}`, actionShardFor(from, eventId)));
  return all(any(...states), liveAt(now));
}

export class DynamoActionOutbox extends AnnouncedActions implements ActionOutbox {
  readonly #dynamo: Dynamo;
  readonly #monotonicClock: MonotonicClock;
  readonly #log: Log;
  readonly #clock: () => number;

  constructor(deps: Deps) {
    super(deps);
    const { dynamo, monotonicClock, log, clock } = deps;
    this.#dynamo = dynamo;
    this.#monotonicClock = monotonicClock;
    this.#log = log;
    this.#clock = clock;
  }

  lease({ before, until, limit }: { before: number; until: number; limit: number }): Promise<EnqueuedAction[]> {
    const hashes = actionShardsOf(leasedState);
    const to = `${timeText(before)}~`;
    const shards = wantActions.flatMap((want) => hashes.map((hash) => ({ index: `actions${want}` as const, hash })));
    const pending = queryShards(this.#dynamo, { shards, to, order: "ascending" });
    const take = (group: readonly Entry[]) => this.#take(group, { before, until });
    return leaseEach(pending, limit, { what: "action", log: this.#log, take });
  }

  async settle(
    id: string,
    state: ActionSettlement["state"],
    note: string | null,
    by: string | null = null,
  ): Promise<SettleAnswer> {
    const action = parseActionId(id);
    if (action === null) return "unknown";
    const { eventId, wantAction: want } = action;
    const said = settlementOf(state, note);
    const now = this.#clock();
    const history = laterChange(want, { ...said, by }, now);
    const isSaid = all(
      equals(`a_${want}`, actionShardFor(state, eventId)),
      equals(`n_${want}`, JSON.stringify(said.reason)),
    );
    const { applied, previous } = await this.#dynamo.update({
      pk: eventId,
      set: {
        ...stateAttributes(eventId, want, { state, at: now }),
        ...reasonAttribute(want, said.reason),
        ...history,
        ...changeAttributes(eventId, this.#monotonicClock.next()),
      },
      remove: [`h_${want}`],
      when: all(mayBecome(state, { eventId, want, now }), not(isSaid)),
    });
    const tooLong = applied ? pruneHistory({ ...previous, ...history }, want) : null;
    if (tooLong !== null) await this.#dynamo.update(tooLong);
    if (applied) return "settled";
    const held = previous === null || isExpired(previous, now) ? null : actionOf(previous, want);
    return answerSettlement(held, said).answer;
  }

  /** Leases the pending actions of a group that have no lease. */
  async #take(group: readonly Entry[], lease: { before: number; until: number }) {
    const rows = await this.#dynamo.getAll(group.map(({ pk }) => pk));
    const tries = group.map(({ pk, at }) => {
      const row = rows.get(pk);
      const want = wantActions.find((one) => row?.[`t_${one}`] === at);
      return row === undefined || want === undefined ? null : this.#hold(row, want, lease);
    });
    return Promise.allSettled(tries);
  }

  async #hold(row: Item, want: WantAction, lease: { before: number; until: number }): Promise<EnqueuedAction | null> {
    const now = this.#clock();
    const [eventId, held] = [textOf(row, "pk"), `h_${want}`];
    const found = isExpired(row, now) ? null : actionOf(row, want);
    const heldUntil = row[held] === undefined ? 0 : numberOf(row, held);
    if (found === null || !isLeasable({ ...found, heldUntil }, { before: lease.before, now })) return null;
    const { applied, previous } = await this.#dynamo.update({
      pk: eventId,
      set: { [held]: lease.until },
      when: all(equals(`a_${want}`, actionShardFor(leasedState, eventId)), isFree(held, now)),
    });
    const action = applied && previous !== null ? actionOf(previous, want) : null;
    return previous === null || action === null ? null : { action, event: eventOf(previous) };
  }
}
