import { DatabaseSync } from "node:sqlite";
import type { Machine } from "@gatepost/embedded";
import type { BoxHealth, BoxNotice } from "@gatepost/ingest";
import { noticeKinds } from "@gatepost/protocol";
import * as z from "zod";

const row = z.object({
  box: z.string(),
  kind: z.enum(noticeKinds),
  received_at: z.number(),
  report: z.string(),
});

export function healthOf({ ingest: { health } }: Machine): BoxHealth {
  if (health === undefined) throw new Error("a machine keeps the health of boxes");
  return health;
}

/** Reads what a machine keeps of a box's health, from beside it. */
export function noticesOf(database: string, box: string): BoxNotice[] {
  const beside = new DatabaseSync(database, { readOnly: true });
  const rows = beside.prepare("SELECT * FROM notices WHERE box = ?").all(box);
  beside.close();
  return z
    .array(row)
    .parse(rows)
    .map(({ received_at: receivedAt, report, ...place }) => ({ ...place, receivedAt, report: JSON.parse(report) }));
}
