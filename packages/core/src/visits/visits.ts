import { comparable, dayMs, idOf, minuteMs } from "@gatepost/protocol";
import { all, type Items, type List, placeAt, present, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import { listOfVisits } from "../people/settings.ts";
import { RecordKind } from "../records/record-kind.ts";
import { storedBoxes } from "../sites/libraries.ts";

/** `visit HASH`: a visit that was approved, by a hash of its action. Times are ms since 1970. */
const visits = new RecordKind(
  "visit ",
  z.object({
    action: z.string(),
    person: z.string(),
    called: z.optional(z.string()),
    host: z.optional(z.string()),
    boxes: storedBoxes,
    madeAt: z.int(),
    begins: z.optional(z.int()),
    ends: z.int(),
    /** The passings that subscribers were told of: the first one before the visit, and the first one in it. */
    early: z.optional(z.int()),
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
  /** The boxes at which the visitor is registered. */
  boxes: readonly string[];
  /** When it was approved. */
  madeAt: number;
  /** Null if the visitor may come at once. */
  begins: number | null;
  ends: number;
  /** The passings that subscribers were told of. */
  early: number | null;
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

const visitId = (action: string) => idOf("vis", [action]);

/** The visits that were approved, each with the passings that subscribers were told of. */
export class Visits {
  readonly #items: Pick<Items, "write" | "remove" | "list">;

  constructor(items: Pick<Items, "write" | "remove" | "list">) {
    this.#items = items;
  }

  /**
   * Stores the visit of an action in place of earlier visits of the same person at any of these boxes. To repeat it
   * changes nothing.
   */
  async set(visit: Omit<Visit, "id" | "early" | "arrived">): Promise<void> {
    const { action, person, name, host, boxes, madeAt, begins, ends } = visit;
    await this.removeOthers(visit);
    const id = visitId(action);
    const facts = { action, person, called: name, host, boxes: JSON.stringify(boxes), madeAt, begins, ends };
    const lists = { byTime: listOfVisits.name, byPerson: visitsOfKey(comparable(person)).name };
    const placed = { ...facts, ...lists, at: placeAt(ends, id), ttl: ttlAt(ends + keptMs) };
    // Members that the visit does not have any more are removed; the passings that were told stay.
    await this.#items.write(visits.change(id, { set: placed, when: all() }));
  }

  /** Removes the visits of a person at any of these boxes, but for the one of this action. */
  async removeOthers({ action, person, boxes }: Pick<Visit, "action" | "person" | "boxes">): Promise<void> {
    for await (const visit of this.#read(visitsOfKey(comparable(person)))) {
      if (visit.action !== action && visit.boxes.some((box) => boxes.includes(box))) await this.remove(visit.action);
    }
  }

  /** Removes the visit of an action; nothing if there is none. */
  async remove(action: string): Promise<void> {
    await this.#items.remove(visits.pk(visitId(action)));
  }

  /** The visits that have not ended before `from` (ms) and begin before `to`, those that end first before the others. */
  async between(from: number, to: number): Promise<Visit[]> {
    const found: Visit[] = [];
    for await (const visit of this.#read(listOfVisits, placeAt(from, ""))) {
      if ((visit.begins ?? visit.madeAt) < to && found.push(visit) === maxVisits) break;
    }
    return found;
  }

  /** Notes the passing of which subscribers were told, at a time (ms). */
  async told({ action }: Visit, what: "early" | "arrived", at: number): Promise<void> {
    await this.#items.write(visits.change(visitId(action), { set: { [what]: at }, when: present() }));
  }

  async *#read(list: List, from?: string): AsyncGenerator<Visit> {
    const range = { lists: [list], order: "ascending" as const, ...(from !== undefined && { from }) };
    for await (const { item, pk } of this.#items.list(range)) {
      // A visit that cannot be read must not hide the others.
      const held = visits.readable(item);
      if (held === null) continue;
      const { called: name = null, host = null, begins = null, early = null, arrived = null, ...facts } = held;
      yield { id: visits.id(pk), ...facts, name, host, begins, early, arrived };
    }
  }
}
