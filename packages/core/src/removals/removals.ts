import { createHash } from "node:crypto";
import { comparable, dayMs } from "@gatepost/protocol";
import {
  absent,
  all,
  any,
  type Change,
  type Condition,
  compare,
  equals,
  type Item,
  type Items,
  type List,
  listOf,
  not,
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

/** For more boxes than this, the list of all removals is read: on DynamoDB each list is a query. */
const maxLists = 50;

/** `removal ID`. It has no `person` once it has ended, and no `reason` before. */
const record = z.object({
  box: z.string(),
  person: z.optional(z.string()),
  state: z.enum(["waiting", "done", "failed"]),
  reason: z.optional(z.string()),
  askedAt: z.int(),
  // For the end of a visit: the action that was approved, and when it ends.
  action: z.optional(z.string()),
  dueAt: z.optional(z.int()),
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

interface VisitOf {
  action: string;
  /** ms. */
  endsAt: number;
}

/** A person whom a box forgets at a time. */
export interface Visit extends VisitOf {
  box: string;
  person: string;
}

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
   * Sets when a box is asked to remove a person: in place of an earlier end of the same person there. Setting the same
   * once more changes nothing, also after the removal.
   */
  async setVisit(visit: Visit, at: number): Promise<void> {
    const isSame = all(equals("action", visit.action), equals("dueAt", visit.endsAt));
    await this.#write(visit, at, any(absent(), not(isSame)));
  }

  /** Sets when a box is asked to remove a person, if no end of this person is set there. */
  async setMissingVisit(visit: Visit, at: number): Promise<void> {
    await this.#write(visit, at, absent());
  }

  /** Lets a person stay on a box for good. */
  async dropVisit({ box, person }: Pick<Visit, "box" | "person">): Promise<void> {
    await this.#items.remove(removals.pk(visitId(box, person)));
  }

  /** The end of the visit of a person at a box that has not ended; null if there is none. */
  async visitOf({ box, person }: Pick<Visit, "box" | "person">): Promise<VisitOf | null> {
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
        remove: ["person", "byTime", "byBox", "at"],
        when: all(present(), compare("state", "<>", "done")),
        leavesNoTrace: true,
      }),
    );
    return applied || previous !== null;
  }

  async #write({ box, person, action, endsAt }: Visit, at: number, when: Condition): Promise<void> {
    const id = visitId(box, person);
    const removal = { box, person, state: "waiting" as const, askedAt: at, action, dueAt: endsAt };
    const lists = { byTime: everyBox.name, byBox: ofBox(box).name, at: placeAt(endsAt, id) };
    const change = removals.record(id, { ...removal, ...lists, ttl: ttlAt(endsAt + removalLifetimeMs) }, when);
    await this.#items.write({ ...change, remove: ["reason"] });
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
  if (removal.dueAt !== undefined) return removals.change(id, { set: { askedAt: at }, when: present() });
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

function removalOf(item: Item): Removal {
  const { box, person = null, state, reason = null, askedAt, action, dueAt } = removals.read(item);
  const visit = action === undefined || dueAt === undefined ? null : { action, endsAt: dueAt };
  return { id: removals.id(String(item["pk"])), box, person, state, reason, at: dueAt ?? askedAt, visit };
}
