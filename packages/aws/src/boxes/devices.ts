import type { DeviceReader } from "@gatepost/core/boxes";
import { limits, parseStored, shortName, storedJson } from "@gatepost/protocol";
import * as z from "zod";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { isExpired } from "../dynamo/expiry.ts";
import * as lists from "../dynamo/lists.ts";
import { chunk, queryShards } from "../dynamo/query-shards.ts";

const batchSize = 100;

const deviceRow = z.object({ device: storedJson(z.string()), box: z.string() });

/** Reads the devices that the registry has stored. */
export class DynamoDeviceReader implements DeviceReader {
  readonly #dynamo: Dynamo;
  readonly #clock: () => number;

  constructor(dynamo: Dynamo, clock: () => number) {
    this.#dynamo = dynamo;
    this.#clock = clock;
  }

  async devices(boxes?: readonly string[]): Promise<string[]> {
    const devices = new Set<string>();
    const shards = [{ index: "byTime" as const, hash: lists.devices }];
    for await (const group of chunk(queryShards(this.#dynamo, { shards, order: "ascending" }), () => batchSize)) {
      const rows = await this.#dynamo.getAll(group.map(({ pk }) => pk));
      for (const [pk, row] of rows) {
        if (isExpired(row, this.#clock())) continue;
        const { device, box } = parseStored(deviceRow, row, pk);
        if (boxes === undefined || boxes.includes(box)) devices.add(shortName(device));
      }
      if (devices.size >= limits.devicesListed) break;
    }
    return [...devices].slice(0, limits.devicesListed);
  }
}
