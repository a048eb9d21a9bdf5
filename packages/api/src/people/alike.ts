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
 * minute, and once after each change of a site or its boxes, however many pages ask.
 */
export class AlikePeople {
  readonly #deps: Deps;
  #last: { of: string; at: number; counted: Promise<AlikeAtSite[]> } | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** The sites with such people, by id. */
  async count(): Promise<AlikeAtSite[]> {
    const asked = await this.#askedSites();
    const [of, at] = [JSON.stringify([...asked]), this.#deps.clock()];
    if (this.#last === null || this.#last.of !== of || Math.abs(at - this.#last.at) >= countedForMs) {
      this.#last = { of, at, counted: this.#countAt(asked) };
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
  async #askedSites(): Promise<Map<string, string[]>> {
    const { sites, boxes } = this.#deps;
    const [stored, places] = await Promise.all([sites.list(), boxes.names().then((names) => boxes.places(names))]);
    const answered = new Set(stored.filter((site) => site.sharesPeople || site.keepsPeopleApart).map(({ id }) => id));
    const ofSites = [...Map.groupBy(places, ({ site }) => site)].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return new Map(
      ofSites.flatMap(([site, among]) =>
        among.length < 2 || answered.has(site) ? [] : [[site, among.map(({ id }) => id).toSorted()] as const],
      ),
    );
  }

  async #countAt(asked: ReadonlyMap<string, readonly string[]>): Promise<AlikeAtSite[]> {
    const found: AlikeAtSite[] = [];
    for (const [site, boxes] of asked) {
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
