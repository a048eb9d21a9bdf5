import { dayText, type PersonRoster, type RosterMonth, type RosterOn } from "@gatepost/core/hours";
import { personKeyIn } from "../people/passed.ts";
import type { ApiPorts } from "../ports.ts";

/** Days around a range whose windows can have a passing of it. */
const daysAround = 2;

/** The rosters of a site, which are read month by month as days are needed. */
export class RosterDays {
  readonly #site: string;
  readonly #rosters: Pick<ApiPorts["rosters"], "of">;
  readonly #only: readonly Pick<PersonRoster, "library" | "key">[] | undefined;
  readonly #months = new Set<string>();
  readonly #days = new Map<string, PersonRoster["days"][]>();

  /** @param only these people; undefined for all of the site */
  constructor(
    site: string,
    rosters: Pick<ApiPorts["rosters"], "of">,
    only: readonly Pick<PersonRoster, "library" | "key">[] | undefined,
  ) {
    this.#site = site;
    this.#rosters = rosters;
    this.#only = only;
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
    for (const { library, key, days } of await this.#rosters.of(month, this.#only)) {
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
