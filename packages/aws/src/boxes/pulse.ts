import { parseStored } from "@gatepost/protocol";
import * as z from "zod/mini";
import type { Dynamo } from "../dynamo/dynamo.ts";
import type { Item } from "../dynamo/item.ts";

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

  constructor(dynamo: Dynamo) {
    this.#dynamo = dynamo;
  }

  /** Returns when the first pulse was sent, as far as that is known. */
  async send(now: number): Promise<number> {
    const { previous } = await this.#dynamo.update({ pk: pulsePk, set: { time: now }, setIfAbsent: { since: now } });
    return previous === null ? now : (parseStored(sentRow, previous, pulsePk).since ?? now);
  }

  /** The time of the last pulse that came through the stream; null before the first. */
  async heardAt(): Promise<number | null> {
    const heard = await this.#dynamo.get(heardPk);
    return heard === null ? null : parseStored(row, heard, heardPk).time;
  }

  /**
   * Writes back the pulse among the changed rows, if there is one. A late pulse changes nothing. One that cannot be read
   * is left out: the next one comes within a minute.
   */
  async hear(changed: readonly { after: Item | undefined }[]): Promise<void> {
    const pulses = changed.flatMap(({ after }) => (after?.["pk"] === pulsePk ? timesIn(after) : []));
    if (pulses.length === 0) return;
    const time = Math.max(...pulses);
    await this.#dynamo.update({
      pk: heardPk,
      set: { time },
      condition: "attribute_not_exists(#pk) OR #time < :time",
      values: { time },
    });
  }
}

function timesIn(pulse: Item): number[] {
  const read = z.safeParse(row, pulse);
  return read.success ? [read.data.time] : [];
}
