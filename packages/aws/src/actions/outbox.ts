import type { ActionOutbox, EnqueuedAction } from "@gatepost/core/actions";
import type { Log } from "@gatepost/core/log";
import {
  type ActionSettlement,
  answerSettlement,
  isLeasable,
  leasedState,
  parseActionId,
  type SettleAnswer,
  settlementOf,
  type WantAction,
  wantActions,
} from "@gatepost/protocol";
import { all, type Entry, equals, type Item, not, timeText } from "@gatepost/store";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { isExpired, numberOf, textOf } from "../dynamo/item.ts";
import { isFree, leaseEach } from "../dynamo/lease-each.ts";
import { actionShardFor, actionShardsOf } from "../dynamo/lists.ts";
import { queryShards } from "../dynamo/query-shards.ts";
import { actionOf, reasonAttribute, stateAttributes } from "../events/action-attributes.ts";
import { laterChange, pruneHistory } from "../events/action-history.ts";
import type { FeedWrites } from "../events/feed-writes.ts";
import { changeAttributes, eventOf } from "../events/row.ts";
import { AnnouncedActions, mayBecome } from "./announced.ts";

interface Deps {
  dynamo: Dynamo;
  feed: FeedWrites;
  log: Log;
  clock(): number;
}

export class DynamoActionOutbox extends AnnouncedActions implements ActionOutbox {
  readonly #dynamo: Dynamo;
  readonly #feed: FeedWrites;
  readonly #log: Log;
  readonly #clock: () => number;

  constructor(deps: Deps) {
    super(deps);
    const { dynamo, feed, log, clock } = deps;
    this.#dynamo = dynamo;
    this.#feed = feed;
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
    const set = {
      ...stateAttributes(eventId, want, { state, at: now }),
      ...reasonAttribute(want, said.reason),
      ...history,
    };
    const { applied, previous } = await this.#feed.write((sequence) =>
      this.#dynamo.update({
        pk: eventId,
        set: { ...set, ...changeAttributes(eventId, sequence) },
        remove: [`h_${want}`],
        when: all(mayBecome(state, { eventId, want, now }), not(isSaid)),
      }),
    );
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
