import type { ActionOrders } from "@gatepost/core/actions";
import {
  type ActionOrder,
  applyOrder,
  instant,
  leasedState,
  type OrderAnswer,
  type OrderedChange,
  parseActionId,
  type WantAction,
} from "@gatepost/protocol";
import { all, asRead, type Item } from "@gatepost/store";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { isExpired, liveAt, textOf } from "../dynamo/item.ts";
import {
  actionOf,
  approvalOf,
  declineAttribute,
  declineAttributes,
  declineOf,
  orderAttribute,
  orderAttributes,
  reasonAttribute,
  stateAttributes,
} from "../events/action-attributes.ts";
import { laterChange, pruneHistory } from "../events/action-history.ts";
import type { FeedWrites } from "../events/feed-writes.ts";
import { changeAttributes } from "../events/row.ts";

/** A try fails only if the action changes between two calls. That does not happen so often in a row by chance. */
const orderTries = 8;

interface Deps {
  dynamo: Dynamo;
  feed: FeedWrites;
  clock(): number;
}

/** Decisions of people about actions, and reports of boxes about these. */
export class DynamoActionOrders implements ActionOrders {
  readonly #dynamo: Dynamo;
  readonly #feed: FeedWrites;
  readonly #clock: () => number;

  constructor({ dynamo, feed, clock }: Deps) {
    this.#dynamo = dynamo;
    this.#feed = feed;
    this.#clock = clock;
  }

  async order(id: string, order: ActionOrder, by: string): Promise<OrderAnswer> {
    const action = parseActionId(id);
    if (action === null) return { answer: "unknown" };
    const { eventId, wantAction: want } = action;
    for (let tried = 0; tried < orderTries; tried++) {
      const now = this.#clock();
      const row = await this.#dynamo.get(eventId);
      const found = row === null || isExpired(row, now) ? null : actionOf(row, want);
      const held =
        row === null || found === null
          ? null
          : { ...found, approval: approvalOf(row, want), decline: declineOf(row, want) };
      const { answer, next } = applyOrder(held, order, { by, at: instant(now) });
      if (row === null || next === null || (await this.#setOrdered(row, want, next, now))) return answer;
    }
    throw new Error("the action was changed by others between all tries to write an order");
  }

  /** Writes what an order makes of an action. Returns false if the action has changed since its row was read. */
  async #setOrdered(row: Item, want: WantAction, next: OrderedChange, now: number): Promise<boolean> {
    const eventId = textOf(row, "pk");
    const { state, reason, at, approval, decline, change } = next;
    const order = approval === null ? { set: {}, remove: [] } : orderAttributes(eventId, want, approval);
    const declined = declineAttributes(eventId, want, decline);
    const history = laterChange(want, change, now);
    const set = {
      ...stateAttributes(eventId, want, { state, at: Date.parse(at) }),
      ...reasonAttribute(want, reason),
      ...order.set,
      ...declined.set,
      ...history,
    };
    const { applied, previous } = await this.#feed.write((sequence) =>
      this.#dynamo.update({
        pk: eventId,
        set: { ...set, ...changeAttributes(eventId, sequence) },
        remove: [...(state === leasedState ? [] : [`h_${want}`]), ...order.remove, ...declined.remove],
        when: all(
          asRead(row, [`a_${want}`, `t_${want}`, `n_${want}`, orderAttribute(want), declineAttribute(want)]),
          liveAt(now),
        ),
      }),
    );
    const tooLong = applied ? pruneHistory({ ...previous, ...history }, want) : null;
    if (tooLong !== null) await this.#dynamo.update(tooLong);
    return applied;
  }
}
