import { type Items, type List, listOf } from "@gatepost/store";

/** Records of boxes are kept as items whose keys begin with this. */
export const boxPrefix = "box ";

/** The same of sites. */
export const sitePrefix = "site ";

/** The site of boxes to which no other was given. */
export const defaultSite = "default";

/** The boxes of a site; null: of no other site. */
export const ofSite = (site: string | null): List => ({ index: "byBox", name: listOf("site", site ?? defaultSite) });

/**
 * The boxes of a site, by name. Boxes of the last second may be missing, and a box that was never heard or set. It is
 * apart from the store, so that a function that takes reports does not contain the records.
 */
export async function boxesOfSite(site: string, items: Pick<Items, "entries">): Promise<string[]> {
  const found: string[] = [];
  const range = { lists: [ofSite(site)], order: "ascending" as const };
  for await (const { pk } of items.entries(range)) found.push(pk.slice(boxPrefix.length));
  return found.sort();
}
