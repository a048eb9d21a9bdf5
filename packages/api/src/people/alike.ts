import type { BoxReader } from "@gatepost/core/boxes";
import { alikeKey, type PassingReader } from "@gatepost/core/people";
import type { Sites } from "@gatepost/core/sites";
import { minuteMs } from "@gatepost/protocol";
import { inTurns } from "./in-turns.ts";

/** ms for which a count is used: on AWS, the profiles of all people of the counted boxes are read for it. */
const countedForMs = minuteMs;

/** People that are looked at in one turn. */
const peopleATurn = 2000;

/** How many people of a site several of its boxes know with the same id and name. */
export interface AlikeAtSite {
  site: string;
  people: number;
}

interface Deps {
  passings: Pick<PassingReader, "known">;
  sites: Pick<Sites, "list">;
  boxes: Pick<BoxReader, "names" | "places">;
  clock(): number;
}

/**
 * Counts people who may be one person each, for sites of which no one has said whether they are. A process counts once a
 * minute, and once after each answer about a site and each new box, however many pages ask.
 */
export class AlikePeople {
  readonly #deps: Deps;
  #last: { of: string; at: number; counted: Promise<AlikeAtSite[]> } | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** The sites with such people, by id. */
  async count(): Promise<AlikeAtSite[]> {
    const { sites, boxes } = this.#deps;
    const [stored, names] = await Promise.all([sites.list(), boxes.names()]);
    const answered = stored.flatMap((site) => (site.sharesPeople || site.keepsPeopleApart ? [site.id] : []));
    const [of, at] = [JSON.stringify([names.length, ...answered]), this.#deps.clock()];
    if (this.#last === null || this.#last.of !== of || Math.abs(at - this.#last.at) >= countedForMs) {
      this.#last = { of, at, counted: this.#count(names, answered) };
    }
    const last = this.#last;
    try {
      return await last.counted;
    } catch (error) {
      if (this.#last === last) this.#last = null;
      throw error;
    }
  }

  /** The boxes of each site about which there is a question. */
  async #askedSites(names: readonly string[], answered: readonly string[]): Promise<[site: string, boxes: string[]][]> {
    const places = await this.#deps.boxes.places(names);
    const asked = places.filter(({ site }) => !answered.includes(site));
    const ofSites = [...Map.groupBy(asked, ({ site }) => site)].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return ofSites.flatMap(([site, among]) => (among.length < 2 ? [] : [[site, among.map(({ id }) => id)]]));
  }

  async #count(names: readonly string[], answered: readonly string[]): Promise<AlikeAtSite[]> {
    const found: AlikeAtSite[] = [];
    for (const [site, boxes] of await this.#askedSites(names, answered)) {
      const [once, several] = [new Set<string>(), new Set<string>()];
      // One box knows an id once.
      await inTurns(await this.#deps.passings.known(boxes), peopleATurn, (person) => {
        const name = alikeKey(person);
        if (name === null) return;
        if (once.has(name)) several.add(name);
        else once.add(name);
      });
      if (several.size > 0) found.push({ site, people: several.size });
    }
    return found;
  }
}
