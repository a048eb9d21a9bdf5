import { parseStored, storedJson } from "@gatepost/protocol";
import type { Rows } from "@gatepost/store";
import * as z from "zod/mini";
import { boxPrefix } from "./sites.ts";

/** The part of a box's record that is needed: a function that takes reports does not contain the rest. */
const record = z.object({ record: storedJson(z.object({ zone: z._default(z.nullable(z.string()), null) })) });

interface Deps {
  items: Pick<Rows, "getAll">;
  /** The zone of boxes for which none was set; null if none is known. */
  usual: string | null;
  clock(): number;
}

/** ms for which a process uses a zone that it has read. */
export const zoneKnownForMs = 60_000;

/** Boxes whose zones are remembered. */
const maxKnown = 10_000;

/** The time zones of boxes, for terminals that send times without one. */
export class BoxZones {
  readonly #deps: Deps;
  readonly #known = new Map<string, { zone: string | null; at: number }>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** The zone that was set for a box up to a minute ago, else the usual one, as `Asia/Shanghai`; null if there is none. */
  async of(box: string): Promise<string | null> {
    const { items, usual, clock } = this.#deps;
    const known = this.#known.get(box);
    if (known !== undefined && Math.abs(clock() - known.at) < zoneKnownForMs) return known.zone;
    const pk = boxPrefix + box;
    const item = (await items.getAll([pk])).get(pk);
    const zone = (item === undefined ? null : parseStored(record, item, pk).record.zone) ?? usual;
    if (this.#known.size >= maxKnown) this.#known.clear();
    this.#known.set(box, { zone, at: clock() });
    return zone;
  }
}
