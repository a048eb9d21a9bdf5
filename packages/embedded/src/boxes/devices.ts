import type { DatabaseSync, StatementSync } from "node:sqlite";
import { parseStored } from "@gatepost/protocol";
import type { DeviceReader } from "@gatepost/query";
import * as z from "zod";

const deviceKey = "coalesce(device_id, endpoint, ip)";

const deviceRow = z.object({ device: z.string() });

/** Reads the devices of all events. */
export class SqliteDeviceReader implements DeviceReader {
  readonly #devices: StatementSync;

  constructor(database: DatabaseSync) {
    // Goes from each device to the next one in the index: as many steps as there are devices, however many events they
    // have.
    const next = (after: string) =>
      `SELECT ${deviceKey} FROM events WHERE ${deviceKey} > ${after} ORDER BY ${deviceKey} LIMIT 1`;
    this.#devices = database.prepare(
      `WITH RECURSIVE seen (device) AS
         (SELECT (${next("''")}) UNION ALL SELECT (${next("seen.device")}) FROM seen WHERE seen.device IS NOT NULL)
       SELECT device FROM seen WHERE device IS NOT NULL`,
    );
  }

  async devices(): Promise<string[]> {
    return this.#devices.all().map((row) => parseStored(deviceRow, row, "a device").device);
  }
}
