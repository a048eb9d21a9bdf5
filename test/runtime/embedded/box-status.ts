import { DatabaseSync } from "node:sqlite";
import type { BoxStatusRecord } from "@gatepost/core/statuses";
import { boxStatusKinds } from "@gatepost/protocol";
import * as z from "zod";

const row = z.object({
  box: z.string(),
  kind: z.enum(boxStatusKinds),
  received_at: z.number(),
  report: z.string(),
});

/** Reads what a machine keeps of a box's health, from beside it. */
export function statusesOf(database: string, box: string): BoxStatusRecord[] {
  const beside = new DatabaseSync(database, { readOnly: true });
  const rows = beside.prepare("SELECT * FROM notices WHERE box = ?").all(box);
  beside.close();
  return z
    .array(row)
    .parse(rows)
    .map(({ received_at: receivedAt, report, ...place }) => ({ ...place, receivedAt, report: JSON.parse(report) }));
}
