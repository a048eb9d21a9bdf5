import { limits, parseStored, storedJson } from "@gatepost/protocol";
import * as z from "zod/mini";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { ttlAt } from "../dynamo/expiry.ts";

/** Tries to write the seats of a box that other processes write at the same time. */
const maxTries = 8;

/** ms for which the seats are kept after the last new device: longer than any event. */
const keptMs = 800 * 24 * 60 * 60 * 1000;

const seatsRow = z.object({ rows: storedJson(z.array(z.string())), rev: z.int() });

/**
 * Which rows of devices a box has: a row `devices BOX` with their keys, at most so many. A row that is gone, because its
 * last event is, gives its seat to the next device.
 */
export class DeviceSeats {
  readonly #dynamo: Dynamo;

  constructor(dynamo: Dynamo) {
    this.#dynamo = dynamo;
  }

  /** Takes a seat for the row of a device. False where the box has none left. */
  async take(box: string, row: string, now: number): Promise<boolean> {
    const pk = `devices ${box}`;
    for (let tries = 0; tries < maxTries; tries += 1) {
      const held = (await this.#dynamo.getAll([pk])).get(pk);
      const { rows, rev } = held === undefined ? { rows: [], rev: 0 } : parseStored(seatsRow, held, pk);
      if (rows.includes(row)) return true;
      const taken = rows.length < limits.devicesOfBox ? rows : [...(await this.#dynamo.getAll(rows)).keys()];
      if (taken.length >= limits.devicesOfBox) return false;
      const { applied } = await this.#dynamo.put(
        { pk, rows: JSON.stringify([...taken, row]), rev: rev + 1, ttl: ttlAt(now + keptMs) },
        rev === 0 ? "attribute_not_exists(#pk)" : "#rev = :rev",
        rev === 0 ? {} : { rev },
      );
      if (applied) return true;
    }
    throw new Error(`the seats of the devices of box ${box} are changed by others again and again`);
  }
}
