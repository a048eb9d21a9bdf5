import type { ActionLedger, ArmedAction } from "@gatepost/ingest";
import { type EventAction, parseActionId, type WantAction } from "@gatepost/protocol";
import { actionOf, reasonAttribute, standing, wantActions } from "../events/action-attributes.ts";
import { changing } from "../events/change-attributes.ts";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { eventOf } from "../events/row.ts";
import { isExpired, ttlOver } from "../dynamo/expiry.ts";
import type { Moments } from "../dynamo/monotonic-clock.ts";
import { actionShardFor, actionShardsOf, timeText } from "../dynamo/index-keys.ts";
import type { Row } from "../dynamo/item.ts";
import { inGroups, type Place, walk } from "../dynamo/query-shards.ts";

type Settled = Awaited<ReturnType<ActionLedger["settle"]>>;

/** Candidates that a sweep reads and tries to take at the same time. */
const atOnce = 25;

/** Characters of a note, at four bytes each at most: a row is bounded, whoever settles. */
const longestNote = 2048;

/** The states from which a subscriber may say so. */
const settledFrom = {
  done: ["pending", "announced", "failed", "done"],
  failed: ["pending", "announced", "failed"],
} as const;

export class DynamoActionLedger implements ActionLedger {
  readonly #dynamo: Dynamo;
  readonly #moments: Moments;
  readonly #clock: () => number;

  constructor(dynamo: Dynamo, moments: Moments, clock: () => number) {
    this.#dynamo = dynamo;
    this.#moments = moments;
    this.#clock = clock;
  }

  async markAnnounced(id: string): Promise<void> {
    const action = parseActionId(id);
    if (action === null) return;
    const { eventId, wantAction } = action;
    await this.#dynamo.change({
      pk: eventId,
      set: {
        ...standing(eventId, wantAction, { state: "announced", at: this.#clock() }),
        ...changing(eventId, this.#moments.next()),
      },
      remove: [`h_${wantAction}`],
      condition: `#a_${wantAction} = :pending`,
      values: { pending: actionShardFor("pending", eventId) },
    });
  }

  async lease({ before, until, limit }: { before: number; until: number; limit: number }): Promise<ArmedAction[]> {
    const hashes = actionShardsOf("pending");
    const to = `${timeText(before)}~`;
    const lanes = wantActions.flatMap((want) => hashes.map((hash) => ({ index: `actions${want}` as const, hash })));
    const pending = walk(this.#dynamo, { lanes, to, order: "ascending" });
    const taken: ArmedAction[] = [];
    for await (const group of inGroups(pending, () => Math.min(atOnce, limit - taken.length))) {
      taken.push(...(await this.#take(group, until)));
      if (taken.length >= limit) break;
    }
    return taken;
  }

  async settle(id: string, state: "done" | "failed", note: string | null): Promise<Settled> {
    const action = parseActionId(id);
    if (action === null) return "unknown";
    const { eventId, wantAction: want } = action;
    const reason = note?.slice(0, longestNote) ?? null;
    const now = this.#clock();
    const { done, before } = await this.#dynamo.change({
      pk: eventId,
      set: {
        ...standing(eventId, want, { state, at: now }),
        ...reasonAttribute(want, reason),
        ...changing(eventId, this.#moments.next()),
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
    if (done) return "settled";
    const held = before === null || isExpired(before, now) ? null : actionOf(before, want);
    return held === null ? "unknown" : isSaid(held, { state, reason }) ? "settled" : "refused";
  }

  /** Takes those of the pending actions that nobody holds. */
  async #take(group: readonly Place[], until: number): Promise<ArmedAction[]> {
    const rows = await this.#dynamo.getAll(group.map(({ pk }) => pk));
    const tries = group.map(({ pk, at }) => {
      const row = rows.get(pk);
      const want = wantActions.find((one) => row?.[`t_${one}`] === at);
      return row === undefined || want === undefined ? null : this.#hold(row, want, until);
    });
    return (await Promise.all(tries)).flatMap((taken) => taken ?? []);
  }

  async #hold(row: Row, wantAction: WantAction, until: number): Promise<ArmedAction | null> {
    const now = this.#clock();
    const [eventId, held] = [String(row["pk"]), `h_${wantAction}`];
    if (isExpired(row, now) || Number(row[held] ?? 0) > now) return null;
    const { done, before } = await this.#dynamo.change({
      pk: eventId,
      set: { [held]: until },
      condition: `#a_${wantAction} = :pending AND (attribute_not_exists(#${held}) OR #${held} <= :now)`,
      values: { pending: actionShardFor("pending", eventId), now },
    });
    const action = done && before !== null ? actionOf(before, wantAction) : null;
    return before === null || action === null ? null : { action, event: eventOf(before) };
  }
}

function isSaid(held: EventAction, said: Pick<EventAction, "state" | "reason">): boolean {
  return held.state === said.state && held.reason === said.reason;
}
