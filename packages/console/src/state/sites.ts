import type { Api } from "@gatepost/client";
import { signal } from "@preact/signals";
import { words } from "../words/index.ts";
import { gatepost } from "./session.ts";

export type Site = Api["GET /v1/sites"]["answer"]["sites"][number];

/** The site of boxes that are in no other. */
export const defaultSite = "default";

/** The name of a site for people; the default site has one in each language until it gets another. */
export const siteNameOf = ({ id, name }: Pick<Site, "id" | "name">) =>
  id === defaultSite && name === defaultSite ? words.value.filters.defaultSite : name;

/** The sites that the user sees, as they were read last. */
let known: readonly Site[] = [];

/** The name of a site, or of the only one with boxes, or that it is all of them. An unknown id is taken as a name. */
export function nameOfKnownSite(id: string | null): string {
  const [site, other] = known.filter(({ id: each, boxes }) => (id === null ? boxes.length > 0 : each === id));
  if (site !== undefined && other === undefined) return siteNameOf(site);
  return id ?? words.peek().live.allSites;
}

async function readSites(signal?: AbortSignal): Promise<readonly Site[]> {
  known = (await gatepost().ask("GET /v1/sites", signal === undefined ? {} : { signal })).sites;
  return known;
}

/** The sites that the user sees, the default site last, and only if it has boxes. */
export async function listSites(signal: AbortSignal): Promise<readonly Site[]> {
  const sites = await listAllSites(signal);
  return sites.filter(({ id, boxes }) => id !== defaultSite || boxes.length > 0);
}

/** The filter for passings of people as this box numbers them: by its site, if the site shares its people. */
export async function whereIdsAgree(box: string, signal: AbortSignal): Promise<{ site: string } | { box: string }> {
  const site = (await readSites(signal)).find(({ boxes }) => boxes.includes(box));
  return site?.sharesPeople === true ? { site: site.id } : { box };
}

/** The site of each box that shares its people with others. */
const sharing = signal<ReadonlyMap<string, string>>(new Map());

/** The box, or the site whose boxes share their people, at which an id means one person. */
export const libraryOf = (box: string) => sharing.value.get(box) ?? box;

export async function askSharing(): Promise<void> {
  const shared = (await readSites()).filter(({ sharesPeople }) => sharesPeople);
  sharing.value = new Map(shared.flatMap(({ id, boxes }) => boxes.map((box) => [box, `~${id}`] as const)));
}

/** The site of a library, which is the site itself (`~hq`) or a box of it; null if the user sees none. */
export function siteOfLibrary(library: string, sites: readonly Site[]): Site | null {
  const isIts = ({ id, boxes }: Site) => (library.startsWith("~") ? library === `~${id}` : boxes.includes(library));
  return sites.find(isIts) ?? null;
}

/** The same, always with the default site. */
export async function listAllSites(signal: AbortSignal): Promise<readonly Site[]> {
  const sites = await readSites(signal);
  const isDefault = ({ id }: Site) => id === defaultSite;
  return [...sites.filter((site) => !isDefault(site)), ...sites.filter(isDefault)];
}
