import { createHash } from "node:crypto";
import { comparable, dayMs, storedJson } from "@gatepost/protocol";
import {
  absent,
  all,
  asRead,
  type Change,
  type Condition,
  compare,
  type Item,
  type Items,
  type List,
  listOf,
  placeAt,
  present,
  ttlAt,
} from "@gatepost/store";
import * as z from "zod/mini";
import { type Log, LogOnce } from "../log/log.ts";
import { RecordKind } from "../records/record-kind.ts";

/** ms for which a removal is kept, also if no bridge ever takes it. */
export const removalLifetimeMs = 30 * dayMs;

/** Most removals that are read at once. */
export const maxRemovals = 500;

/** Most ends of visits that are kept for a person at a box: so many orders can be undone. */
const maxEnds = 200;

/** For more boxes than this, the list of all removals is read: on DynamoDB each list is a query. */
const maxLists = 50;

/**
 * The end that an order of an action set for a visit: null lets the person stay. `number` and `at` are of the order. Times
 * are ms.
 */
const visitEnd = z.object({ action: z.string(), number: z.int(), endsAt: z.nullable(z.int()), at: z.int() });

/** `removal ID`. It has no `person` once it has ended, and no `reason` before. */
const record = z.object({
  box: z.string(),
  person: z.optional(z.string()),
  state: z.enum(["waiting", "done", "failed"]),
  reason: z.optional(z.string()),
  askedAt: z.int(),
  // For the end of a visit: the action that was approved, and when it ends; not if its last order lets the person stay.
  action: z.optional(z.string()),
  dueAt: z.optional(z.int()),
  number: z.optional(z.int()),
  // The ends of the orders before, which count again if the last one is undone.
  before: z.optional(storedJson(z.array(visitEnd))),
});

/** Removals are kept as items whose keys begin with this. */
export const removalPrefix = "removal ";

const removals = new RecordKind(removalPrefix, record);

/** A removal that waits is in the list of all and in the list of its box, at the time when it was asked for. */
const everyBox: List = { index: "byTime", name: "removals-of-boxes" };
const ofBox = (box: string): List => ({ index: "byBox", name: listOf("removals", box) });

/** A box must remove a person from its library: because of an erasure, or at the end of a visit. */
export interface Removal {
  id: string;
  box: string;
  /** The id on the box; null once the removal has ended. */
  person: string | null;
  state: "waiting" | "done" | "failed";
  reason: string | null;
  /** When it was asked for, ms; for a visit, when it ends. */
  at: number;
  /** The end of a visit, and the action whose approval set it; null for an erasure. */
  visit: VisitOf | null;
}

type End = z.output<typeof visitEnd>;

interface VisitOf {
  action: string;
  /** ms. */
  endsAt: number;
}

/** A person at a box. */
interface Registered {
  box: string;
  person: string;
}

/** An order by which a box forgets a person at a time, or (null) never. */
export type Visit = Registered & End;

/** How a removal ended. */
export type RemovalEnd = Pick<Removal, "reason"> & { state: "done" | "failed" };

/** The removals that boxes are asked for. A removal is gone after `removalLifetimeMs`. */
export class Removals {
  readonly #items: Items;
  readonly #unreadable: LogOnce;

  constructor(items: Items, log: Log) {
    this.#items = items;
    this.#unreadable = new LogOnce(log, "a removal from a box cannot be read, and no one is removed by it");
  }

  /** Asks for a removal. One that was asked for before stays as it is. */
  async ask({ id, box, person, at }: Pick<Removal, "id" | "box" | "at"> & { person: string }): Promise<void> {
    const removal = { box, person, state: "waiting" as const, askedAt: at, ttl: ttlAt(at + removalLifetimeMs) };
    const lists = { byTime: everyBox.name, byBox: ofBox(box).name, at: placeAt(at, id) };
    await this.#items.write(removals.record(id, { ...removal, ...lists }, absent()));
  }

  /**
   * Sets when a box is asked to remove a person: in place of the ends of earlier orders, and of the one that the same action
   * set before. To repeat an order changes nothing, also after the removal.
   *
   * @param now ms since 1970: an order that is dated later was given before the clock was set back
   */
  async setVisit({ box, person, ...end }: Visit, now: number): Promise<void> {
    const dated = (held: End) => (held.at > now ? { ...held, at: Math.min(held.at, end.at) } : held);
    await this.#changeEnds({ box, person }, (ends, removed) => {
      if (removed !== null && (isRepeated(end, removed) || end.at < dated(removed).at)) return null;
      if (ends.some((held) => isRepeated(end, held))) return null;
      return [...without(end.action, ends).map(dated), end].toSorted((a, b) => a.at - b.at).slice(-maxEnds);
    });
  }

  /** Takes the end back that an action set: the one of the order before counts again. */
  async undoVisit({ box, person, action }: Registered & Pick<End, "action">): Promise<void> {
    await this.#changeEnds({ box, person }, (ends) => {
      const left = without(action, ends);
      return left.length < ends.length ? left : null;
    });
  }

  /** The end of the visit of a person at a box that has not ended; null if there is none. */
  async visitOf({ box, person }: Registered): Promise<VisitOf | null> {
    const item = await this.#items.get(removals.pk(visitId(box, person)));
    const removal = item === null ? null : this.#readable(item);
    return removal?.state === "waiting" ? removal.visit : null;
  }

  /**
   * The removals that wait at `now` (ms), of these boxes or of all (null): the oldest first, `maxRemovals` at most. A
   * broken one is left out, so that it does not keep others from their boxes.
   */
  async waiting(boxes: readonly string[] | null, now: number): Promise<Removal[]> {
    const lists = boxes === null || boxes.length > maxLists ? [everyBox] : boxes.map(ofBox);
    const found: Removal[] = [];
    for await (const { item } of this.#items.list({ lists, order: "ascending" })) {
      const removal = this.#readable(item);
      if (removal === null || boxes?.includes(removal.box) === false) continue;
      // All that follow end later.
      if (removal.visit !== null && removal.visit.endsAt > now) break;
      if (found.push(removal) === maxRemovals) break;
    }
    return found;
  }

  /** Null if there is none, or its time is over. */
  async get(id: string): Promise<Removal | null> {
    const item = await this.#items.get(removals.pk(id));
    return item === null ? null : removalOf(item);
  }

  /**
   * Notes how a removal ended; the id of the person leaves no byte. False if there is none. A finished removal stays
   * finished.
   */
  async end(id: string, { state, reason }: RemovalEnd): Promise<boolean> {
    const { applied, previous } = await this.#items.write(
      removals.change(id, {
        set: { state, reason },
        remove: ["person", "before", "byTime", "byBox", "at"],
        when: all(present(), compare("state", "<>", "done")),
        leavesNoTrace: true,
      }),
    );
    return applied || previous !== null;
  }

  /**
   * Changes the ends of a person at a box, the last order last.
   *
   * @param change gets the ends, and the one by which the person was removed (null: none); null: nothing changes
   */
  async #changeEnds(
    { box, person }: Registered,
    change: (ends: readonly End[], removed: End | null) => readonly End[] | null,
  ): Promise<void> {
    const id = visitId(box, person);
    for (let isDone = false; !isDone; ) {
      const item = await this.#items.get(removals.pk(id));
      const held = item === null ? null : removals.readable(item);
      const ends = change(endsIn(held), held?.state === "waiting" ? null : endIn(held));
      if (ends === null) return;
      const when = asRead(item, ["state", "action", "dueAt", "number", "before"]);
      isDone = ends.some(({ endsAt }) => endsAt !== null)
        ? (await this.#items.write(changeTo(ends, { id, box, person, when }))).applied
        : item === null || (await this.#items.remove(removals.pk(id), when)) !== null;
    }
  }

  #readable(item: Item): Removal | null {
    try {
      return removalOf(item);
    } catch (cause) {
      const row = String(item["pk"]);
      this.#unreadable.error(row, { row, todo: "erase the person once more, and delete the row", cause });
      return null;
    }
  }
}

/**
 * The change after which a removal was asked for at `at` (ms), if the clock was wrong at the time that it has. Null if
 * it was not, or the item is broken.
 */
export function redatedRemoval(item: Item, isWrong: (askedAt: number) => boolean, at: number): Change | null {
  const removal = removals.readable(item);
  if (removal === null || !isWrong(removal.askedAt)) return null;
  const id = removals.id(String(item["pk"]));
  // A person has set when a visit ends.
  if (removal.action !== undefined) return removals.change(id, { set: { askedAt: at }, when: present() });
  const place = item["at"] === undefined ? {} : { at: placeAt(at, id) };
  return removals.change(id, { set: { askedAt: at, ttl: ttlAt(at + removalLifetimeMs), ...place }, when: present() });
}

/** The id of the removal at the end of a visit: one for a person at a box. */
function visitId(box: string, person: string): string {
  return `rem_${createHash("sha256")
    .update(JSON.stringify(["visit", box, comparable(person)]))
    .digest("hex")
    .slice(0, 26)}`;
}

type Held = z.output<typeof record>;

/** The end that was ordered last; null for the removal of an erasure. */
function endIn(held: Held | null): End | null {
  if (held?.action === undefined) return null;
  const { action, number = 0, dueAt: endsAt = null, askedAt: at } = held;
  return { action, number, endsAt, at };
}

/** The ends that wait, the last order last. */
function endsIn(held: Held | null): End[] {
  const last = held?.state === "waiting" ? endIn(held) : null;
  return last === null ? [] : [...(held?.before ?? []), last];
}

const without = (action: string, ends: readonly End[]) => ends.filter((end) => end.action !== action);

/** Whether an end is of the same order as a held one, or of an earlier order of its action. */
const isRepeated = ({ action, number }: End, held: End) => action === held.action && number <= held.number;

/** The change after which these ends wait; one of them has a time. */
function changeTo(
  ends: readonly End[],
  { id, box, person, when }: Registered & { id: string; when: Condition },
): Change {
  const { action, number, endsAt, at: askedAt } = ends.at(-1) as End;
  const latest = Math.max(...ends.flatMap((end) => end.endsAt ?? []));
  const lists = { byTime: everyBox.name, byBox: ofBox(box).name, at: placeAt(endsAt ?? 0, id) };
  const place = endsAt === null ? { byTime: null, byBox: null, at: null } : lists;
  const before = ends.length > 1 ? JSON.stringify(ends.slice(0, -1)) : null;
  const facts = {
    box,
    person,
    state: "waiting" as const,
    reason: null,
    askedAt,
    action,
    number,
    dueAt: endsAt,
    before,
  };
  return removals.change(id, { set: { ...facts, ...place, ttl: ttlAt(latest + removalLifetimeMs) }, when });
}

function removalOf(item: Item): Removal {
  const { box, person = null, state, reason = null, askedAt, action, dueAt } = removals.read(item);
  const visit = action === undefined || dueAt === undefined ? null : { action, endsAt: dueAt };
  return { id: removals.id(String(item["pk"])), box, person, state, reason, at: dueAt ?? askedAt, visit };
}
