import { all, type Items, placeAt, present } from "@gatepost/store";
import { GatepostError } from "../errors/errors.ts";
import { newSite, type Site, type SiteChange, siteAttributes, siteIn, siteList, sites } from "./site.ts";

/** Most sites that are stored: a list reads all of them. */
const maxSites = 500;

interface Deps {
  items: Items;
  /** The IANA zone of a site for which none is set. */
  zone: string;
}

/** The settings of sites by people. Which boxes are at a site is in the records of boxes. */
export class Sites {
  readonly #items: Items;
  readonly #zone: string;

  constructor({ items, zone }: Deps) {
    this.#items = items;
    this.#zone = zone;
  }

  /** The stored sites, by id. One that was made within the last second may be missing on AWS. */
  async list(): Promise<Site[]> {
    const found: Site[] = [];
    for await (const { pk, item } of this.#items.list({ lists: [siteList], order: "ascending" })) {
      found.push(siteIn(sites.id(pk), sites.read(item), this.#zone));
    }
    return found;
  }

  /** Null if nothing is set of it. */
  async get(id: string): Promise<Site | null> {
    const item = await this.#items.get(sites.pk(id));
    return item === null ? null : siteIn(id, sites.read(item), this.#zone);
  }

  /** A site of which nothing is set. */
  unset(id: string): Site {
    return newSite(id, this.#zone);
  }

  /**
   * Sets members of a site, and makes it if there is none. The others keep their values, also if another process sets
   * them at the same time, but of `sharesPeople` and `keepsPeopleApart` one that is set to true ends the other. Throws 409
   * if there are too many sites.
   */
  async put(id: string, sent: SiteChange): Promise<Site> {
    const change = withOneAnswer(sent);
    if ((await this.get(id)) === null) await this.#requireRoom();
    const set = siteAttributes(change);
    const { zone: _, ...unset } = this.unset(id);
    const others = Object.entries(siteAttributes(unset)).filter(
      ([name]) => set[name as keyof typeof set] === undefined,
    );
    await this.#items.write(
      sites.change(id, {
        set: { ...set, byTime: siteList.name, at: placeAt(0, id) },
        setIfAbsent: Object.fromEntries(others),
        when: all(),
      }),
    );
    return (await this.get(id)) ?? { ...this.unset(id), ...change };
  }

  /** False if nothing is set of the site. */
  async remove(id: string): Promise<boolean> {
    return (await this.#items.remove(sites.pk(id), present())) !== null;
  }

  async #requireRoom(): Promise<void> {
    let count = 0;
    for await (const _ of this.#items.entries({ lists: [siteList], order: "ascending" })) count += 1;
    if (count < maxSites) return;
    throw new GatepostError("conflict", `there are ${maxSites} sites; remove one that is not needed first`);
  }
}

/** A change after which people with one id are not both the same and different ones. */
function withOneAnswer(change: SiteChange): SiteChange {
  if (change.sharesPeople === true) return { ...change, keepsPeopleApart: false };
  return change.keepsPeopleApart === true ? { ...change, sharesPeople: false } : change;
}
