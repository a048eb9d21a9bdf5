import type { EventReader } from "@gatepost/core/events";
import type { Log } from "@gatepost/core/log";
import {
  type PassingReader,
  type PeopleSettings,
  Profiles,
  passingsIn,
  type StoredPassing,
  storedPassingOf,
} from "@gatepost/core/people";
import { dayMs, merge } from "@gatepost/protocol";
import type { Item, Items } from "@gatepost/store";
import { forEachLimit } from "../dynamo/groups.ts";
import { textOf } from "../dynamo/item.ts";
import { eventOf } from "../events/row.ts";
import type { DynamoPassings } from "../people/passings.ts";

interface Deps {
  events: Pick<EventReader, "list">;
  items: Pick<Items, "get" | "write" | "remove" | "list">;
}

/** The profiles of the table. Events list the passings of a person, and profiles list the people of a box. */
export function profilesOn({ events, items }: Deps): Profiles {
  return new Profiles({ items, read: (range) => passingsIn(events, range) });
}

/** Reads passings from the lists of events, and people from their profiles. */
export function passingsOn({ passings, ...deps }: Deps & { passings: DynamoPassings }): PassingReader {
  const profiles = profilesOn(deps);
  return {
    read: (range) => passings.read(range),
    lastBefore: (people, time) => passings.lastBefore(people, time),
    named: (people) => profiles.named(people),
    known: (boxes) => profiles.of(boxes),
    forget: (boxes) => profiles.removeAt(boxes),
  };
}

/** Notes the people of changed events in their profiles, from the stream of the table. */
export class ProfileNotes {
  readonly #profiles: Profiles;
  readonly #settings: Pick<PeopleSettings, "state">;
  readonly #log: Log;

  constructor({
    profiles,
    settings,
    log,
  }: {
    profiles: Profiles;
    settings: Pick<PeopleSettings, "state">;
    log: Log;
  }) {
    this.#profiles = profiles;
    this.#settings = settings;
    this.#log = log;
  }

  /** Throws if a store fails; then the batch is delivered again, which changes nothing that is noted. */
  async note(changes: readonly { before: Item | undefined; after: Item | undefined }[]): Promise<void> {
    const moves = changes.map(({ before, after }) => [this.#passingIn(before), this.#passingIn(after)] as const);
    const notes = moves.flatMap(([old, now]) => notesOf(old, now));
    if (notes.length === 0) return;
    const { isOn, mayHaveBeenOff } = await this.#settings.state();
    // The notes of a profile follow each other: what one has written decides what the next one has to.
    const ofProfiles = Map.groupBy(notes, ({ passing: { box, person } }) => JSON.stringify([box, person?.key]));
    await forEachLimit([...ofProfiles.values()], async (ofProfile) => {
      for (const { passing, isRemoved } of ofProfile) {
        if (isRemoved) await this.#profiles.noteRemoved(passing);
        else if (isOn) await this.#profiles.note(passing, mayHaveBeenOff);
      }
    });
  }

  /** A row that cannot be read must not hold up all later ones. */
  #passingIn(row: Item | undefined): StoredPassing | null {
    if (row === undefined || !textOf(row, "pk").startsWith("evt_")) return null;
    try {
      return storedPassingOf(merge(eventOf(row)));
    } catch (cause) {
      this.#log.error("the person of an event was not noted", { cause });
      return null;
    }
  }
}

/** The person and the day that a profile follows; the same if there is none. */
function personDay(passing: StoredPassing | null): string | null {
  const person = passing?.person ?? null;
  return passing === null || person === null ? null : JSON.stringify([person.key, Math.floor(passing.at / dayMs)]);
}

interface Note {
  passing: StoredPassing;
  isRemoved: boolean;
}

/** The notes of a change of an event: of the passing that it has now, and of the one that it had. */
function notesOf(old: StoredPassing | null, now: StoredPassing | null): Note[] {
  const isOther = personDay(old) !== personDay(now);
  const [before, after] = [nameOf(old), nameOf(now)];
  const isRenamed = before !== after;
  return [
    ...(now !== null && (isOther || (isRenamed && after !== null)) ? [{ passing: now, isRemoved: false }] : []),
    ...(old !== null && (isOther || (isRenamed && before !== null)) ? [{ passing: old, isRemoved: true }] : []),
  ];
}

function nameOf(passing: StoredPassing | null): string | null {
  return passing?.person?.name ?? null;
}
