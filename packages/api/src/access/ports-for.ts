import { GatepostError } from "@gatepost/core/errors";
import { readLibraries } from "@gatepost/core/sites";
import type { StoredEvent } from "@gatepost/protocol";
import type { ApiPorts } from "../ports.ts";
import { limitedPorts } from "./limited-ports.ts";

/**
 * The ports of a route for its caller. They have only the boxes that the caller sees. If the query names a site, they
 * have only its boxes, unless the route asks for others (`seesOtherSites`).
 *
 * @param boxes the boxes that the caller sees; null for every box
 * @param ofActions whether the caller sees only events that have an action
 */
export async function portsFor(
  { boxes, query, ofActions = false }: { boxes: readonly string[] | null; query: object; ofActions?: boolean },
  deps: ApiPorts,
): Promise<ApiPorts> {
  if (ofActions) return portsOfActions(deps);
  const site = "site" in query && typeof query.site === "string" ? query.site : null;
  const limited = boxes === null ? deps : limitedPorts(deps, boxes);
  if (site === null) return limited;
  const atSite = await limited.boxes.reader.boxesOf(site);
  const ports = limitedPorts(deps, atSite, boxes === null ? "filter" : "limit");
  return { ...ports, boxes: boxesAtSite(ports.boxes, { site, boxes: atSite }) };
}

/** Ports of boxes that have only the boxes of a site, which exist. Their names are not read again. */
function boxesAtSite(
  { reader, ...others }: ApiPorts["boxes"],
  { site, boxes }: { site: string; boxes: readonly string[] },
): ApiPorts["boxes"] {
  const names: typeof reader.names = async (asked = null) => boxes.filter((box) => asked?.includes(box) ?? true);
  const boxesOf: typeof reader.boxesOf = async (of) => (of === site ? [...boxes] : []);
  return { reader: { ...reader, names, boxesOf }, ...others };
}

/** The ports of a key to settle actions: an event without an action does not exist for it, and it has no lists. */
function portsOfActions(deps: ApiPorts): ApiPorts {
  const { events } = deps;
  const hasAction = ({ actions }: StoredEvent) => actions.length > 0;
  const get: ApiPorts["events"]["get"] = async (id) => {
    const event = await events.get(id);
    return event !== null && hasAction(event) ? event : null;
  };
  return {
    ...deps,
    events: {
      get,
      list: async () => ({ items: [], next: null }),
      count: async () => ({ count: 0, isExact: true }),
      neighbours: async () => ({ newer: null, older: null }),
      getAll: async (ids) => new Map([...(await events.getAll(ids))].filter(([, event]) => hasAction(event))),
    },
  };
}

/** The ports with the boxes of a site alone, of those that `deps` has. Throws 404 if there is none. */
export async function portsAtSite(site: string, deps: ApiPorts): Promise<ApiPorts> {
  const ports = await portsFor({ boxes: null, query: { site } }, deps);
  await requireBoxes(ports);
  return ports;
}

/** Whether the caller of `deps` sees a box of a site. */
export async function seesSite(site: string, { boxes }: Pick<ApiPorts, "boxes">): Promise<boolean> {
  return (await boxes.reader.boxesOf(site)).length > 0;
}

/** Whether the caller of `deps` sees a library: a box, or a box of the site that shares its people now. */
export async function seesLibrary(of: string, { boxes, sites }: Pick<ApiPorts, "boxes" | "sites">): Promise<boolean> {
  const library = (await readLibraries({ sites, boxes: boxes.sites })).of(of);
  if (library.startsWith("~")) return seesSite(library.slice(1), { boxes });
  return (await boxes.reader.names()).includes(library);
}

/** Throws 404 if the ports, which are of one site, have no box. */
export async function requireBoxes({ boxes }: Pick<ApiPorts, "boxes">): Promise<void> {
  if ((await boxes.reader.names()).length > 0) return;
  throw new GatepostError("not-found", "there is no box of this site that you see");
}
