import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "@gatepost/core/log";
import { parseStored } from "@gatepost/protocol";
import { Database, isDamaged } from "@gatepost/sqlite";
import * as z from "zod";
import { unopened } from "../folder.ts";
import { whyOf } from "../why.ts";
import { OrderSpool } from "./order-spool.ts";

const meaning =
  "open orders are received from the cloud again, and no person is registered twice; approve again each action with `It is tried again`; an undo of an earlier action fails, with the reason, if the box may have been changed since";

/**
 * Opens the spool of orders. A damaged one is removed and begun anew, so that reports and orders continue: the cloud
 * has the open orders, and each try asks the box for its state. The damaged file is not kept: it names people, and
 * nothing in it could be erased any more.
 *
 * @returns with a description of the loss for people; null if nothing was lost
 */
export function openOrders(
  file: string,
  { now, log }: { now: () => number; log: Log },
): { spool: OrderSpool; damage: string | null } {
  try {
    return { spool: new OrderSpool(file, now), damage: null };
  } catch (error) {
    if (!isDamaged(error)) throw unopened(file, error);
    const damage = `${file} was damaged (${whyOf(error)}) and is begun anew: ${meaning}`;
    log.error("orders are begun anew", { why: damage });
    for (const end of ["", "-wal", "-shm"]) rmSync(`${file}${end}`, { force: true });
    return { spool: new OrderSpool(file, now), damage };
  }
}

/**
 * Why the bridge's own disk failed, in words for people; null for other errors. Errors of SQLite have the property
 * `errcode`, and errors of files name the system call. Errors of the network are always wrapped.
 */
export function diskFailure(error: unknown): string | null {
  if (isDamaged(error))
    return `The orders on the bridge's disk are damaged (${whyOf(error)}): restart it, which begins them anew.`;
  const isOfDisk = error instanceof Error && ("errcode" in error || "syscall" in error);
  return isOfDisk ? `The bridge cannot write to its disk: ${whyOf(error)}.` : null;
}

/** ms to wait for a bridge that opens the file this moment. */
const lockTimeoutMs = 5000;

/** How many orders wait in the folder of a bridge that does not run. */
export function waitingOrders(folder: string): number {
  const file = join(folder, "acting", "orders.db");
  if (!existsSync(file)) return 0;
  using database = new Database(file, { readOnly: true, timeout: lockTimeoutMs });
  const row = database.prepare("SELECT count(*) AS n FROM tasks WHERE state = 'waiting'").get();
  return parseStored(z.object({ n: z.int() }), row, "the spool of orders").n;
}
