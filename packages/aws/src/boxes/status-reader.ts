import type { BoxStatusRecord, Log, LogOnce } from "@gatepost/ingest";
import { boxStatusKinds, isObject, jsonIn, parseStored } from "@gatepost/protocol";
import { type BoxStatusReader, readableOf, unreadableStatuses } from "@gatepost/query";
import * as z from "zod/mini";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { isExpired } from "../dynamo/expiry.ts";
import type { Item } from "../dynamo/item.ts";
import { statusRow } from "./status.ts";

const notice = z.object({ box: z.string(), kind: z.enum(boxStatusKinds), receivedAt: z.int(), report: z.string() });

/** The results of commands say nothing about the box. */
const readKinds = boxStatusKinds.filter((kind) => kind !== "mq-result");

/** Reads the last status of each box. */
export class DynamoBoxStatusReader implements BoxStatusReader {
  readonly #dynamo: Dynamo;
  readonly #unreadable: LogOnce;
  readonly #clock: () => number;

  constructor({ dynamo, log, clock }: { dynamo: Dynamo; log: Log; clock(): number }) {
    this.#dynamo = dynamo;
    this.#unreadable = unreadableStatuses(log);
    this.#clock = clock;
  }

  async of(boxes: readonly string[]): Promise<BoxStatusRecord[]> {
    const rows = await this.#dynamo.getAll(boxes.flatMap((box) => readKinds.map((kind) => statusRow(box, kind))));
    return readableOf(
      [...rows],
      ([pk, row]) => this.#statusIn(pk, row),
      (cause) => this.#unreadable.error(String(cause), { cause }),
    );
  }

  /** Null where it has expired, or is no object. */
  #statusIn(pk: string, row: Item): BoxStatusRecord | null {
    if (isExpired(row, this.#clock())) return null;
    const { report, ...facts } = parseStored(notice, row, pk);
    const said = jsonIn(report);
    return isObject(said) ? { ...facts, report: said } : null;
  }
}
