import { GatepostError } from "@gatepost/core/errors";
import type { Seen } from "../access/seen-boxes.ts";
import type { ApiPorts } from "../ports.ts";

/** Whether every box of a site is seen. */
export async function isWhole(site: string, { boxesOf, isSeen }: Pick<Seen, "boxesOf" | "isSeen">): Promise<boolean> {
  return (await boxesOf(site)).every(isSeen);
}

/**
 * A caller who sees some boxes of a site makes and changes nothing that the site has as a whole. Their routes show the
 * caller's part of it.
 */
export async function requireWhole(site: string, seen: Seen): Promise<void> {
  if (await isWhole(site, seen)) return;
  throw new GatepostError("forbidden", "this is for the whole site, and you see a part of it; ask who sees all", {
    code: "part-of-site",
  });
}

export function limitedSites(sites: ApiPorts["sites"], seen: Seen): ApiPorts["sites"] {
  return {
    list: () => sites.list(),
    get: (id) => sites.get(id),
    unset: (id) => sites.unset(id),
    put: async (site, change) => requireWhole(site, seen).then(() => sites.put(site, change)),
    remove: async (site) => requireWhole(site, seen).then(() => sites.remove(site)),
  };
}
