import { createHmac } from "node:crypto";
import { storedJson } from "@gatepost/protocol";
import { absent, equals, type Rows, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";

/** `alert NAME`: a row of the memory of alerts. */
const rows = new RecordKind("alert ", z.object({ value: storedJson(z.unknown()), version: z.number() }));

/** A row of the memory of alerts: JSON, and a version that each write raises. */
export interface AlertRow {
  value: unknown;
  version: number;
}

/** The memory of alerts over a restart: cooldowns, mutes, the last minute of each channel, summaries. */
export class AlertRows {
  readonly #items: Rows;
  readonly #clock: () => number;

  /** @param clock the clock of the items, ms since 1970 */
  constructor(items: Rows, clock: () => number) {
    this.#items = items;
    this.#clock = clock;
  }

  /** The rows that exist, by their names. */
  async get(names: readonly string[]): Promise<ReadonlyMap<string, AlertRow>> {
    const found = await this.#items.getAll(names.map((name) => rows.pk(name)));
    return new Map([...found].map(([pk, item]) => [rows.id(pk), rows.read(item)]));
  }

  /**
   * Writes a row, durably. False if the row has another version than was read.
   *
   * @param version 0: there was no row
   * @param keepMs ms for which the row is kept, and a second at most longer. It is not an end, because the clock of
   *   the caller may have been set back, and the clock of the items is not.
   */
  async put(name: string, value: object, { version, keepMs }: { version: number; keepMs: number }): Promise<boolean> {
    const now = this.#clock();
    const isNew = version === 0;
    // The version of a new row is the time: a writer that read an expired row does not take the new one for it.
    const row = { value: JSON.stringify(value), version: isNew ? now : version + 1, ttl: ttlAt(now + keepMs) };
    const { applied } = await this.#items.write(rows.record(name, row, isNew ? absent() : equals("version", version)));
    return applied;
  }
}

/** The names of rows. They contain people and URLs only as keyed hashes. */
export class AlertRowNames {
  readonly #secret: Buffer;

  /** @param secret the secret that signs cursors */
  constructor(secret: Buffer) {
    this.#secret = secret;
  }

  rule(name: string): string {
    return `rule ${name}`;
  }

  /** Strangers have no id: all strangers of one place share a row. */
  cooldown(rule: string, person: string | null, place: string): string {
    return `cooldown ${this.#hash([rule, person, place])}`;
  }

  mute(rule: string, person: string): string {
    return `mute ${this.#hash([rule, person])}`;
  }

  /** @param channel everything that tells it from other channels, its whole URL included */
  channel(channel: readonly string[]): string {
    return `channel ${this.#hash(channel)}`;
  }

  #hash(parts: unknown): string {
    return createHmac("sha256", this.#secret)
      .update(`alert\0${JSON.stringify(parts)}`)
      .digest("base64url")
      .slice(0, 27);
  }
}
