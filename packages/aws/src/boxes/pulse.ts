import type { Log } from "@gatepost/core/log";
import { between, type Item, not } from "@gatepost/store";
import * as z from "zod/mini";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { RenewedRows } from "../dynamo/renewed-rows.ts";

const pulsePk = "pulse";
const heardPk = "pulse heard";

const row = z.object({ time: z.int() });
const sentRow = z.object({ since: z.optional(z.int()) });

/**
 * Shows whether the signs of boxes are being noted. The sweep of boxes writes a row each minute, and the reader of the
 * table's stream writes back when it has seen that row. If it does not, the stream is not being read, and a box that
 * seems silent may have sent something.
 */
export class Pulse {
  readonly #dynamo: Dynamo;
  readonly #rows: RenewedRows;

  constructor(dynamo: Dynamo, log: Log) {
    this.#dynamo = dynamo;
    this.#rows = new RenewedRows(log);
  }

  /** Returns when the first pulse was sent, as far as that is known. */
  async send(now: number): Promise<number> {
    const { previous } = await this.#dynamo.update({ pk: pulsePk, set: { time: now }, setIfAbsent: { since: now } });
    if (previous === null) return now;
    const sent = this.#rows.read(sentRow, previous, pulsePk);
    // Otherwise each pulse would be the first, and no log line would say that none returns.
    if (sent === null) await this.#dynamo.update({ pk: pulsePk, set: { since: now } });
    return sent?.since ?? now;
  }

  /** The time of the last pulse that arrived through the stream; null before the first. */
  async heardAt(): Promise<number | null> {
    const heard = this.#rows.read(row, await this.#dynamo.get(heardPk), heardPk);
    return heard === null ? null : heard.time;
  }

  /**
   * Writes back the pulse among the changed rows, if there is one. A late pulse changes nothing, unless the row is
   * broken. A pulse that cannot be read is left out: the next one arrives within a minute.
   */
  async hear(changed: readonly { after: Item | undefined }[]): Promise<void> {
    const pulses = changed.flatMap(({ after }) => (after?.["pk"] === pulsePk ? timesIn(after) : []));
    if (pulses.length === 0) return;
    const time = Math.max(...pulses);
    await this.#dynamo.update({
      pk: heardPk,
      set: { time },
      when: not(between("time", time, Number.MAX_SAFE_INTEGER)),
    });
  }
}

function timesIn(pulse: Item): number[] {
  const read = z.safeParse(row, pulse);
  return read.success ? [read.data.time] : [];
}
