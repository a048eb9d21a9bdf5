import { storedJson } from "@gatepost/protocol";
import * as z from "zod/mini";

/** The boxes at which the person of a record was known, as the record stores them. */
export const storedBoxes = storedJson(z.array(z.string()));

/** The boxes of each site, and whether they share their people. */
interface SitePorts {
  sites: { list(): Promise<readonly { id: string; sharesPeople: boolean }[]> };
  boxes: { boxesOf(site: string): Promise<readonly string[]> };
}

/** Whose people an id is of: a box, or a site whose boxes share their people (`~hq`). */
export interface Libraries {
  of(box: string): string;
  /** The boxes of a library: for one that is no shared site, the box itself. */
  boxesOf(library: string): readonly string[];
}

/** The name of a person of a library in answers and maps. */
export function personKeyIn(library: string, key: string): string {
  return `${library}/${key}`;
}

/** The libraries of all boxes, as sites are set now. */
export async function readLibraries({ sites, boxes }: SitePorts): Promise<Libraries> {
  const shared = (await sites.list()).filter(({ sharesPeople }) => sharesPeople);
  const libraries = new Map<string, readonly string[]>(
    await Promise.all(shared.map(async ({ id }) => [`~${id}`, await boxes.boxesOf(id)] as const)),
  );
  const ofBox = new Map([...libraries].flatMap(([library, among]) => among.map((box) => [box, library] as const)));
  return {
    of: (box) => ofBox.get(box) ?? box,
    boxesOf: (library) => libraries.get(library) ?? (ofBox.has(library) ? [] : [library]),
  };
}
