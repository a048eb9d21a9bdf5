import type { BoxStatusRecord } from "@gatepost/ingest";
import { boxStatusKinds } from "@gatepost/protocol";
import * as z from "zod";
import { statusRow } from "../../../packages/aws/src/boxes/status.ts";
import { tableOf } from "../../standins/aws.ts";
import type { TestRuntime } from "./runtime.ts";

const statusRows = z.object({
  box: z.string(),
  kind: z.enum(boxStatusKinds),
  receivedAt: z.number(),
  report: z.string().transform((text) => JSON.parse(text)),
});

/** Reads the rows of what is kept of a box's health. */
export async function statusesOf({ clients, names }: TestRuntime, box: string): Promise<BoxStatusRecord[]> {
  const table = tableOf({ clients, names });
  const rows = await table.getAll(boxStatusKinds.map((kind) => statusRow(box, kind)));
  return [...rows.values()].map((row) => statusRows.parse(row));
}
