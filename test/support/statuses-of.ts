import type { BoxStatusRecord } from "@gatepost/core/statuses";
import { boxStatusKinds } from "@gatepost/protocol";
import type { Rows } from "@gatepost/store";
import * as z from "zod";

const status = z.object({
  box: z.string(),
  kind: z.enum(boxStatusKinds),
  receivedAt: z.number(),
  report: z.string().transform((text) => JSON.parse(text)),
});

/** All stored statuses of a box, results of commands included. */
export async function statusesOf(items: Pick<Rows, "getAll">, box: string): Promise<BoxStatusRecord[]> {
  const found = await items.getAll(boxStatusKinds.map((kind) => `notice ${kind} ${box}`));
  return [...found.values()].map((item) => status.parse(item));
}
