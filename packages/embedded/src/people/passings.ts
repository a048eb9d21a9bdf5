import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import {
  aheadMs,
  type EarlierPassings,
  isInRange,
  type KnownPerson,
  laterOf,
  latestOf,
  type PassingRange,
  type PassingReader,
  type PersonAt,
  readBack,
  type StoredPassing,
  type Way,
} from "@gatepost/core/people";
import type { ChangesSince, PresenceReader } from "@gatepost/core/presence";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";
import { isIndexed, isNew } from "../events/new-events.ts";
import { passingColumns, passingOf } from "../events/passing-row.ts";
import type { EventRows } from "../events/row.ts";
import { LatestPassings } from "./latest-passings.ts";
import { LostPassings } from "./lost-passings.ts";
import { PassingChanges } from "./passing-changes.ts";

const changesRow = z.object({ own: z.int(), others: z.int() });
const endRow = z.object({ expires_at: z.int() });
const wayRow = z.object({
  device_id: z.string().nullable(),
  endpoint: z.string().nullable(),
  ip: z.string().nullable(),
  own: z.enum(["in", "out"]).nullable(),
  at: z.int(),
});
const placeRow = z.object({ time: z.int(), made: z.int() });
const placeOfBoxRow = z.object({ time: z.int(), id: z.string() });

/** Passings of one person that are read in one turn: most readers need only the last ones. */
const pageSize = 50;

/** Passings of a box that are read in one turn: some milliseconds. */
const boxPageSize = 1000;

/** People whose last passings are found in one turn: some milliseconds. */
const peopleATurn = 200;

interface Deps {
  rows: EventRows;
  clock(): number;
}

interface NewPassings {
  /** How often the database had changed when they were read. */
  changes: string;
  /** No event of these expires before, ms since 1970. */
  firstEnd: number;
  passings: StoredPassing[];
}

/** Reads the passings of one machine from its events. */
export class SqlitePassings implements PassingReader, PresenceReader {
  readonly #deps: Deps;
  readonly #changes: StatementSync;
  readonly #new: StatementSync;
  readonly #ofBox: StatementSync;
  readonly #ofPerson: StatementSync;
  readonly #ways: StatementSync;
  readonly #isUncounted: StatementSync;
  readonly #lastOfPerson: StatementSync;
  readonly #latest: LatestPassings;
  readonly #passingChanges: PassingChanges;
  /** The passings that are in no index yet. They are few, and are read again after each change. */
  #newPassings: NewPassings = { changes: "", firstEnd: 0, passings: [] };

  constructor(database: DatabaseSync, deps: Deps) {
    this.#deps = deps;
    this.#changes = database.prepare(
      "SELECT total_changes() AS own, (SELECT data_version FROM pragma_data_version) AS others",
    );
    const from = `SELECT ${passingColumns}, made, expires_at FROM events WHERE expires_at > ?1`;
    this.#new = database.prepare(`${from} AND ${isNew}`);
    this.#ofBox = database.prepare(
      `${from} AND ${isIndexed} AND box = ?2 AND time >= ?3 AND (time, id) < (?4, ?5)
       ORDER BY time DESC, id DESC LIMIT ${boxPageSize}`,
    );
    this.#ofPerson = database.prepare(
      `${from} AND ${isIndexed} AND box = ?2 AND person = ?5 AND time >= ?3 AND time < ?4 AND (time, made) < (?6, ?7)
       ORDER BY time DESC, made DESC LIMIT ${pageSize}`,
    );
    this.#ways = database.prepare(
      `SELECT device_id, endpoint, ip, passing ->> 2 AS own, max(passing ->> 0) AS at FROM events
       WHERE expires_at > ?1 AND ${isIndexed} AND box = ?2 AND person = ?3 AND passing ->> 0 < ?4
       GROUP BY 1, 2, 3, 4`,
    );
    this.#isUncounted = database.prepare(
      `SELECT 1 AS found FROM events WHERE ${isIndexed} AND box = ? AND person = ? AND passing IS NULL LIMIT 1`,
    );
    const lost = new LostPassings(database);
    this.#latest = new LatestPassings(database, { ...deps, lost });
    this.#passingChanges = new PassingChanges(database, { ...deps, lost });
    // A row without the column `passing` is of an earlier version: it is looked at in any case.
    this.#lastOfPerson = database.prepare(
      `${from} AND ${isIndexed} AND box = ?2 AND person = ?3 AND time < ?5 AND coalesce(passing ->> 0, 0) < ?4
       ORDER BY time DESC, made DESC`,
    );
  }

  async *read(range: PassingRange): AsyncGenerator<StoredPassing[]> {
    const { of } = range;
    if (typeof of === "string") yield* this.#readBoxes(range);
    else yield* this.#readPerson(range, of.key);
  }

  async lastBefore(people: readonly PersonAt[], time: number): Promise<(StoredPassing | null)[]> {
    const found: (StoredPassing | null)[] = [];
    for (let from = 0; from < people.length; from += peopleATurn, await turn()) {
      const some = people.slice(from, from + peopleATurn);
      const boxes = [...new Set(some.flatMap((one) => one.boxes))];
      const recent = Map.groupBy(this.#readNew({ boxes, from: 0, to: time, of: "known" }), ({ person }) => person?.key);
      for (const { key, boxes: among } of some) {
        const last = (recent.get(key) ?? []).filter(({ box }) => among.includes(box));
        last.push(...among.flatMap((box) => this.#lastPassing(box, key, time) ?? []));
        found.push(latestOf(last));
      }
    }
    return found;
  }

  #lastPassing(box: string, key: string, before: number): StoredPassing | null {
    const range = { boxes: [box], from: 0, to: before, of: { key } };
    let last: StoredPassing | null = null;
    for (const row of this.#lastOfPerson.iterate(this.#deps.clock(), box, key, before, before + aheadMs)) {
      // Rows are in the order of the times that boxes sent, and no counted time is later.
      if (last !== null && parseStored(placeRow, row, "a passing").time < last.at) break;
      for (const passing of this.#passingsOf([row], range)) last = laterOf(last, passing);
    }
    return last;
  }

  named(people: readonly PersonAt[]): Promise<(string | null)[]> {
    return this.#latest.named(people);
  }

  known(boxes: readonly string[]): Promise<KnownPerson[]> {
    return this.#latest.of(boxes);
  }

  /** People are kept in memory alone. */
  async forget(): Promise<void> {
    this.#latest.forget();
  }

  /**
   * A person may have passed a hundred times a day for years without any direction. So the newest passings are read, and
   * of all others only the devices and the directions. After a start thousands of people are read back at once: a turn for
   * each, so that no report waits for all.
   */
  async readBack(asked: EarlierPassings, isMeant: (way: Way) => boolean): Promise<StoredPassing[]> {
    await turn();
    const { key, boxes, to } = asked;
    const found = await readBack(asked, isMeant, (range) => firstOf(this.read(range)));
    const [last, end] = [latestAt(found.filter(isMeant)), found.at(-1)?.time ?? 0];
    if (found.length === 0 || end < last) return found;
    if (boxes.some((box) => this.#isUncounted.get(box, key) !== undefined)) {
      return readBack(asked, isMeant, (range) => this.read(range));
    }
    const fresh = this.#readNew({ boxes, from: 0, to, of: { key } }).filter(isMeant);
    const at = Math.max(latestAt(fresh), ...boxes.map((box) => this.#lastAt({ key, box, to }, isMeant)));
    if (at <= last) return found;
    for await (const some of this.read({ boxes, from: at, to: at + 1, of: { key } })) found.push(...some);
    return found;
  }

  hasOwnWays(box: string): Promise<boolean> {
    return this.#passingChanges.hasOwnWays(box);
  }

  async follow(): Promise<ChangesSince> {
    return this.#passingChanges.follow();
  }

  /** The counted time of the last passing in the indexes that is meant. */
  #lastAt({ key, box, to }: { key: string; box: string; to: number }, isMeant: (way: Way) => boolean): number {
    const ways = this.#ways.all(this.#deps.clock(), box, key, to).map((row) => parseStored(wayRow, row, "a way"));
    const meant = ways.filter(({ own, at: _, device_id: id, endpoint, ip }) =>
      isMeant({ box, own, device: { id, endpoint, ip } }),
    );
    return latestAt(meant);
  }

  /** The newest first at each box, some at a time, so that no report waits for long. */
  async *#readBoxes(range: PassingRange): AsyncGenerator<StoredPassing[]> {
    const recent = this.#readNew(range);
    const isRead = isAmong(recent);
    if (recent.length > 0) yield recent;
    for (const box of range.boxes) {
      // No id is before an empty text.
      let before: { time: number; id: string } | null = { time: range.to + aheadMs, id: "" };
      for (; before !== null; await turn()) {
        const rows: unknown[] = this.#ofBox.all(this.#deps.clock(), box, range.from, before.time, before.id);
        const found = this.#passingsOf(rows, range).filter((passing) => !isRead(passing));
        if (found.length > 0) yield found;
        before = rows.length < boxPageSize ? null : parseStored(placeOfBoxRow, rows.at(-1), "a passing");
      }
    }
  }

  /** The newest first, at all boxes together. */
  async *#readPerson(range: PassingRange, key: string): AsyncGenerator<StoredPassing[]> {
    const ofBoxes = range.boxes.map((box) => ({ box, after: undefined as Place | undefined, isEnd: false }));
    const held = this.#readNew(range);
    const isRead = isAmong(held);
    for (;;) {
      for (const boxCursor of ofBoxes.filter(({ isEnd }) => !isEnd)) {
        const page = this.#page({ ...range, boxes: [boxCursor.box] }, key, boxCursor.after);
        held.push(...page.passings.filter((passing) => !isRead(passing)));
        boxCursor.after = page.last;
        boxCursor.isEnd = page.last === undefined;
      }
      // Passings that are older than the place of a box may not be given yet: it may have some between.
      const until = Math.max(...ofBoxes.map(({ after }) => after?.time ?? Number.NEGATIVE_INFINITY));
      const ready = held.filter(({ time }) => time >= until).sort((a, b) => b.time - a.time);
      const later = held.filter(({ time }) => time < until);
      held.splice(0, held.length, ...later);
      if (ready.length > 0) yield ready;
      if (ofBoxes.every(({ isEnd }) => isEnd)) return;
      await turn();
    }
  }

  /** A page of a person at the box of a range; `last` is undefined at the end. */
  #page(range: PassingRange, key: string, after: Place = farPlace): { passings: StoredPassing[]; last?: Place } {
    const [box = ""] = range.boxes;
    const asked = [this.#deps.clock(), box, range.from, range.to + aheadMs, key, after.time, after.made] as const;
    const rows = this.#ofPerson.all(...asked);
    const passings = this.#passingsOf(rows, range);
    return rows.length < pageSize ? { passings } : { passings, last: parseStored(placeRow, rows.at(-1), "a passing") };
  }

  #passingsOf(rows: readonly unknown[], range: PassingRange): StoredPassing[] {
    const passings = rows.flatMap((row) => passingOf(row, this.#deps.rows) ?? []);
    return passings.filter((passing) => isInRange(passing, range));
  }

  #readNew(range: PassingRange): StoredPassing[] {
    const { own, others } = parseStored(changesRow, this.#changes.get(), "the number of changes");
    const changes = `${own} ${others}`;
    const now = this.#deps.clock();
    if (this.#newPassings.changes !== changes || this.#newPassings.firstEnd <= now) {
      const rows = this.#new.all(now);
      const ends = rows.map((row) => parseStored(endRow, row, "a new passing").expires_at);
      const firstEnd = ends.reduce((first, end) => Math.min(first, end), Number.POSITIVE_INFINITY);
      const passings = rows.flatMap((row) => passingOf(row, this.#deps.rows) ?? []);
      this.#newPassings = { changes, firstEnd, passings };
    }
    return this.#newPassings.passings.filter((passing) => isInRange(passing, range));
  }
}

/** The first passings alone. */
async function* firstOf(passings: AsyncIterable<StoredPassing[]>): AsyncGenerator<StoredPassing[]> {
  for await (const some of passings) return yield some;
}

function latestAt(passings: readonly { at: number }[]): number {
  return passings.reduce((latest, { at }) => Math.max(latest, at), Number.NEGATIVE_INFINITY);
}

/** New events may be put into the indexes while these are read: then they are found a second time. */
function isAmong(passings: readonly StoredPassing[]): (passing: StoredPassing) => boolean {
  const events = new Set(passings.map(({ event }) => event));
  return ({ event }) => events.has(event);
}

/** The place of a row in the list of a person. */
interface Place {
  time: number;
  made: number;
}

/** After every place of a row. */
const farPlace: Place = { time: 2 ** 53 - 1, made: 2 ** 53 - 1 };
