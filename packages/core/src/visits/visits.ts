import { comparable, dayMs, idOf, minuteMs } from "@gatepost/protocol";
import { all, asRead, type Items, type List, placeAt, present, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import { listOfVisits } from "../people/settings.ts";
import { RecordKind } from "../records/record-kind.ts";
import { type Libraries, storedBoxes } from "../sites/libraries.ts";

/** `visit HASH`: a visit that was approved, by a hash of its action. Times are ms since 1970. */
const visits = new RecordKind(
  "visit ",
  z.object({
    action: z.string(),
    person: z.string(),
    called: z.optional(z.string()),
    host: z.optional(z.string()),
    boxes: storedBoxes,
    /** Those of them at which an order for another action counts now. */
    replacedAt: z.optional(storedBoxes),
    madeAt: z.int(),
    /** When the last order for it was given. */
    orderedAt: z.optional(z.int()),
    begins: z.optional(z.int()),
    ends: z.int(),
    /** The begin of the visit when subscribers were told of a passing before it. */
    earlyFor: z.optional(z.int()),
    /** The first passing in the visit, of which they were told. */
    arrived: z.optional(z.int()),
  }),
);

/** A visit that was approved. Times are ms since 1970. */
export interface Visit {
  /** `vis_…` */
  id: string;
  action: string;
  /** The id of the visitor on the boxes. */
  person: string;
  name: string | null;
  host: string | null;
  /** The boxes at which the visitor is registered, and no other visit counts. */
  boxes: readonly string[];
  /** When it was approved; a later approval that changes the visit does not count. */
  madeAt: number;
  /** When the last approval for it was given. */
  orderedAt: number;
  /** Null if the visitor may come at once. */
  begins: number | null;
  ends: number;
  /** The begin of the visit (`beginOf`) when subscribers were told of a passing before it. */
  earlyFor: number | null;
  /** The first passing in the visit, of which they were told. */
  arrived: number | null;
}

/** ms for which a visit is kept after its end: boxes bring passings a day late. */
const keptMs = 2 * dayMs;

/** Visits that are looked at together, at most: those that end first. */
const maxVisits = 5000;

/** The list of the visits of a person. */
export const visitsOfKey = (key: string): List => ({ index: "byPerson", name: `visits ${idOf("per", [key])}` });

/** ms by which the clock of a box may be behind: a visitor may pass right after the approval. */
const behindMs = 10 * minuteMs;

/** No passing before this time (ms) is of the visit. */
export const firstPassingOf = ({ madeAt }: Pick<Visit, "madeAt">) => madeAt - behindMs;

/** Who passes before this time (ms) comes before the visit. */
export const beginOf = (visit: Pick<Visit, "madeAt" | "begins">) =>
  Math.max(visit.begins ?? Number.NEGATIVE_INFINITY, firstPassingOf(visit));

/** Whether subscribers were told of a passing before the visit begins. */
export const hasComeEarly = (visit: Visit) => visit.earlyFor === beginOf(visit);

/** An order that counts in place of others. */
type Ordered = Pick<Visit, "action" | "person" | "boxes" | "orderedAt">;

const visitId = (action: string) => idOf("vis", [action]);

/** The key of the visit that an action was approved for. */
export const keyOfVisit = (action: string) => visits.pk(visitId(action));

/** The visits that were approved, each with the passings that subscribers were told of. */
export class Visits {
  readonly #items: Pick<Items, "get" | "write" | "remove" | "list">;
  readonly #libraries: () => Promise<Pick<Libraries, "of">>;

  constructor(
    items: Pick<Items, "get" | "write" | "remove" | "list">,
    libraries: () => Promise<Pick<Libraries, "of">>,
  ) {
    this.#items = items;
    this.#libraries = libraries;
  }

  /**
   * Stores the visit of an action, which counts in place of those of earlier orders for the same person in the libraries of
   * these boxes. If the action has a visit that had not ended at `madeAt`, that one is changed, and stays made when it was.
   * To repeat it changes nothing.
   *
   * @param now ms since 1970
   */
  async set(visit: Omit<Visit, "id" | "orderedAt" | "earlyFor" | "arrived">, now: number): Promise<void> {
    const { action, person, name, host, boxes, madeAt: orderedAt, begins, ends } = visit;
    const id = visitId(action);
    const item = await this.#items.get(visits.pk(id));
    const ordered = { action, person, called: name, host, boxes: JSON.stringify(boxes), orderedAt, begins, ends };
    const isRepeated = item !== null && Object.entries(ordered).every(([of, value]) => (item[of] ?? null) === value);
    const held = item === null ? null : visits.readable(item);
    const madeAt = held !== null && held.ends > orderedAt ? held.madeAt : orderedAt;
    const facts = { ...ordered, madeAt, replacedAt: null };
    const lists = { byTime: listOfVisits.name, byPerson: visitsOfKey(comparable(person)).name };
    const placed = { ...facts, ...lists, at: placeAt(ends, id), ttl: ttlAt(ends + keptMs) };
    // Members that the visit does not have any more are removed; the passings that were told stay.
    if (!isRepeated) await this.#items.write(visits.change(id, { set: placed, when: all() }));
    // Behind it: of two orders at the same time, one finds the other.
    await this.#compare({ ...visit, orderedAt }, now);
  }

  /** Of a visit and others of the person, that of the last order counts in each library. */
  async #compare(visit: Ordered, now: number): Promise<void> {
    const later = await this.replaceOthers(visit, now);
    if (later.length > 0) await this.#replace(visit.action, (replaced) => [...replaced, ...later]);
  }

  /**
   * The visits of earlier orders for a person do not count in the libraries of these boxes any more, but for the one of
   * this action. Returns the boxes at which the visit of a later order counts.
   *
   * @param now ms since 1970: an order that is dated later was given before the clock was set back
   */
  async replaceOthers({ action, person, boxes, orderedAt }: Ordered, now: number): Promise<string[]> {
    const { of } = await this.#libraries();
    const libraries = new Set(boxes.map(of));
    const later = new Set<string>();
    for await (const { orderedAt: at, ...visit } of this.#read(visitsOfKey(comparable(person)))) {
      const both = visit.boxes.filter((box) => libraries.has(of(box)));
      if (visit.action === action || both.length === 0) continue;
      if (at > orderedAt && at <= now) for (const box of both) later.add(of(box));
      else await this.#replace(visit.action, (replaced) => [...replaced, ...both]);
    }
    return boxes.filter((box) => later.has(of(box)));
  }

  /**
   * The visit of an action counts again in the libraries of these boxes, unless one of a later order does; nothing if there
   * is none.
   *
   * @param now ms since 1970, as of `replaceOthers`
   */
  async restore({ action, boxes }: Pick<Visit, "action" | "boxes">, now: number): Promise<void> {
    const { of } = await this.#libraries();
    const libraries = new Set(boxes.map(of));
    const held = await this.#replace(action, (replaced) => replaced.filter((box) => !libraries.has(of(box))));
    if (held !== null) await this.#compare({ ...held, orderedAt: held.orderedAt ?? held.madeAt }, now);
  }

  /** Changes the boxes at which the visit of an action is replaced. Returns the visit as it was, or null. */
  async #replace(action: string, change: (replaced: readonly string[]) => string[]) {
    const id = visitId(action);
    for (;;) {
      const item = await this.#items.get(visits.pk(id));
      const held = item === null ? null : visits.readable(item);
      if (item === null || held === null) return null;
      const replaced = [...new Set(change(held.replacedAt ?? []))];
      const replacedAt = replaced.length === 0 ? null : JSON.stringify(replaced);
      const changed = visits.change(id, { set: { replacedAt }, when: asRead(item, ["replacedAt"]) });
      if ((await this.#items.write(changed)).applied) return held;
    }
  }

  /** Removes the visit of an action; nothing if there is none. */
  async remove(action: string): Promise<void> {
    await this.#items.remove(keyOfVisit(action));
  }

  /**
   * The visits that end after `from` (ms), and begin before `to` or are of a visitor who has come early, those that end
   * first before the others.
   */
  async between(from: number, to: number): Promise<Visit[]> {
    const found: Visit[] = [];
    for await (const visit of this.#read(listOfVisits, placeAt(from + 1, ""))) {
      const isBefore = (visit.begins ?? visit.madeAt) < to || hasComeEarly(visit);
      if (isBefore && found.push(visit) === maxVisits) break;
    }
    return found;
  }

  /** The visits of a person. */
  async of(person: string): Promise<Visit[]> {
    const found: Visit[] = [];
    for await (const visit of this.#read(visitsOfKey(comparable(person)))) found.push(visit);
    return found;
  }

  /** Notes the passing of which subscribers were told, at a time (ms). */
  async told(visit: Visit, what: "early" | "arrived", at: number): Promise<void> {
    const set = what === "early" ? { earlyFor: beginOf(visit) } : { arrived: at };
    await this.#items.write(visits.change(visitId(visit.action), { set, when: present() }));
  }

  async *#read(list: List, from?: string): AsyncGenerator<Visit> {
    const range = { lists: [list], order: "ascending" as const, ...(from !== undefined && { from }) };
    for await (const { item, pk } of this.#items.list(range)) {
      // A visit that cannot be read must not hide the others.
      const held = visits.readable(item);
      if (held === null) continue;
      const { called: name = null, host = null, begins = null, earlyFor = null, arrived = null, ...others } = held;
      const { replacedAt = [], boxes: all, orderedAt = others.madeAt, ...facts } = others;
      const boxes = all.filter((box) => !replacedAt.includes(box));
      const shown = { boxes, name, host, orderedAt, begins, earlyFor, arrived };
      if (boxes.length > 0) yield { id: visits.id(pk), ...facts, ...shown };
    }
  }
}
