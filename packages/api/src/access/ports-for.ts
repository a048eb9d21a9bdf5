import type { ApiPorts } from "../ports.ts";
import { limitedPorts } from "./limited-ports.ts";

/**
 * The ports of a route for its caller. They have only the boxes that the caller sees. If the query names a site, they
 * have only its boxes.
 *
 * @param boxes the boxes that the caller sees; null for every box
 */
export async function portsFor(
  { boxes, query }: { boxes: readonly string[] | null; query: object },
  deps: ApiPorts,
): Promise<ApiPorts> {
  const site = "site" in query && typeof query.site === "string" ? query.site : null;
  const limited = boxes === null ? deps : limitedPorts(deps, boxes);
  if (site === null) return limited;
  const atSite = await limited.boxes.reader.boxesOf(site);
  return limitedPorts(deps, atSite, boxes === null ? "filter" : "limit");
}
