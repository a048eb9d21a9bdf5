import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";

/** ms to wait for a bridge that opens the file this moment. */
const lockTimeoutMs = 5000;

/** How many orders wait in the folder of a bridge that does not run. */
export function waitingOrders(folder: string): number {
  const file = join(folder, "acting", "orders.db");
  if (!existsSync(file)) return 0;
  using database = new DatabaseSync(file, { readOnly: true, timeout: lockTimeoutMs });
  const row = database.prepare("SELECT count(*) AS n FROM tasks WHERE state = 'waiting'").get();
  return parseStored(z.object({ n: z.int() }), row, "the spool of orders").n;
}
