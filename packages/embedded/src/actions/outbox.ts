import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ActionOrders, ActionOutbox, EnqueuedAction, UntoldActions } from "@gatepost/core/actions";
import type { Page, PageRequest } from "@gatepost/core/lists";
import type { Log } from "@gatepost/core/log";
import {
  type ActionOrder,
  type ActionSettlement,
  type ActionState,
  answerSettlement,
  applyOrder,
  approvalSchema,
  declineSchema,
  instant,
  leasedState,
  mayBecome,
  type OrderAnswer,
  type OrderedChange,
  type SettleAnswer,
  settlementOf,
  toStoredJson,
} from "@gatepost/protocol";
import type { Writer } from "@gatepost/sqlite";
import { cursorValues } from "../db/page.ts";
import { ActionHistory } from "../events/action-history.ts";
import { type EventRows, type HeldAction, heldActionOf } from "../events/row.ts";
import type { Sequence } from "../events/sequence.ts";
import { readLeased, unbroken } from "../events/unbroken.ts";

interface Deps {
  rows: EventRows;
  sequence: Sequence;
  log: Log;
  clock(): number;
  /** The believed time, ms since 1970: an event that expires later is there. */
  believed(): number;
}

export class SqliteActionOutbox implements ActionOutbox, UntoldActions, ActionOrders {
  readonly #writer: Writer;
  readonly #rows: EventRows;
  readonly #sequence: Sequence;
  readonly #history: ActionHistory;
  readonly #log: Log;
  readonly #clock: () => number;
  readonly #believed: () => number;
  readonly #lease: StatementSync;
  readonly #get: StatementSync;
  readonly #setState: StatementSync;
  readonly #setApproval: StatementSync;
  readonly #setDecline: StatementSync;
  readonly #setTold: StatementSync;
  readonly #untold: StatementSync;

  constructor(database: DatabaseSync, writer: Writer, { rows, sequence, log, clock, believed }: Deps) {
    this.#writer = writer;
    this.#rows = rows;
    this.#sequence = sequence;
    this.#history = new ActionHistory(database);
    this.#log = log;
    this.#clock = clock;
    this.#believed = believed;
    const pendingWhere = (when: string) =>
      `SELECT actions.id FROM actions JOIN events ON events.id = event_id
       WHERE state = '${leasedState}' AND ${when} AND (held_until <= :now OR held_until > :latestLease)
         AND expires_at > :believed ORDER BY at LIMIT :limit`;
    // Actions that are dated ahead were made before the clock was set back, so they go first.
    this.#lease = database.prepare(
      `UPDATE actions SET held_until = :until WHERE id IN
         (SELECT id FROM (${pendingWhere("at >= :ahead")}) UNION ALL SELECT id FROM (${pendingWhere("at <= :before")})
          LIMIT :limit)
       RETURNING *`,
    );
    this.#get = database.prepare(
      "SELECT actions.* FROM actions JOIN events ON events.id = event_id WHERE actions.id = ? AND expires_at > ?",
    );
    this.#setState = database.prepare("UPDATE actions SET state = ?, reason = ?, at = ? WHERE id = ?");
    this.#setTold = database.prepare("UPDATE actions SET is_told = 1 WHERE id = ?");
    const untoldIn = (state: ActionState) =>
      `SELECT * FROM (SELECT actions.* FROM actions JOIN events ON events.id = event_id
         WHERE state = '${state}' AND is_told = 0 AND (at, actions.id) > (:at, :id) AND expires_at > :believed
         ORDER BY at, actions.id LIMIT :limit)`;
    this.#untold = database.prepare(
      `${untoldIn("announced")} UNION ALL ${untoldIn("pending")} ORDER BY at, id LIMIT :limit`,
    );
    this.#setDecline = database.prepare("UPDATE actions SET decline = ? WHERE id = ?");
    this.#setApproval = database.prepare("UPDATE actions SET approval = ?, is_ordered = ? WHERE id = ?");
  }

  markAnnounced(actionId: string, isTold: boolean): Promise<void> {
    return this.#writer.run(() => {
      if (isTold) this.#setTold.run(actionId);
      this.#change(actionId, { state: "announced" });
    });
  }

  withhold(actionId: string, reason: string): Promise<void> {
    return this.#writer.run(() => this.#change(actionId, { state: "withheld", reason }));
  }

  async untold(
    { since }: Parameters<UntoldActions["untold"]>[0],
    { limit, cursor }: PageRequest,
  ): Promise<Page<EnqueuedAction>> {
    const [at, id] = cursor === null ? [since, ""] : cursorValues(cursor);
    const rows = this.#untold.all({ at, id, believed: this.#believed(), limit });
    const items = rows.flatMap((row) => {
      const read = readLeased(() => this.#enqueued(row));
      if ("one" in read) return read.one;
      this.#log.error("waiting action not read", { cause: read.cause });
      return [];
    });
    const last = rows.length < limit ? undefined : rows.at(-1);
    return { items, next: last === undefined ? null : `${last["at"]} ${last["id"]}` };
  }

  /**
   * If the clock was set back, actions and leases are dated ahead of it. An action that is dated ahead by as long as an
   * action has to wait counts as having waited. A lease that ends later than twice its length from now counts as over.
   * After a smaller step back, the clock soon reaches these times by itself.
   */
  async lease({ before, until, limit }: { before: number; until: number; limit: number }): Promise<EnqueuedAction[]> {
    const leased = await this.#writer.run(() => {
      const now = this.#clock();
      const [ahead, latestLease] = [2 * now - before, 2 * until - now];
      return this.#lease
        .all({ before, until, limit, now, ahead, latestLease, believed: this.#believed() })
        .map((row) => readLeased(() => this.#enqueued(row)));
    });
    return unbroken(leased, "action", this.#log);
  }

  #enqueued(row: Record<string, unknown>): EnqueuedAction {
    const { action, eventId } = heldActionOf(row);
    const event = this.#rows.read(eventId);
    if (event === null) throw new Error(`action ${action.id} has no event`);
    return { action, event };
  }

  settle(
    actionId: string,
    state: ActionSettlement["state"],
    note: string | null,
    by: string | null = null,
  ): Promise<SettleAnswer> {
    const said = settlementOf(state, note);
    return this.#writer.run(() => {
      const held = this.#find(actionId);
      const { answer, isNews } = answerSettlement(held?.action ?? null, said);
      if (held !== null && isNews) this.#set(held, { ...said, by });
      return answer;
    });
  }

  order(actionId: string, order: ActionOrder, by: string): Promise<OrderAnswer> {
    return this.#writer.run(() => {
      const found = this.#find(actionId);
      const held = found === null ? null : { ...found.action, approval: found.approval, decline: found.decline };
      const { answer, next } = applyOrder(held, order, { by, at: instant(this.#clock()) });
      if (found !== null && next !== null) this.#setOrdered(found, next);
      return answer;
    });
  }

  #change(actionId: string, change: { state: "announced" } | { state: "withheld"; reason: string }): void {
    const held = this.#find(actionId);
    if (held !== null && mayBecome(held.action.state, change.state))
      this.#set(held, { ...held.action, ...change, by: null });
  }

  /** Finds an action whose event has not expired. */
  #find(actionId: string): HeldAction | null {
    const row = this.#get.get(actionId, this.#believed());
    return row === undefined ? null : heldActionOf(row);
  }

  #setOrdered(found: HeldAction, { state, reason, at, approval, decline, change }: OrderedChange): void {
    const { id } = found.action;
    if (decline !== found.decline) {
      this.#setDecline.run(decline && toStoredJson(declineSchema, decline, `action ${id}`), id);
    }
    if (approval !== null) {
      const stored = toStoredJson(approvalSchema, approval, `action ${id}`);
      this.#setApproval.run(stored, Number(approval.isOpen), id);
    }
    this.#set(found, change, { is: { state, reason }, at: Date.parse(at) });
  }

  /**
   * @param is the action after the change, if that is more than the history needs
   * @param at the time of its place in the lists, ms
   */
  #set(
    { action, eventId }: Pick<HeldAction, "action" | "eventId">,
    change: Parameters<ActionHistory["add"]>[1],
    { is = change, at }: { is?: Pick<typeof change, "state" | "reason">; at?: number } = {},
  ): void {
    const now = this.#clock();
    this.#setState.run(is.state, is.reason, at ?? now, action.id);
    this.#history.add(action.id, change, now);
    this.#sequence.raise(eventId);
  }
}
