import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import { type KnownPerson, type StoredPassing, searchText } from "@gatepost/core/people";
import { dayMs, parseStored } from "@gatepost/protocol";
import * as z from "zod";
import { changedAfter } from "../events/change-feed.ts";
import { isIndexed, isNew } from "../events/new-events.ts";
import { passingColumns, passingOf } from "../events/passing-row.ts";
import type { EventRows } from "../events/row.ts";
import type { LostPassings } from "./lost-passings.ts";

const personRow = z.object({ person: z.string() });
const placeRow = z.object({ id: z.string(), time: z.int(), made: z.int(), expires_at: z.int() });
const revisionRow = z.object({ revision: z.int() });

/** People, or changed events, that are read in one turn: some milliseconds. */
const peopleATurn = 200;
const changesATurn = 500;

/** Most people who are remembered; about 400 bytes each. More are read again for each answer. */
const maxHeld = 200_000;

/** Most people who are noted because of removed events; after more, all are read again. */
const maxLost = 50_000;

/** Passings of a person that are read until the latest is found. More than one only if the clock of the box was ahead. */
const pageSize = 20;

interface HeldPassing {
  /** The person as the passing shows it. */
  person: KnownPerson;
  at: number;
  event: string;
  /** When its event expires, ms since 1970. */
  expiresAt: number;
}

/** The people of a box. */
class HeldBox {
  readonly #people = new Map<string, HeldPassing>();
  /** No passing expires before, ms since 1970. */
  #firstEnd = Number.POSITIVE_INFINITY;
  /** The people as an answer has them; null after a change. */
  #listed: readonly KnownPerson[] | null = null;

  get(key: string): HeldPassing | undefined {
    return this.#people.get(key);
  }

  set(key: string, held: HeldPassing): void {
    this.#people.set(key, held);
    this.#firstEnd = Math.min(this.#firstEnd, held.expiresAt);
    this.#listed = null;
  }

  delete(key: string): void {
    this.#people.delete(key);
    this.#listed = null;
  }

  list(): readonly KnownPerson[] {
    this.#listed ??= Array.from(this.#people.values(), ({ person }) => person);
    return this.#listed;
  }

  /** The people whose passings have expired. They stay until they are read again. */
  expired(now: number): string[] {
    if (now < this.#firstEnd) return [];
    const ends = [...this.#people].map(([key, { expiresAt }]) => ({ key, expiresAt }));
    const later = ends.filter(({ expiresAt }) => expiresAt > now);
    this.#firstEnd = later.reduce((first, { expiresAt }) => Math.min(first, expiresAt), Number.POSITIVE_INFINITY);
    return ends.flatMap(({ key, expiresAt }) => (expiresAt > now ? [] : [key]));
  }
}

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
 * The latest passing of each person at each box, in memory: a list of people looks at all of them. A box is read once, and
 * then follows the changes of events.
 */
export class LatestPassings {
  readonly #deps: Deps;
  readonly #people: StatementSync;
  readonly #latest: StatementSync;
  readonly #changed: StatementSync;
  readonly #new: StatementSync;
  readonly #newPeople: StatementSync;
  readonly #end: StatementSync;
  /** By box. */
  readonly #held = new Map<string, HeldBox>();
  /** The places of the held passings, by their events. */
  readonly #places = new Map<string, Place>();
  /** People whose events were removed, end at another time or have another person now, by box and person. */
  readonly #lost = new Map<string, Place>();
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
    this.#end = database.prepare("SELECT coalesce((SELECT made FROM indexed_events), 0) AS revision");
  }

  /** The people at these boxes, each by its latest passing (its counted time), in any order. */
  async of(boxes: readonly string[]): Promise<KnownPerson[]> {
    const found = this.#busy.then(() => this.#read(boxes));
    this.#busy = found.catch(() => {});
    return found;
  }

  async #read(boxes: readonly string[]): Promise<KnownPerson[]> {
    for (;;) {
      await this.#follow();
      const missing = boxes.find((box) => !this.#held.has(box));
      if (missing === undefined) break;
      await this.#load(missing);
    }
    const found = boxes.flatMap((box) => this.#liveAt(box));
    if (this.#places.size > maxHeld) this.forget();
    return found;
  }

  #liveAt(box: string): readonly KnownPerson[] {
    const held = this.#held.get(box) ?? new HeldBox();
    for (const key of held.expired(this.#deps.clock())) this.#readAgain({ box, key });
    return held.list();
  }

  /** An event may have been of another person since it was read: what counts is whose it was then. */
  #noteLost(event: string): void {
    const place = this.#places.get(event);
    if (place === undefined) return;
    this.#lost.set(`${place.box}\0${place.key}`, place);
    if (this.#lost.size > maxLost) this.forget();
  }

  /** Forgets all people. The next call of `of` reads them again. */
  forget(): void {
    this.#held.clear();
    this.#places.clear();
    this.#lost.clear();
  }

  /** Reads the people of a box. Events that change meanwhile are followed afterwards. */
  async #load(box: string): Promise<void> {
    this.#held.set(box, new HeldBox());
    // First those who are in no index yet: meanwhile they may be put into it, before the place that was read last.
    for (const row of this.#newPeople.all(box)) {
      this.#readAgain({ box, key: parseStored(personRow, row, "new people of a box").person });
    }
    for (let after: string | undefined = ""; after !== undefined; await turn()) {
      const people: string[] = this.#people
        .all(box, after)
        .map((row) => parseStored(personRow, row, "people of a box").person);
      for (const key of people) this.#readAgain({ box, key });
      after = people.length < peopleATurn ? undefined : people.at(-1);
    }
  }

  /** Follows the changes and removals of events since the last call. */
  async #follow(): Promise<void> {
    // Before any box is read, all that is in the indexes will be found there.
    if (this.#held.size === 0)
      this.#revision = parseStored(revisionRow, this.#end.get(), "the indexed events").revision;
    for (let isWhole = false; !isWhole; ) {
      const rows: unknown[] = this.#changed.all(this.#revision);
      for (const row of rows) this.#note(row);
      const lost = [...this.#lost].slice(0, changesATurn);
      for (const [name, place] of lost) {
        this.#lost.delete(name);
        this.#readAgain(place);
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
    const before = this.#places.get(id);
    if (held !== null) this.#put({ box: held.person.box, key: held.person.key }, held);
    // It may no longer be the latest of the person that it was of.
    if (before !== undefined) this.#readAgain(before);
  }

  /** Holds a passing if it is the latest of its person. */
  #put(place: Place, held: HeldPassing): void {
    const ofBox = this.#held.get(place.box);
    if (ofBox === undefined) return;
    const before = ofBox.get(place.key);
    if (before !== undefined && !isLater(held, before)) return;
    this.#leave(place, before);
    // The event may be held for another person, if its change is not noted yet.
    this.#noteLost(held.event);
    ofBox.set(place.key, held);
    this.#places.set(held.event, place);
  }

  /** A held passing leaves its place. Its event may be the latest of another person by now. */
  #leave({ box, key }: Place, held: HeldPassing | undefined): void {
    if (held === undefined) return;
    const at = this.#places.get(held.event);
    if (at?.box === box && at.key === key) this.#places.delete(held.event);
  }

  /** Finds the latest passing of a person anew. */
  #readAgain({ box, key }: Place): void {
    const ofBox = this.#held.get(box);
    if (ofBox === undefined) return;
    this.#leave({ box, key }, ofBox.get(key));
    ofBox.delete(key);
    for (const row of this.#new.all(this.#deps.clock(), box, key)) {
      const held = heldOf(passingOf(row, this.#deps.rows), parseStored(placeRow, row, "a passing").expires_at);
      if (held !== null) this.#put({ box, key }, held);
    }
    for (const held of this.#latestOf({ box, key })) this.#put({ box, key }, held);
  }

  /** The passings of a person until no earlier one can be the latest: counted times are never after the sent ones. */
  *#latestOf({ box, key }: Place): Generator<HeldPassing> {
    let latest = Number.NEGATIVE_INFINITY;
    let [time, made] = [2 ** 53 - 1, 2 ** 53 - 1];
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

/** Null for a stranger, or an event that counts nowhere. */
function heldOf(passing: StoredPassing | null, expiresAt: number): HeldPassing | null {
  if (passing === null || passing.person === null) return null;
  const { person, box, at, event, score } = passing;
  const known = { ...person, box, day: Math.floor(at / dayMs), at, score, first: null, search: searchText(person) };
  return { person: known, at, event, expiresAt };
}

function isLater(one: HeldPassing, other: HeldPassing): boolean {
  return one.at > other.at || (one.at === other.at && one.event > other.event);
}
