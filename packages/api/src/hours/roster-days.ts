import { dayText, type PersonRoster, type RosterMonth, type RosterOn } from "@gatepost/core/hours";
import type { Libraries } from "@gatepost/core/sites";
import { personKeyIn } from "../people/passed.ts";
import type { ApiPorts } from "../ports.ts";

/** Days around a range whose windows can have a passing of it. */
const daysAround = 2;

type Named = Pick<PersonRoster, "library" | "key">;

/** People by all libraries in which records can have them: one whom boxes share may have some of a box. */
export function everyRecordOf(people: readonly Named[], { boxesOf }: Libraries): Named[] {
  return people.flatMap(({ library, key }) =>
    [...new Set([library, ...boxesOf(library)])].map((one) => ({ library: one, key })),
  );
}

/**
 * The rosters of people by their libraries now: what was planned at boxes that share their people since is of the site. A
 * day that was planned there counts first, then the one of the last box by name.
 */
export function rostersIn(rows: readonly PersonRoster[], libraries: Libraries): PersonRoster[] {
  const found = new Map<string, PersonRoster>();
  const isOwn = ({ library }: Named) => Number(libraries.of(library) === library);
  for (const row of rows.toSorted((a, b) => isOwn(a) - isOwn(b) || (a.library < b.library ? -1 : 1))) {
    const library = libraries.of(row.library);
    const name = personKeyIn(library, row.key);
    const held = found.get(name);
    const days = Object.entries({ ...held?.days, ...row.days }).sort(([a], [b]) => (a < b ? -1 : 1));
    const boxes = [...new Set([...(held?.boxes ?? []), ...row.boxes])];
    found.set(
      name,
      held === undefined ? { ...row, library } : { ...row, library, boxes, days: Object.fromEntries(days) },
    );
  }
  return [...found.values()];
}

/** The rosters of a site, which are read month by month as days are needed. */
export class RosterDays {
  readonly #site: string;
  readonly #rosters: Pick<ApiPorts["rosters"], "of">;
  readonly #only: readonly Named[] | undefined;
  readonly #libraries: Libraries;
  readonly #months = new Set<string>();
  readonly #days = new Map<string, PersonRoster["days"][]>();

  /** @param only these people; undefined for all of the site */
  constructor(
    site: string,
    rosters: Pick<ApiPorts["rosters"], "of">,
    { only, libraries }: { only: readonly Named[] | undefined; libraries: Libraries },
  ) {
    this.#site = site;
    this.#rosters = rosters;
    this.#only = only && everyRecordOf(only, libraries);
    this.#libraries = libraries;
  }

  /** Reads the months in which a range is, and the days around it (days since 1970). */
  async read({ from, to }: { from: number; to: number }): Promise<void> {
    for (let day = from - daysAround; day <= to + daysAround; day++) {
      const month = dayText(day).slice(0, 7);
      if (this.#months.has(month)) continue;
      this.#months.add(month);
      await this.#readMonth({ site: this.#site, month });
    }
  }

  async #readMonth(month: RosterMonth): Promise<void> {
    for (const { library, key, days } of rostersIn(await this.#rosters.of(month, this.#only), this.#libraries)) {
      const name = personKeyIn(library, key);
      const held = this.#days.get(name);
      if (held === undefined) this.#days.set(name, [days]);
      else held.push(days);
    }
  }

  /** The roster of a person, by `personKeyIn`; null if it has none in the months that were read. */
  of(name: string): RosterOn | null {
    const months = this.#days.get(name);
    if (months === undefined) return null;
    return (day) => months.find((days) => day in days)?.[day];
  }
}
