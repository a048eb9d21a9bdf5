import type { ActionOutbox, ListedAction, UntoldActions } from "@gatepost/core/actions";
import type { BoxCounts, DeviceReader } from "@gatepost/core/boxes";
import { GatepostError } from "@gatepost/core/errors";
import {
  type Change,
  type ChangeFeed,
  type ChangePage,
  type EventFilter,
  type EventIndex,
  type EventOutbox,
  type EventReader,
  FeedWaits,
  matches,
  RecentNews,
  type Upsert,
  type Written,
} from "@gatepost/core/events";
import type { PageRequest } from "@gatepost/core/lists";
import { shortens } from "@gatepost/core/retention";
import type { MarkedEvents } from "@gatepost/core/seen";
import {
  type ActionChange,
  type ActionOrder,
  type ActionSettlement,
  type Approval,
  actionChange,
  answerSettlement,
  applyOrder,
  type Decline,
  deviceName,
  type EventAction,
  type FaceEvent,
  fill,
  instant,
  isChangeKept,
  isLeasable,
  isRepeat,
  limits,
  mayBecome,
  merge,
  type OrderAnswer,
  parseActionId,
  type Report,
  reportSchema,
  type SettleAnswer,
  type StoredEvent,
  settlementOf,
  toStoredJson,
} from "@gatepost/protocol";
import { type Rows, ttlAt } from "@gatepost/store";
import { fitting, pageOf } from "./page.ts";
import { asStored } from "./stored.ts";

interface HeldEvent extends Pick<StoredEvent, "id" | "box" | "isSecondFace"> {
  reports: Map<Report["kind"], { report: Report; fingerprint: string }>;
  /** Since when it waits in the outbox of events, and until when it is leased there; null if it does not wait. */
  awaited: { at: number; heldUntil: number } | null;
  actions: (EventAction & {
    heldUntil: number;
    history: ActionChange[];
    approval: Approval | null;
    decline: Decline | null;
    told: boolean;
  })[];
  expiresAt: number;
  /** Places in the feed of changes. */
  made: string;
  changed: string;
}

/** Events and their actions in memory. Expired ones are treated as missing. */
export class MemoryEvents implements EventIndex, EventReader, ChangeFeed, ActionOutbox, UntoldActions, DeviceReader {
  readonly #clock: () => number;
  readonly #changed: (before: FaceEvent | null, after: FaceEvent) => void;
  readonly #events = new Map<string, HeldEvent>();
  readonly news: RecentNews;
  readonly waits = new FeedWaits();
  #changes = 0;

  /** @param changed gets each event that was made or written to, before (null: there was none) and after */
  constructor(clock: () => number, changed: (before: FaceEvent | null, after: FaceEvent) => void = () => {}) {
    this.#clock = clock;
    this.#changed = changed;
    this.news = new RecentNews({ next: () => this.#nextPlace(), begun: placeAt(0), clock });
  }

  async upsert(entry: Upsert): Promise<Written> {
    toStoredJson(reportSchema, entry.report, `event ${entry.eventId}`);
    const held = this.#events.get(entry.eventId);
    const before = held !== undefined && held.expiresAt > entry.now ? merge(storedEvent(held)) : null;
    const written = this.#write(entry);
    const after = this.#events.get(entry.eventId);
    if (after !== undefined && written.outcome !== "conflict") {
      this.#changed(before, merge(written.event ?? storedEvent(after)));
    }
    return written;
  }

  #write(entry: Upsert): Written {
    const { eventId, fingerprint, report } = entry;
    const known = this.#events.get(eventId);
    const isNew = known === undefined || known.expiresAt <= entry.now;
    const held = isNew ? this.#made(entry) : known;
    const sameKind = held.reports.get(report.kind);
    if (sameKind !== undefined && !isRepeat(sameKind.fingerprint, entry)) {
      return { outcome: "conflict", enqueued: false, event: null };
    }
    const brought = sameKind === undefined ? report : fill(sameKind.report, report);
    endSooner(held, entry);
    if (brought !== null) held.reports.set(report.kind, { report: asStored(brought), fingerprint });
    const enqueued = enqueue(held, entry.action);
    if (!isNew && (brought !== null || enqueued)) this.#change(held);
    const event = isNew || enqueued ? storedEvent(held) : null;
    const joined = sameKind === undefined ? "merged" : "filled";
    return { outcome: isNew ? "created" : brought === null ? "duplicate" : joined, enqueued, event };
  }

  async get(id: string): Promise<StoredEvent | null> {
    const held = this.#find(id);
    return held === undefined ? null : storedEvent(held);
  }

  async list(filter: EventFilter, page: PageRequest) {
    const events = this.stored().map((stored) => ({ stored, event: merge(stored) }));
    const found = events.filter(({ event }) => matches(event, filter));
    const items = found.map(({ stored, event }) => ({ item: stored, at: event.timestamp, id: event.id }));
    return pageOf(items, page);
  }

  async count(filter: EventFilter, max: number) {
    const looked = this.shown()
      .filter((event) => matches(event, inRange(filter)))
      .sort((a, b) => b.timestamp - a.timestamp);
    const count = looked.slice(0, max).filter((event) => matches(event, filter)).length;
    return { count, isExact: looked.length <= max };
  }

  async neighbours({ id, timestamp }: { id: string; timestamp: number }, filter: EventFilter) {
    const placeOf = (event: { id: string; timestamp: number }) => `${placeAt(event.timestamp)} ${event.id}`;
    const here = placeOf({ id, timestamp });
    const found = this.shown().filter((event) => matches(event, filter));
    const inOrder = found.sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
    const newer = inOrder.find((event) => placeOf(event) > here);
    const older = inOrder.findLast((event) => placeOf(event) < here);
    return { newer: newer?.id ?? null, older: older?.id ?? null };
  }

  async getAll(ids: readonly string[]): Promise<ReadonlyMap<string, StoredEvent>> {
    return new Map(ids.flatMap((id) => this.#find(id) ?? []).map((held) => [held.id, storedEvent(held)]));
  }

  /** All actions with their histories. */
  listedActions(): ListedAction[] {
    return this.#live().flatMap(({ id: eventId, box, actions }) =>
      actions.map(({ heldUntil: _, ...action }) => asStored({ ...action, eventId, box })),
    );
  }

  async read(after: string | null, limit: number, maxBytes?: number): Promise<ChangePage> {
    const begin = after ?? placeAt(0);
    if (!/^\d{16}$/.test(begin)) throw new GatepostError("bad-request", "not a place of mine");
    const inOrder = this.#live().sort((a, b) => (a.changed < b.changed ? -1 : 1));
    const rest = inOrder.filter(({ changed }) => changed > begin);
    const all = rest.map(
      (held): Change => ({
        event: storedEvent(held),
        made: held.made,
        changed: held.changed,
        cursor: held.changed,
      }),
    );
    const items = fitting(all, limit, maxBytes);
    const page = { items, next: items.at(-1)?.changed ?? begin, isEnd: rest.length <= items.length };
    return this.news.join(begin, limit, page);
  }

  /** The events as their marks need them. */
  markedIn(items: Pick<Rows, "write">): MarkedEvents {
    return {
      write: async (eventId, markOf) => {
        const held = this.#find(eventId);
        if (held === undefined) return null;
        const { box, expiresAt } = held;
        return { box, ...(await items.write(markOf({ box, ttl: ttlAt(expiresAt) }))) };
      },
    };
  }

  async untold({ since }: Parameters<UntoldActions["untold"]>[0], { limit, cursor }: PageRequest) {
    const waiting = this.#live()
      .flatMap((held) => held.actions.map((action) => ({ held, action, place: `${action.at} ${action.id}` })))
      .filter(({ action: { state, at, told } }) => !told && /pending|announced/.test(state) && Date.parse(at) >= since)
      .filter(({ place }) => cursor === null || place > cursor)
      .sort((a, b) => (a.place < b.place ? -1 : 1));
    const items = waiting.slice(0, limit).map(({ held, action }) => {
      return { action: storedAction(action), event: storedEvent(held) };
    });
    return { items, next: waiting[limit] === undefined ? null : (waiting[limit - 1]?.place ?? null) };
  }

  async markAnnounced(actionId: string, isTold: boolean): Promise<void> {
    const { held, action } = this.#findAction(actionId);
    if (held !== null && isTold) action.told = true;
    if (held === null || !mayBecome(action.state, "announced")) return;
    this.#setAction(held, action, { state: "announced", reason: action.reason });
  }

  async withhold(actionId: string, reason: string): Promise<void> {
    const { held, action } = this.#findAction(actionId);
    if (held !== null && mayBecome(action.state, "withheld"))
      this.#setAction(held, action, { state: "withheld", reason });
  }

  async lease({ before, until, limit }: { before: number; until: number; limit: number }) {
    const lease = { before, now: this.#clock() };
    const enqueued = this.#live().flatMap((held) => held.actions.map((action) => ({ held, action })));
    const taken = enqueued.filter(({ action }) => isLeasable(action, lease)).slice(0, limit);
    for (const { action } of taken) action.heldUntil = until;
    return taken.map(({ held, action }) => ({ action: storedAction(action), event: storedEvent(held) }));
  }

  /** What waits to be announced as recorded. */
  readonly outbox: EventOutbox = {
    markAnnounced: async (eventId) => {
      const held = this.#find(eventId);
      if (held !== undefined) held.awaited = null;
    },
    lease: async ({ before, until, limit }) => {
      const now = this.#clock();
      const isFree = ({ awaited }: HeldEvent) => awaited !== null && awaited.at <= before && awaited.heldUntil <= now;
      const taken = this.#live().filter(isFree).slice(0, limit);
      for (const held of taken) held.awaited = { at: held.awaited?.at ?? now, heldUntil: until };
      return taken.map(storedEvent);
    },
  };

  async settle(
    actionId: string,
    state: ActionSettlement["state"],
    note: string | null,
    by: string | null = null,
  ): Promise<SettleAnswer> {
    const said = settlementOf(state, note);
    const { held, action } = this.#findAction(actionId);
    const { answer, isNews } = answerSettlement(action, said);
    if (held !== null && isNews) this.#setAction(held, action, said, by);
    return answer;
  }

  async order(actionId: string, order: ActionOrder, by: string): Promise<OrderAnswer> {
    const { held, action } = this.#findAction(actionId);
    const { answer, next } = applyOrder(action, order, { by, at: instant(this.#clock()) });
    if (held === null || next === null) return answer;
    const { change, ...after } = next;
    this.#setAction(held, action, change, by);
    Object.assign(action, asStored(after));
    return answer;
  }

  async devices(boxes?: readonly string[]): Promise<string[]> {
    const seen = this.shown().filter(({ box }) => boxes?.includes(box.id) !== false);
    const devices = [...Map.groupBy(seen, ({ box }) => box.id).values()].flatMap((ofBox) =>
      [...new Set(ofBox.flatMap(({ device }) => deviceName(device) ?? []))].slice(0, limits.devicesOfBox),
    );
    return [...new Set(devices)];
  }

  async end(): Promise<string> {
    return placeAt(this.#changes);
  }

  /** How many changes there were, and at which of them an event was made. */
  get lastMade(): number {
    return this.#changes;
  }

  wasMade(id: string): number {
    return Number(this.#find(id)?.made);
  }

  /** The events as they are held, and as a reader gets them, in the order in which they were made. */
  stored(): StoredEvent[] {
    return this.#live().map(storedEvent);
  }

  /** How many events of these boxes there are in each half-hour. */
  totals({ from, to, boxes }: Parameters<BoxCounts["totals"]>[0]): ReadonlyMap<number, number> {
    const totals = new Map<number, number>();
    for (const { timestamp, box } of this.shown()) {
      const start = timestamp - (timestamp % 1_800_000);
      const isAsked = start >= from && start < to && (boxes === null || boxes.includes(box.id));
      if (isAsked) totals.set(start, (totals.get(start) ?? 0) + 1);
    }
    return totals;
  }

  shown(): FaceEvent[] {
    return this.stored().map(merge);
  }

  /** Removes an event and gives it back; null if there is none. */
  remove(id: string): StoredEvent | null {
    const held = this.#find(id);
    this.#events.delete(id);
    return held === undefined ? null : storedEvent(held);
  }

  #made({ eventId: id, box, isSecondFace, isAwaited, now, expiresAt }: Upsert): HeldEvent {
    const made = this.#nextPlace();
    const held: HeldEvent = {
      id,
      box,
      isSecondFace,
      reports: new Map(),
      actions: [],
      expiresAt,
      made,
      changed: made,
      awaited: isAwaited ? { at: now, heldUntil: 0 } : null,
    };
    this.#events.delete(id);
    this.#events.set(id, held);
    return held;
  }

  #find(id: string): HeldEvent | undefined {
    const held = this.#events.get(id);
    return held !== undefined && held.expiresAt > this.#clock() ? held : undefined;
  }

  #live(): HeldEvent[] {
    return [...this.#events.values()].filter(({ expiresAt }) => expiresAt > this.#clock());
  }

  #findAction(id: string): { held: HeldEvent; action: HeldEvent["actions"][number] } | { held: null; action: null } {
    const held = this.#find(parseActionId(id)?.eventId ?? "");
    const action = held?.actions.find((one) => one.id === id);
    return held === undefined || action === undefined ? { held: null, action: null } : { held, action };
  }

  #setAction(
    held: HeldEvent,
    action: HeldEvent["actions"][number],
    said: Pick<EventAction, "state" | "reason"> & Pick<ActionChange, "decision">,
    by: string | null = null,
  ): void {
    const at = instant(this.#clock());
    const history = [...action.history, actionChange({ ...said, by }, at)];
    const { state, reason } = said;
    Object.assign(action, { state, reason, at });
    action.history = history.filter((_, index) => isChangeKept(index, history.length));
    this.#change(held);
  }

  #change(held: HeldEvent): void {
    held.changed = this.#nextPlace();
  }

  #nextPlace(): string {
    this.#changes += 1;
    setImmediate(() => this.waits.notify());
    return placeAt(this.#changes);
  }
}

function enqueue(held: HeldEvent, action: EventAction | null): boolean {
  if (action === null || held.actions.some(({ wantAction }) => wantAction === action.wantAction)) return false;
  const history = [actionChange({ ...action, by: null }, action.at)];
  held.actions.push({ ...asStored(action), heldUntil: 0, history, approval: null, decline: null, told: false });
  return true;
}

function storedEvent({ id, box, isSecondFace, reports, actions }: HeldEvent): StoredEvent {
  const kept = [...reports.values()].map(({ report }) => report);
  return { id, box, isSecondFace, reports: asStored(kept), actions: actions.map(storedAction) };
}

function storedAction({
  heldUntil: _,
  history: __,
  approval: ___,
  decline: ____,
  told: _____,
  ...action
}: HeldEvent["actions"][number]): EventAction {
  return action;
}

/** The part of a filter that says which events are looked at. */
function inRange({ from, to, box, person }: EventFilter): EventFilter {
  const all = { from, to, box, person };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function placeAt(change: number): string {
  return String(change).padStart(16, "0");
}

function endSooner(held: HeldEvent, entry: Upsert): void {
  if (shortens(entry, held.expiresAt)) held.expiresAt = entry.expiresAt;
}
