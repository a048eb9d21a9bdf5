import { type KnownPerson, type PersonFacts, type StoredPassing, searchText } from "@gatepost/core/people";
import { dayMs } from "@gatepost/protocol";

/** A passing of a known person. */
export interface HeldPassing extends Pick<StoredPassing, "box" | "at" | "event" | "score"> {
  person: PersonFacts;
  /** When its event expires, ms since 1970. */
  expiresAt: number;
}

export interface HeldPerson {
  latest: HeldPassing;
  /** The latest passing with a name; null if there is none. */
  named: HeldPassing | null;
  /** The person as an answer has it. */
  shown: KnownPerson;
}

/** The people of a box; null: it has no passing of the person. */
export class HeldBox {
  /** Whether it has all people of the box. */
  isWhole = false;
  readonly #people = new Map<string, HeldPerson | null>();
  /** No passing expires before, ms since 1970. */
  #firstEnd = Number.POSITIVE_INFINITY;
  /** The people as an answer has them; null after a change. */
  #listed: readonly KnownPerson[] | null = null;

  get size(): number {
    return this.#people.size;
  }

  get(key: string): HeldPerson | null | undefined {
    return this.#people.get(key);
  }

  /** Whether passings of a person are followed. */
  follows(key: string): boolean {
    return this.isWhole || this.#people.has(key);
  }

  set(key: string, { latest, named }: Pick<HeldPerson, "latest" | "named">): void {
    this.#people.set(key, { latest, named, shown: shownPerson(latest, named) });
    this.#firstEnd = Math.min(this.#firstEnd, endOf({ latest, named }));
    this.#listed = null;
  }

  clear(key: string): void {
    if (this.isWhole) this.#people.delete(key);
    else this.#people.set(key, null);
    this.#listed = null;
  }

  list(): readonly KnownPerson[] {
    this.#listed ??= [...this.#people.values()].flatMap((held) => (held === null ? [] : [held.shown]));
    return this.#listed;
  }

  /** The people of whom a passing has expired. They stay until they are read again. */
  expired(now: number): string[] {
    if (now < this.#firstEnd) return [];
    const ends = [...this.#people].flatMap(([key, held]) => (held === null ? [] : [{ key, end: endOf(held) }]));
    const later = ends.filter(({ end }) => end > now);
    this.#firstEnd = later.reduce((first, { end }) => Math.min(first, end), Number.POSITIVE_INFINITY);
    return ends.flatMap(({ key, end }) => (end > now ? [] : [key]));
  }
}

/** Null for a stranger, or an event that counts nowhere. */
export function heldOf(passing: StoredPassing | null, expiresAt: number): HeldPassing | null {
  if (passing === null || passing.person === null) return null;
  const { person, box, at, event, score } = passing;
  return { person, box, at, event, score, expiresAt };
}

export function isLater(one: HeldPassing, other: HeldPassing): boolean {
  return one.at > other.at || (one.at === other.at && one.event > other.event);
}

/** When the first of the passings of a person expires. */
function endOf({ latest, named }: Pick<HeldPerson, "latest" | "named">): number {
  return Math.min(latest.expiresAt, named?.expiresAt ?? latest.expiresAt);
}

function shownPerson({ person, box, at, score }: HeldPassing, named: HeldPassing | null): KnownPerson {
  const facts = { ...person, name: named?.person.name ?? null };
  const day = Math.floor(at / dayMs);
  return { ...facts, box, day, at, score, first: null, namedAt: named?.at ?? null, search: searchText(facts) };
}
