import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import { type KnownPerson, latestNamed, type PersonAt } from "@gatepost/core/people";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";
import { changedAfter } from "../events/change-feed.ts";
import { isIndexed, isNew } from "../events/new-events.ts";
import { passingColumns, passingOf } from "../events/passing-row.ts";
import type { EventRows } from "../events/row.ts";
import { HeldBox, type HeldPassing, type HeldPerson, heldOf, isLater } from "./held-people.ts";
import type { LostPassings } from "./lost-passings.ts";

const personRow = z.object({ person: z.string() });
const placeRow = z.object({ id: z.string(), time: z.int(), made: z.int(), expires_at: z.int() });
const revisionRow = z.object({ revision: z.int() });
const nameRow = z.object({ time: z.int(), made: z.int(), has_name: z.literal([0, 1]) });

/** People, or changed events, that are read in one turn: some milliseconds. */
const peopleATurn = 200;
const changesATurn = 500;

/** Most people who are remembered; about 400 bytes each. More are read again for each answer. */
const maxHeld = 200_000;

/** Most people who are noted because of removed events; after more, all are read again. */
const maxLost = 50_000;

/** Passings that are looked through for names in one turn, and how many of them one person costs at least. */
const namesATurn = 5000;
const namesOfPerson = namesATurn / peopleATurn;

/** Passings of a person that are looked through for a name at a time. */
const namePageSize = 50;

/** Passings of a person that are read until the latest is found. More than one only if the clock of the box was ahead. */
const pageSize = 20;

interface Place {
  box: string;
  key: string;
}

interface Deps {
  rows: EventRows;
  lost: LostPassings;
  clock(): number;
}

/**
 * The latest passing of each person at each box, and the latest one with a name, in memory: a list of people looks at all of
 * them. A box, or a person of whom only the name is asked, is read once, and then follows the changes of events.
 */
export class LatestPassings {
  readonly #deps: Deps;
  readonly #people: StatementSync;
  readonly #latest: StatementSync;
  readonly #changed: StatementSync;
  readonly #new: StatementSync;
  readonly #newPeople: StatementSync;
  readonly #names: StatementSync;
  readonly #one: StatementSync;
  readonly #end: StatementSync;
  /** By box. */
  readonly #held = new Map<string, HeldBox>();
  /** The places of the held passings, by their events. */
  readonly #places = new Map<string, Place>();
  /** Held events that were removed or have changed, with their places. */
  readonly #lost = new Map<string, { place: Place; event: string }>();
  /** Passings that were looked through for names in this turn. */
  #looked = 0;
  /** The last revision that is in it. */
  #revision = 0;
  #busy: Promise<unknown> = Promise.resolve();

  constructor(database: DatabaseSync, deps: Deps) {
    this.#deps = deps;
    deps.lost.listen((event) => this.#noteLost(event));
    this.#people = database.prepare(
      `WITH RECURSIVE people (person) AS (
         SELECT min(person) FROM events WHERE ${isIndexed} AND box = ?1 AND person > ?2
         UNION ALL
         SELECT (SELECT min(person) FROM events WHERE ${isIndexed} AND box = ?1 AND events.person > people.person)
         FROM people WHERE people.person IS NOT NULL
       ) SELECT person FROM people WHERE person IS NOT NULL LIMIT ${peopleATurn}`,
    );
    this.#latest = database.prepare(
      `SELECT ${passingColumns}, made, expires_at FROM events
       WHERE expires_at > ?1 AND ${isIndexed} AND box = ?2 AND person = ?3 AND (time, made) < (?4, ?5)
       ORDER BY time DESC, made DESC LIMIT ${pageSize}`,
    );
    this.#changed = database.prepare(
      `SELECT ${passingColumns}, events.made, expires_at, change.revision FROM (${changedAfter}) AS change
       CROSS JOIN events USING (made) ORDER BY change.revision LIMIT ${changesATurn}`,
    );
    this.#new = database.prepare(
      `SELECT ${passingColumns}, made, expires_at FROM events
       WHERE expires_at > ?1 AND ${isNew} AND box = ?2 AND person = ?3`,
    );
    this.#newPeople = database.prepare(
      `SELECT DISTINCT person FROM events WHERE ${isNew} AND box = ? AND person IS NOT NULL`,
    );
    this.#names = database.prepare(
      `SELECT time, made, passing IS NULL OR passing ->> 4 IS NOT NULL AS has_name FROM events
       WHERE expires_at > ?1 AND ${isIndexed} AND box = ?2 AND person = ?3 AND (time, made) < (?4, ?5)
       ORDER BY time DESC, made DESC LIMIT ${namePageSize}`,
    );
    this.#one = database.prepare(`SELECT ${passingColumns}, made, expires_at FROM events WHERE made = ?`);
    this.#end = database.prepare("SELECT coalesce((SELECT made FROM indexed_events), 0) AS revision");
  }

  /** The people at these boxes, each by its latest passing (its counted time), in any order. */
  of(boxes: readonly string[]): Promise<KnownPerson[]> {
    return this.#inTurn(async () => {
      await this.#update(boxes, () => this.#loadOne(boxes));
      return boxes.flatMap((box) => this.#held.get(box)?.list() ?? []);
    });
  }

  /** The name of each person at some boxes; null if none is known. */
  named(people: readonly PersonAt[]): Promise<(string | null)[]> {
    return this.#inTurn(async () => {
      const boxes = new Set(people.flatMap((person) => person.boxes));
      await this.#update([...boxes], () => this.#readMissing(people));
      return people.map(({ key, boxes: among }) => {
        const known = among.flatMap((box) => this.#held.get(box)?.get(key)?.shown ?? []);
        return latestNamed(known)?.name ?? null;
      });
    });
  }

  /** Answers one after the other. */
  #inTurn<Answer>(answer: () => Promise<Answer>): Promise<Answer> {
    const answered = this.#busy.then(answer);
    this.#busy = answered
      .then(() => {
        const size = [...this.#held.values()].reduce((sum, held) => sum + held.size, 0);
        if (size > maxHeld) this.forget();
      })
      .catch(() => {});
    return answered;
  }

  /** Follows all changes, with the people that are missing. @param readMissing reads some; false if none is missing */
  async #update(boxes: readonly string[], readMissing: () => Promise<boolean>): Promise<void> {
    do await this.#follow();
    while ((await readMissing()) || (await this.#readExpired(boxes)));
  }

  async #loadOne(boxes: readonly string[]): Promise<boolean> {
    const missing = boxes.find((box) => this.#held.get(box)?.isWhole !== true);
    if (missing !== undefined) await this.#load(missing);
    return missing !== undefined;
  }

  async #readMissing(people: readonly PersonAt[]): Promise<boolean> {
    const missing = people.flatMap(({ key, boxes }) =>
      boxes.filter((box) => this.#held.get(box)?.follows(key) !== true).map((box) => ({ box, key })),
    );
    for (const place of missing) {
      if (!this.#held.has(place.box)) this.#held.set(place.box, new HeldBox());
      await this.#readAgain(place);
      await this.#countLooked(namesOfPerson);
    }
    return missing.length > 0;
  }

  async #readExpired(boxes: readonly string[]): Promise<boolean> {
    const now = this.#deps.clock();
    const expired = boxes.flatMap((box) => (this.#held.get(box)?.expired(now) ?? []).map((key) => ({ box, key })));
    for (const place of expired) {
      const named = this.#held.get(place.box)?.get(place.key)?.named ?? null;
      await this.#readAgain(place, named !== null && named.expiresAt <= now ? undefined : named);
    }
    return expired.length > 0;
  }

  /** An event may have been of another person since it was read: what counts is whose it was then. */
  #noteLost(event: string): void {
    const place = this.#places.get(event);
    if (place === undefined) return;
    this.#lost.set(`${place.box}\0${place.key}\0${event}`, { place, event });
    if (this.#lost.size > maxLost) this.forget();
  }

  /** Forgets all people. The next answer reads them again. */
  forget(): void {
    this.#held.clear();
    this.#places.clear();
    this.#lost.clear();
  }

  /** Reads the people of a box. Events that change meanwhile are followed afterwards. */
  async #load(box: string): Promise<void> {
    const held = this.#held.get(box) ?? new HeldBox();
    this.#held.set(box, held);
    // First those who are in no index yet: meanwhile they may be put into it, before the place that was read last.
    for (const row of this.#newPeople.all(box)) {
      await this.#readAgain({ box, key: parseStored(personRow, row, "new people of a box").person });
    }
    for (let after: string | undefined = ""; after !== undefined; await turn()) {
      const people: string[] = this.#people
        .all(box, after)
        .map((row) => parseStored(personRow, row, "people of a box").person);
      for (const key of people) await this.#readAgain({ box, key });
      after = people.length < peopleATurn ? undefined : people.at(-1);
    }
    held.isWhole = true;
  }

  /** Follows the changes and removals of events since the last call. */
  async #follow(): Promise<void> {
    // Before any box is read, all that is in the indexes will be found there.
    if (this.#held.size === 0)
      this.#revision = parseStored(revisionRow, this.#end.get(), "the indexed events").revision;
    for (let isWhole = false; !isWhole; ) {
      // Rows are noted in the turn in which they are read: later they may be gone.
      const rows: unknown[] = this.#changed.all(this.#revision);
      for (const row of rows) this.#note(row);
      const lost = [...this.#lost].slice(0, changesATurn);
      for (const [name, { place, event }] of lost) {
        this.#lost.delete(name);
        await this.#lose(place, event);
      }
      isWhole = rows.length < changesATurn && this.#lost.size === 0;
      if (!isWhole) await turn();
    }
  }

  /** Notes an event that is new, or has changed. */
  #note(row: unknown): void {
    const { id, expires_at: expiresAt } = parseStored(placeRow, row, "a changed event");
    this.#revision = parseStored(revisionRow, row, "a changed event").revision;
    const held = expiresAt > this.#deps.clock() ? heldOf(passingOf(row, this.#deps.rows), expiresAt) : null;
    // It may no longer be the latest of the person that it was of.
    this.#noteLost(id);
    if (held !== null) this.#put({ box: held.box, key: held.person.key }, held);
  }

  /** Finds the passings of a person anew, if an event was one of them. */
  async #lose(place: Place, event: string): Promise<void> {
    const held = this.#held.get(place.box)?.get(place.key);
    if (held?.named?.event === event) await this.#readAgain(place);
    else if (held?.latest.event === event) await this.#readAgain(place, held.named);
  }

  /** Holds a passing if it is the latest of its person, or the latest one with a name. */
  #put(place: Place, held: HeldPassing): void {
    const ofBox = this.#held.get(place.box);
    if (ofBox?.follows(place.key) !== true) return;
    const before = ofBox.get(place.key) ?? null;
    const { latest, named } = withPassing(before, held);
    if (latest !== held && named !== held) return;
    for (const one of [before?.latest, before?.named]) if (one !== latest && one !== named) this.#leave(place, one);
    // The event may be held for another person, if its change is not noted yet.
    const at = this.#places.get(held.event);
    if (at !== undefined && !isSame(at, place)) this.#noteLost(held.event);
    ofBox.set(place.key, { latest, named });
    this.#places.set(held.event, place);
  }

  /** A held passing leaves its place. Its event may be the latest of another person by now. */
  #leave(place: Place, held: HeldPassing | null | undefined): void {
    const at = held == null ? undefined : this.#places.get(held.event);
    if (held != null && at !== undefined && isSame(at, place)) this.#places.delete(held.event);
  }

  /**
   * Finds the latest passing of a person anew, and the latest one with a name.
   *
   * @param named the latest one with a name, if that is known; null if there is none
   */
  async #readAgain({ box, key }: Place, named?: HeldPassing | null): Promise<void> {
    const ofBox = this.#held.get(box);
    if (ofBox === undefined) return;
    const before = ofBox.get(key);
    for (const one of [before?.latest, before?.named]) this.#leave({ box, key }, one);
    ofBox.clear(key);
    for (const row of this.#new.all(this.#deps.clock(), box, key)) {
      const held = heldOf(passingOf(row, this.#deps.rows), parseStored(placeRow, row, "a passing").expires_at);
      if (held !== null) this.#put({ box, key }, held);
    }
    for (const held of this.#latestOf({ box, key })) this.#put({ box, key }, held);
    if (named != null) this.#put({ box, key }, named);
    if (named === undefined) await this.#findName({ box, key });
  }

  /** Finds the latest passing with a name. Events that change meanwhile are followed afterwards. */
  async #findName(place: Place): Promise<void> {
    for (let after: PlaceOfRow | null = farPlace; after !== null; ) {
      const held = this.#held.get(place.box)?.get(place.key);
      if (held == null || held.named === held.latest) return;
      const rows = this.#names.all(this.#deps.clock(), place.box, place.key, after.time, after.made);
      after = this.#putNames(place, rows);
      await this.#countLooked(rows.length);
    }
  }

  /** Puts those of some passings that have a name. Returns the place of the last one; null if no later one is needed. */
  #putNames(place: Place, rows: readonly unknown[]): PlaceOfRow | null {
    let last: PlaceOfRow | null = null;
    for (const row of rows) {
      const { has_name: hasName, ...read } = parseStored(nameRow, row, "a passing");
      const named = this.#held.get(place.box)?.get(place.key)?.named ?? null;
      // Counted times are never after the sent ones.
      if (named !== null && read.time < named.at) return null;
      if (hasName === 1) this.#putMade(place, read.made);
      last = read;
    }
    return rows.length < namePageSize ? null : last;
  }

  #putMade(place: Place, made: number): void {
    const row = this.#one.get(made);
    const held = heldOf(passingOf(row, this.#deps.rows), parseStored(placeRow, row, "a passing").expires_at);
    if (held !== null) this.#put(place, held);
  }

  async #countLooked(passings: number): Promise<void> {
    this.#looked += passings;
    if (this.#looked < namesATurn) return;
    this.#looked = 0;
    await turn();
  }

  /** The passings of a person until no earlier one can be the latest: counted times are never after the sent ones. */
  *#latestOf({ box, key }: Place): Generator<HeldPassing> {
    let latest = Number.NEGATIVE_INFINITY;
    let { time, made } = farPlace;
    for (;;) {
      const rows: unknown[] = this.#latest.all(this.#deps.clock(), box, key, time, made);
      for (const row of rows) {
        const place = parseStored(placeRow, row, "a passing");
        [time, made] = [place.time, place.made];
        if (time < latest) return;
        const held = heldOf(passingOf(row, this.#deps.rows), place.expires_at);
        if (held === null) continue;
        latest = Math.max(latest, held.at);
        yield held;
      }
      if (rows.length < pageSize) return;
    }
  }
}

function isSame(one: Place, other: Place): boolean {
  return one.box === other.box && one.key === other.key;
}

/** The place of a row in the list of a person. */
interface PlaceOfRow {
  time: number;
  made: number;
}

/** After every place of a row. */
const farPlace: PlaceOfRow = { time: 2 ** 53 - 1, made: 2 ** 53 - 1 };

/** The latest passing of a person, and the latest one with a name, with one passing more. */
function withPassing(before: HeldPerson | null, one: HeldPassing): Pick<HeldPerson, "latest" | "named"> {
  const { latest = null, named = null } = before ?? {};
  const isLatest = latest === null || isLater(one, latest);
  const isNamed = one.person.name !== null && (named === null || isLater(one, named));
  return { latest: isLatest ? one : latest, named: isNamed ? one : named };
}
