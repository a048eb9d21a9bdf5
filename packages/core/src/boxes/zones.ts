import { parseStored, storedJson } from "@gatepost/protocol";
import type { Rows } from "@gatepost/store";
import * as z from "zod/mini";
import { boxPrefix, defaultSite, sitePrefix } from "./sites.ts";

/** The parts of the records of a box and of a site that are needed: a function that takes reports has no more of them. */
const boxItem = z.object({
  record: storedJson(
    z.object({ zone: z._default(z.nullable(z.string()), null), site: z._default(z.nullable(z.string()), null) }),
  ),
});
const siteItem = z.object({ zone: z.optional(z.string()) });

interface Deps {
  items: Pick<Rows, "getAll">;
  /** The zone of the server, for boxes without one at sites without one; null if none is known. */
  usual: string | null;
  /** ms for which a process uses a zone that it has read; 0 if a read costs nothing. */
  knownForMs?: number;
  clock(): number;
}

/** ms for which a process uses a zone that it has read. */
export const zoneKnownForMs = 60_000;

/** Boxes whose zones are remembered. */
const maxKnown = 10_000;

/** The time zones of boxes, for times without one. */
export class BoxZones {
  readonly #deps: Deps;
  readonly #known = new Map<string, { zone: string | null; at: number }>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * The zone of a box, as `Asia/Shanghai`: as it is set, else as its site is set, else the server's. Null if there is none.
   * A replay often follows a change, so it uses no remembered zone.
   */
  async of(box: string, { isReplay = false } = {}): Promise<string | null> {
    const { clock, knownForMs = zoneKnownForMs } = this.#deps;
    const known = this.#known.get(box);
    if (!isReplay && known !== undefined && Math.abs(clock() - known.at) < knownForMs) return known.zone;
    const zone = await this.#read(box);
    if (knownForMs === 0) return zone;
    if (this.#known.size >= maxKnown) this.#known.clear();
    this.#known.set(box, { zone, at: clock() });
    return zone;
  }

  async #read(box: string): Promise<string | null> {
    const { record = null } = (await this.#get(boxPrefix + box, boxItem)) ?? {};
    if (record?.zone != null) return record.zone;
    const site = await this.#get(sitePrefix + (record?.site ?? defaultSite), siteItem);
    return site?.zone ?? this.#deps.usual;
  }

  async #get<Schema extends z.ZodMiniType>(pk: string, schema: Schema): Promise<z.output<Schema> | null> {
    const item = (await this.#deps.items.getAll([pk])).get(pk);
    return item === undefined ? null : parseStored(schema, item, pk);
  }
}
