import { rmSync } from "node:fs";
import type { Log } from "@gatepost/core/log";
import { isDamaged } from "@gatepost/sqlite";
import { unopened } from "../damaged.ts";
import { whyOf } from "../why.ts";
import { OrderSpool } from "./order-spool.ts";

const meaning =
  "what is open in the cloud comes again, and nobody is registered twice; what says `It is tried again` has to be approved again; an undo of what was done before fails where the box may have been changed since, and says so";

/**
 * Opens the spool of orders. A damaged one is removed and begun anew, so that reports and orders go on: the cloud has
 * the open orders, and each try asks the box for its state. The damaged file is not kept: it names people, and nothing
 * in it could be erased any more.
 *
 * @returns with what was lost, in words for people; null where nothing was
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
