import type { BoxStatusRecord } from "@gatepost/ingest";
import { boxStatusKinds, isObject, jsonIn, parseStored } from "@gatepost/protocol";
import { type BoxStatusReader, readableOf } from "@gatepost/query";
import * as z from "zod/mini";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { isExpired } from "../dynamo/expiry.ts";
import { statusRow } from "./status.ts";

const notice = z.object({ box: z.string(), kind: z.enum(boxStatusKinds), receivedAt: z.int(), report: z.string() });

/** The results of commands say nothing about the box. */
const readKinds = boxStatusKinds.filter((kind) => kind !== "mq-result");

/** Reads the last status of each box. */
export class DynamoBoxStatusReader implements BoxStatusReader {
  readonly #dynamo: Dynamo;
  readonly #clock: () => number;

  constructor(dynamo: Dynamo, clock: () => number) {
    this.#dynamo = dynamo;
    this.#clock = clock;
  }

  async of(boxes: readonly string[]): Promise<BoxStatusRecord[]> {
    const rows = await this.#dynamo.getAll(boxes.flatMap((box) => readKinds.map((kind) => statusRow(box, kind))));
    return readableOf([...rows], ([pk, row]) => {
      if (isExpired(row, this.#clock())) return null;
      const { report, ...facts } = parseStored(notice, row, pk);
      const said = jsonIn(report);
      return isObject(said) ? { ...facts, report: said } : null;
    });
  }
}
