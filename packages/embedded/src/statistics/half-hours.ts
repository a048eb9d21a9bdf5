import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import { matchBuckets } from "@gatepost/core/events";
import {
  type CountedPart,
  type FlagCount,
  type HalfHour,
  type HalfHourCounts,
  type HalfHourRange,
  type MatchCount,
  withUnknownDevices,
} from "@gatepost/core/statistics";
import { checkBox, dayMs, parseStored, personTypes } from "@gatepost/protocol";
import type { Reader, Writer } from "@gatepost/sqlite";
import * as z from "zod";

const monthMs = 30 * dayMs;

const type = z.enum(personTypes);
const boxRow = z.object({ box: z.string() });
// Compiled, because a year of one box has many rows.
const halfHourRow = z.compile(z.object({ start: z.int(), type, count: z.int() }));
const deviceRow = z.compile(z.object({ start: z.int(), device: z.string(), type, count: z.int() }));
const totalRow = z.compile(z.object({ start: z.int(), count: z.int() }));
const buckets = Array.from({ length: matchBuckets }, (_, bucket) => `match_${bucket}` as const);
const matchRow = z.object({ type }).catchall(z.int());
const flagRow = z.object({ flag: z.string(), box: z.string(), count: z.int(), latest: z.string(), at: z.int() });
const sumRow = z.object({ count: z.int() });

/** Every box that was counted, found with one step through the index for each. */
const everyBox = `WITH RECURSIVE boxes (box) AS (
    SELECT min(box) FROM half_hours
    UNION ALL SELECT (SELECT min(box) FROM half_hours WHERE half_hours.box > boxes.box) FROM boxes WHERE boxes.box IS NOT NULL
  ) SELECT box FROM boxes WHERE box IS NOT NULL`;

const everyFlag = `WITH RECURSIVE flags (flag) AS (
    SELECT min(flag) FROM event_flags
    UNION ALL SELECT (SELECT min(flag) FROM event_flags WHERE event_flags.flag > flags.flag) FROM flags WHERE flags.flag IS NOT NULL
  )`;

/** The events that have a flag and exist: of all boxes if ?3 is null, else of the boxes in the JSON list. */
const flaggedEvents = `FROM flags
  CROSS JOIN event_flags ON event_flags.flag = flags.flag AND event_flags.time >= ?1 AND event_flags.time < ?2
  CROSS JOIN events ON events.id = event_flags.event_id AND expires_at > ?4
  WHERE box <> '${checkBox}' AND (?3 IS NULL OR box IN (SELECT value FROM json_each(?3)))`;

const countsByFlag = `${everyFlag} SELECT flags.flag, box, count(*) AS count, event_id AS latest, max(event_flags.time) AS at
  ${flaggedEvents} GROUP BY flags.flag, box`;
const countOfFlagged = `${everyFlag} SELECT count(DISTINCT event_id) AS count ${flaggedEvents}`;

/** A box and a range of ms. */
type AskedHalfHours = readonly [box: string, from: number, to: number];

interface Deps {
  /** Reads the same file. Many events may have flags, and each row is on another page. */
  reader: Reader;
  clock(): number;
  /** Days for which counts are kept. */
  days: number;
}

/**
 * The counts of one machine, kept by triggers (db/schema/half-hours.ts and device-half-hours.ts). They are read box by box and month by
 * month, so that no report waits for long.
 */
export class SqliteHalfHours implements HalfHourCounts {
  readonly #writer: Writer;
  readonly #reader: Reader;
  readonly #clock: () => number;
  readonly #keptMs: number;
  readonly #boxes: StatementSync;
  readonly #halfHours: StatementSync;
  readonly #ofDevices: StatementSync;
  readonly #totals: StatementSync;
  readonly #totalsOfDevices: StatementSync;
  readonly #match: StatementSync;
  readonly #drops: StatementSync[];

  constructor(database: DatabaseSync, writer: Writer, { reader, clock, days }: Deps) {
    this.#writer = writer;
    this.#reader = reader;
    this.#clock = clock;
    this.#keptMs = days * dayMs;
    const inRange = "FROM half_hours WHERE box = ? AND start >= ? AND start < ?";
    this.#boxes = database.prepare(everyBox);
    this.#halfHours = database.prepare(`SELECT start, type, count ${inRange}`);
    this.#totals = database.prepare(`SELECT start, sum(count) AS count ${inRange} GROUP BY start`);
    const ofDevices =
      "FROM device_half_hours WHERE box = ? AND start >= ? AND start < ? AND (?4 IS NULL OR device IN (SELECT value FROM json_each(?4)))";
    this.#ofDevices = database.prepare(`SELECT start, device, type, count ${ofDevices}`);
    this.#totalsOfDevices = database.prepare(`SELECT start, sum(count) AS count ${ofDevices} GROUP BY start`);
    const sums = buckets.map((bucket) => `sum(${bucket}) AS ${bucket}`).join(", ");
    this.#match = database.prepare(`SELECT type, ${sums} ${inRange} GROUP BY type`);
    this.#drops = ["half_hours", "device_half_hours"].map((table) =>
      database.prepare(`DELETE FROM ${table} WHERE box = ? AND start < ?`),
    );
  }

  async *read({ boxes, devices, isByDevice = false, ...range }: HalfHourRange): AsyncGenerator<CountedPart> {
    for (const box of boxes ?? this.#allBoxes()) {
      for (const [from, to] of this.#months(this.#kept(range))) {
        const asked = [box, from, to] as const;
        const named = isByDevice || devices !== undefined ? this.#namedIn(asked, devices) : [];
        if (devices !== undefined) yield { halfHours: named, match: [] };
        else {
          const halfHours = withUnknownDevices(named, this.#allIn(asked));
          yield { halfHours, match: this.#match.all(...asked).flatMap((row) => matchesOf(row, box)) };
        }
        await turn();
      }
    }
  }

  async totals({ boxes, devices, ...range }: HalfHourRange): Promise<Map<number, number>> {
    const totals = new Map<number, number>();
    for (const box of boxes ?? this.#allBoxes()) {
      const asked = [box, ...this.#kept(range)] as const;
      const rows =
        devices === undefined
          ? this.#totals.all(...asked)
          : this.#totalsOfDevices.all(...asked, JSON.stringify(devices));
      for (const row of rows) {
        const { start, count } = parseStored(totalRow, row, rowOf(box));
        totals.set(start, (totals.get(start) ?? 0) + count);
      }
      await turn();
    }
    return totals;
  }

  async flags(range: HalfHourRange): Promise<FlagCount[]> {
    const rows = await this.#reader.all(countsByFlag, this.#flaggedIn(range));
    return rows.map((row) => parseStored(flagRow, row, "events with flags"));
  }

  async flagged(range: HalfHourRange): Promise<number> {
    const [row] = await this.#reader.all(countOfFlagged, this.#flaggedIn(range));
    return parseStored(sumRow, row, "events with flags").count;
  }

  /** Removes counts that are too old. */
  async removeOld(): Promise<void> {
    const before = this.#clock() - this.#keptMs;
    for (const box of this.#allBoxes()) {
      await this.#writer.run(() => {
        for (const drop of this.#drops) drop.run(box, before);
      });
    }
  }

  #allIn([box, from, to]: AskedHalfHours): HalfHour[] {
    return this.#halfHours
      .all(box, from, to)
      .map((row) => ({ box, device: null, ...parseStored(halfHourRow, row, rowOf(box)) }));
  }

  #namedIn([box, from, to]: AskedHalfHours, devices: readonly string[] | undefined): HalfHour[] {
    const among = devices === undefined ? null : JSON.stringify(devices);
    return this.#ofDevices
      .all(box, from, to, among)
      .map((row) => ({ box, ...parseStored(deviceRow, row, `device_${rowOf(box)}`) }));
  }

  #kept({ from, to }: { from: number; to: number }): [from: number, to: number] {
    return [Math.max(from, this.#clock() - this.#keptMs), to];
  }

  /** Parts of a range that are short enough for one turn. The future is a single part: it hardly has counts. */
  *#months([from, to]: [from: number, to: number]): Generator<[from: number, to: number]> {
    let begin = from;
    for (; begin + monthMs < Math.min(to, this.#clock()); begin += monthMs) yield [begin, begin + monthMs];
    yield [begin, to];
  }

  #flaggedIn({ from, to, boxes }: HalfHourRange) {
    return [from, to, boxes === null ? null : JSON.stringify(boxes), this.#clock()] as const;
  }

  #allBoxes(): string[] {
    return this.#boxes.all().map((row) => parseStored(boxRow, row, "half_hours").box);
  }
}

function matchesOf(row: unknown, box: string): MatchCount[] {
  const { type, ...sums } = parseStored(matchRow, row, rowOf(box));
  return buckets.flatMap((name, bucket) => {
    const count = sums[name] ?? 0;
    return count === 0 ? [] : [{ type, bucket, count }];
  });
}

function rowOf(box: string): string {
  return `half_hours of box ${box}`;
}
