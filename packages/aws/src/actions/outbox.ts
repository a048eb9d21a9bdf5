import type { ActionOutbox, EnqueuedAction } from "@gatepost/ingest";
import { type EventAction, parseActionId, type WantAction } from "@gatepost/protocol";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { isExpired, ttlOver } from "../dynamo/expiry.ts";
import { actionShardFor, actionShardsOf, timeText } from "../dynamo/index-keys.ts";
import type { Item } from "../dynamo/item.ts";
import type { MonotonicClock } from "../dynamo/monotonic-clock.ts";
import { chunk, type IndexEntry, queryShards } from "../dynamo/query-shards.ts";
import { actionOf, reasonAttribute, stateAttributes, wantActions } from "../events/action-attributes.ts";
import { changeAttributes } from "../events/change-attributes.ts";
import { eventOf } from "../events/row.ts";

type Settled = Awaited<ReturnType<ActionOutbox["settle"]>>;

/** Candidates that a sweep reads and tries to take at the same time. */
const batchSize = 25;

/** Characters of a note, at four bytes each at most: a row is bounded, whoever settles. */
const maxNoteLength = 2048;

/** The states from which a subscriber may say so. */
const settledFrom = {
  done: ["pending", "announced", "failed", "done"],
  failed: ["pending", "announced", "failed"],
} as const;

export class DynamoActionOutbox implements ActionOutbox {
  readonly #dynamo: Dynamo;
  readonly #moments: MonotonicClock;
  readonly #clock: () => number;

  constructor(dynamo: Dynamo, moments: MonotonicClock, clock: () => number) {
    this.#dynamo = dynamo;
    this.#moments = moments;
    this.#clock = clock;
  }

  async markAnnounced(id: string): Promise<void> {
    const action = parseActionId(id);
    if (action === null) return;
    const { eventId, wantAction } = action;
    await this.#dynamo.update({
      pk: eventId,
      set: {
        ...stateAttributes(eventId, wantAction, { state: "announced", at: this.#clock() }),
        ...changeAttributes(eventId, this.#moments.next()),
      },
      remove: [`h_${wantAction}`],
      condition: `#a_${wantAction} = :pending`,
      values: { pending: actionShardFor("pending", eventId) },
    });
  }

  async lease({ before, until, limit }: { before: number; until: number; limit: number }): Promise<EnqueuedAction[]> {
    const hashes = actionShardsOf("pending");
    const to = `${timeText(before)}~`;
    const shards = wantActions.flatMap((want) => hashes.map((hash) => ({ index: `actions${want}` as const, hash })));
    const pending = queryShards(this.#dynamo, { shards, to, order: "ascending" });
    const taken: EnqueuedAction[] = [];
    for await (const group of chunk(pending, () => Math.min(batchSize, limit - taken.length))) {
      taken.push(...(await this.#take(group, until)));
      if (taken.length >= limit) break;
    }
    return taken;
  }

  async settle(id: string, state: "done" | "failed", note: string | null): Promise<Settled> {
    const action = parseActionId(id);
    if (action === null) return "unknown";
    const { eventId, wantAction: want } = action;
    const reason = note?.slice(0, maxNoteLength) ?? null;
    const now = this.#clock();
    const { applied, previous } = await this.#dynamo.update({
      pk: eventId,
      set: {
        ...stateAttributes(eventId, want, { state, at: now }),
        ...reasonAttribute(want, reason),
        ...changeAttributes(eventId, this.#moments.next()),
      },
      remove: [`h_${want}`],
      condition: [
        `#a_${want} IN (${settledFrom[state].map((from) => `:${from}`).join(", ")})`,
        "#ttl > :now",
        `NOT (#a_${want} = :${state} AND #n_${want} = :reason)`,
      ].join(" AND "),
      values: {
        ...Object.fromEntries(settledFrom[state].map((from) => [from, actionShardFor(from, eventId)])),
        now: ttlOver(now),
        reason: JSON.stringify(reason),
      },
    });
    if (applied) return "settled";
    const held = previous === null || isExpired(previous, now) ? null : actionOf(previous, want);
    return held === null ? "unknown" : isSaid(held, { state, reason }) ? "settled" : "refused";
  }

  /** Takes those of the pending actions that nobody holds. */
  async #take(group: readonly IndexEntry[], until: number): Promise<EnqueuedAction[]> {
    const rows = await this.#dynamo.getAll(group.map(({ pk }) => pk));
    const tries = group.map(({ pk, at }) => {
      const row = rows.get(pk);
      const want = wantActions.find((one) => row?.[`t_${one}`] === at);
      return row === undefined || want === undefined ? null : this.#hold(row, want, until);
    });
    return (await Promise.all(tries)).flatMap((taken) => taken ?? []);
  }

  async #hold(row: Item, wantAction: WantAction, until: number): Promise<EnqueuedAction | null> {
    const now = this.#clock();
    const [eventId, held] = [String(row["pk"]), `h_${wantAction}`];
    if (isExpired(row, now) || Number(row[held] ?? 0) > now) return null;
    const { applied, previous } = await this.#dynamo.update({
      pk: eventId,
      set: { [held]: until },
      condition: `#a_${wantAction} = :pending AND (attribute_not_exists(#${held}) OR #${held} <= :now)`,
      values: { pending: actionShardFor("pending", eventId), now },
    });
    const action = applied && previous !== null ? actionOf(previous, wantAction) : null;
    return previous === null || action === null ? null : { action, event: eventOf(previous) };
  }
}

function isSaid(held: EventAction, said: Pick<EventAction, "state" | "reason">): boolean {
  return held.state === said.state && held.reason === said.reason;
}
