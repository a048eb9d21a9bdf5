import { listBoxes } from "../boxes/list-boxes.ts";

/** A site as people choose it. */
export interface NamedSite {
  id: string;
  name: string;
}

/** The sites of the boxes that the user sees, by name. */
export async function listSites(signal: AbortSignal): Promise<readonly NamedSite[]> {
  const { boxes } = await listBoxes(signal);
  const ids = new Set(boxes.flatMap(({ site }) => (site === null ? [] : [site])));
  return [...ids].sort().map((id) => ({ id, name: id }));
}
