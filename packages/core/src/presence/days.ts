import { type PassingReader, readBack } from "../people/stored.ts";
import {
  type AskedDay,
  type ChangesSince,
  DayPassings,
  type PassingSettings,
  type PeopleOfDay,
  type PresenceReader,
  versionOf,
} from "./day.ts";

/** Days that are held, and their passings and people in all: some tens of megabytes. Others are read for each count. */
const maxDays = 64;
const maxSize = 200_000;

interface Shared {
  day: DayPassings | null;
  changes: ChangesSince | null;
  /** Ends when no request uses the day. */
  turn: Promise<unknown>;
}

/** The reader of a store that has no indexes for presence. Without `follow` it does not tell changes, either. */
export function readerOf(
  passings: Pick<PassingReader, "read" | "known">,
  follow: PresenceReader["follow"] = () => null,
): PresenceReader {
  const read: PassingReader["read"] = (range) => passings.read(range);
  return {
    read,
    known: (boxes) => passings.known(boxes),
    readBack: (asked, isMeant) => readBack(asked, isMeant, read),
    hasOwnWays: async () => true,
    follow,
  };
}

/**
 * The people of days, for counts of who is inside. If the store tells changes, the passings of a day are read once, and
 * all requests share them: each gets them as they are when it asks.
 */
export class PresenceDays {
  readonly #reader: PresenceReader;
  /** The one that was used last is last. */
  readonly #shared = new Map<string, Shared>();

  constructor(reader: PresenceReader) {
    this.#reader = reader;
  }

  /** @param needed people who are read also if no passing of theirs has a direction, by `personKeyIn` */
  of(asked: AskedDay, settings: PassingSettings, needed: ReadonlySet<string>): Promise<PeopleOfDay> {
    const name = JSON.stringify([asked.boxes.toSorted(), asked.from, asked.dayStart, asked.to]);
    const shared = this.#shared.get(name) ?? { day: null, changes: null, turn: Promise.resolve() };
    this.#shared.delete(name);
    this.#shared.set(name, shared);
    const found = shared.turn.then(() => this.#read(shared, { asked, settings, needed }));
    shared.turn = found.catch(() => {
      shared.day = null;
    });
    return found;
  }

  async #read(
    shared: Shared,
    { asked, settings, needed }: { asked: AskedDay; settings: PassingSettings; needed: ReadonlySet<string> },
  ): Promise<PeopleOfDay> {
    const version = versionOf(asked, settings);
    const day = (await this.#current(shared, version)) ?? (await this.#begin(shared, asked, settings));
    await day.decide(needed, this.#reader);
    const people = day.show();
    this.#forgetMany();
    return people;
  }

  /** The held day with all changes since; null if there is none, or it was read with other settings. */
  async #current({ day, changes }: Shared, version: string): Promise<DayPassings | null> {
    if (day === null || day.version !== version) return null;
    const changed = (await changes?.()) ?? null;
    for (const change of changed ?? []) day.change(change);
    return changed === null ? null : day;
  }

  async #begin(shared: Shared, asked: AskedDay, settings: PassingSettings): Promise<DayPassings> {
    shared.day = null;
    shared.changes = await this.#reader.follow();
    const day = new DayPassings(asked, settings);
    await day.read(this.#reader);
    if (shared.changes !== null) shared.day = day;
    return day;
  }

  #forgetMany(): void {
    let [days, size] = [0, 0];
    for (const [name, { day }] of [...this.#shared].reverse()) {
      days += 1;
      size += day?.size ?? 0;
      if (days > maxDays || size > maxSize) this.#shared.delete(name);
    }
  }
}
