import { type Log, LogOnce } from "@gatepost/core/log";
import { BrokenRow, parseStored } from "@gatepost/protocol";
import type { Item } from "@gatepost/store";
import type * as z from "zod/mini";

/** Each of many processes logs it. */
const todo = "nothing, as it is written anew; if this is still logged after three hours, delete the row from the table";

/**
 * Reads rows that are written again and again, for example a mark or a pulse. A broken one must not stop its readers
 * until an operator repairs it, because the next write replaces it.
 */
export class RenewedRows {
  readonly #broken: LogOnce;

  constructor(log: Log) {
    this.#broken = new LogOnce(log, "a row is broken and not used");
  }

  /** Null if there is no row, or a broken one. That is logged once in a process: some are read every second. */
  read<Schema extends z.core.$ZodType>(
    schema: Schema,
    row: Item | null | undefined,
    pk: string,
  ): z.output<Schema> | null {
    if (row === null || row === undefined) return null;
    try {
      return parseStored(schema, row, pk);
    } catch (cause) {
      if (!(cause instanceof BrokenRow)) throw cause;
      this.#broken.error(pk, { row: pk, todo, cause });
      return null;
    }
  }
}
