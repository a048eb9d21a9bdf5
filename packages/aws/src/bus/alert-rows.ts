import { parseStored, storedJson } from "@gatepost/protocol";
import type { AlertRow, AlertRows } from "@gatepost/query";
import * as z from "zod/mini";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { ttlAt } from "../dynamo/expiry.ts";

const row = z.object({ value: storedJson(z.unknown()), version: z.number(), until: z.number() });

const prefix = "alert ";

/** The notes of alerts: rows of the table that expire. */
export class DynamoAlertRows implements AlertRows {
  readonly #dynamo: Dynamo;
  readonly #clock: () => number;

  constructor(dynamo: Dynamo, clock: () => number) {
    this.#dynamo = dynamo;
    this.#clock = clock;
  }

  async get(names: readonly string[]): Promise<ReadonlyMap<string, AlertRow>> {
    const found = await this.#dynamo.getAll(names.map((name) => `${prefix}${name}`));
    const now = this.#clock();
    return new Map(
      [...found].flatMap(([pk, item]): [string, AlertRow][] => {
        const { value, version, until } = parseStored(row, item, pk);
        return until > now ? [[pk.slice(prefix.length), { value, version }]] : [];
      }),
    );
  }

  async put(name: string, value: object, { version, until }: { version: number; until: number }): Promise<boolean> {
    const now = this.#clock();
    const isNew = version === 0;
    // The version of a new row is the time: nobody who read an expired row takes the new one for it.
    const written = { value: JSON.stringify(value), version: isNew ? now : version + 1, until, ttl: ttlAt(until) };
    const { applied } = await this.#dynamo.update({
      pk: `${prefix}${name}`,
      set: written,
      condition: isNew ? "attribute_not_exists(#pk) OR #until <= :now" : "#version = :version AND #until > :now",
      values: isNew ? { now } : { now, version },
    });
    return applied;
  }
}
