import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Quarantined } from "@gatepost/core/arrivals";
import type { QuarantineRecord } from "@gatepost/core/quarantine";
import { idOf } from "@gatepost/protocol";
import type { ReceiverPorts } from "../ports.ts";
import type { Origin } from "./kept.ts";
import { receiptIn } from "./query-form.ts";
import { writeQuarantined } from "./writes.ts";

/** Most parts of one batch that are kept one by one. docs/architecture.md#limits. */
const maxParts = 100;

/**
 * Counts how many parts of one batch may still be kept one by one. With more, the batch is kept once, as a whole: a
 * body of bad parts must not push older records of its box out of quarantine.
 */
export class QuarantineShares {
  readonly reason = "too-many-unreadable";
  readonly #rest: Uint8Array[] = [];
  readonly #sources: (() => Promise<Uint8Array>)[] = [];
  #left: number;

  readonly #isRestKept: boolean;

  /**
   * @param taken how many parts of the batch are kept already
   * @param isRestKept whether the batch cannot be kept as a whole, but only its parts that are not kept by themselves
   */
  constructor({ taken = 0, isRestKept }: { taken?: number; isRestKept: boolean }) {
    this.#left = maxParts - taken;
    this.#isRestKept = isRestKept;
  }

  get areSpent(): boolean {
    return this.#left < 0;
  }

  get taken(): number {
    return maxParts - Math.max(0, this.#left);
  }

  /** Whether one more part may be kept by itself. */
  take(): boolean {
    this.#left -= 1;
    return this.#left >= 0;
  }

  /** Notes a part that is not kept by itself. */
  leave(source: () => Promise<Uint8Array>): void {
    if (this.#isRestKept) this.#sources.push(source);
  }

  /** Reads the bytes of all parts that were left, in order. Call it while they can still be read. */
  async settle(): Promise<void> {
    for (const source of this.#sources.splice(0)) this.#rest.push(await source());
  }

  /** All parts that were left, one on each line. */
  get rest(): Buffer {
    return Buffer.concat(this.#rest.flatMap((source) => [source, newline]).slice(0, -1));
  }
}

export const newline = Buffer.from("\n");

/**
 * Puts a body, or one report of it, into quarantine. The id is a hash of the content, so a repeated report is kept
 * once; one that may have no time, once for each receipt.
 *
 * @param of the events that were made of it as well, whose erasure removes it
 */
export async function quarantine(
  body: Uint8Array,
  reason: string,
  { box, path, headers, receivedAt }: Origin,
  of: Pick<QuarantineRecord, "event" | "eventsOfBatch" | "shape" | "key">,
  deps: ReceiverPorts,
): Promise<Quarantined> {
  const receipt = receiptIn(headers);
  const id = idOf("qrt", [box, path, await sha256Of(body), ...(receipt === undefined ? [] : [receipt])]);
  await writeQuarantined({ id, box, path, reason, receivedAt, headers, body, ...of }, deps);
  deps.log.warn("quarantined", { box, reason, id });
  return { id, reason };
}

/** Bytes that are hashed in one turn, so that other requests get their turns. */
const turnBytes = 4 * 1024 * 1024;

async function sha256Of(body: Uint8Array): Promise<string> {
  const hash = createHash("sha256").update(body.subarray(0, turnBytes));
  for (let from = turnBytes; from < body.length; from += turnBytes) {
    await nextTurn();
    hash.update(body.subarray(from, from + turnBytes));
  }
  return hash.digest("hex");
}
