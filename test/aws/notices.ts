import type { BoxHealth, BoxNotice } from "@gatepost/ingest";
import { noticeKinds } from "@gatepost/protocol";
import * as z from "zod";
import { noticeRow } from "../../packages/aws/src/boxes/status.ts";
import { Dynamo } from "../../packages/aws/src/dynamo/dynamo.ts";
import type { Machine } from "./machine.ts";

const noticeRows = z.object({
  box: z.string(),
  kind: z.enum(noticeKinds),
  receivedAt: z.number(),
  report: z.string().transform((text) => JSON.parse(text)),
});

export function healthOf({ ingest: { health } }: Machine): BoxHealth {
  if (health === undefined) throw new Error("AWS keeps the health of boxes");
  return health;
}

/** Reads the rows of what is kept of a box's health. */
export async function noticesOf({ clients, names }: Machine, box: string): Promise<BoxNotice[]> {
  const table = new Dynamo(clients.dynamo, names, 5000);
  const rows = await table.getAll(noticeKinds.map((kind) => noticeRow(box, kind)));
  return [...rows.values()].map((row) => noticeRows.parse(row));
}
