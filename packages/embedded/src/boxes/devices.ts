import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { DeviceReader } from "@gatepost/core/boxes";
import { limits, parseStored, shortName } from "@gatepost/protocol";
import * as z from "zod";
import { isIndexed, isNew } from "../events/new-events.ts";

const deviceKey = "coalesce(device_id, endpoint, ip)";

const deviceRow = z.object({ device: z.string() });
const boxRow = z.object({ box: z.string() });

/**
 * Reads the devices of events. It steps through the index from each box, and from each of its devices, to the next: its
 * cost depends on the number of boxes and devices, not on the number of events.
 */
export class SqliteDeviceReader implements DeviceReader {
  readonly #boxes: StatementSync;
  readonly #devices: StatementSync;

  constructor(database: DatabaseSync) {
    const nextBox = (after: string) =>
      `SELECT box FROM events WHERE ${isIndexed} AND box > ${after} ORDER BY box LIMIT 1`;
    this.#boxes = database.prepare(
      `WITH RECURSIVE seen (box) AS
         (SELECT (${nextBox("''")}) UNION ALL SELECT (${nextBox("seen.box")}) FROM seen WHERE seen.box IS NOT NULL)
       SELECT box FROM seen WHERE box IS NOT NULL UNION SELECT box FROM events WHERE ${isNew}`,
    );
    const next = (after: string) =>
      `SELECT ${deviceKey} FROM events WHERE ${isIndexed} AND box = ?1 AND ${deviceKey} > ${after} ORDER BY ${deviceKey} LIMIT 1`;
    this.#devices = database.prepare(
      `WITH RECURSIVE seen (device) AS
         (SELECT (${next("''")}) UNION ALL SELECT (${next("seen.device")}) FROM seen WHERE seen.device IS NOT NULL
          LIMIT ${limits.devicesOfBox})
       SELECT device FROM seen WHERE device IS NOT NULL
       UNION SELECT ${deviceKey} FROM events WHERE ${isNew} AND box = ?1 AND ${deviceKey} IS NOT NULL`,
    );
  }

  async devices(boxes: readonly string[] = this.#allBoxes()): Promise<string[]> {
    const devices = new Set<string>();
    for (const box of boxes) {
      const ofBox = this.#devices.all(box).map((row) => shortName(parseStored(deviceRow, row, "a device").device));
      for (const device of ofBox.slice(0, limits.devicesOfBox)) devices.add(device);
      if (devices.size >= limits.devicesListed) break;
    }
    return [...devices].slice(0, limits.devicesListed);
  }

  #allBoxes(): string[] {
    return this.#boxes.all().map((row) => parseStored(boxRow, row, "a box of events").box);
  }
}
