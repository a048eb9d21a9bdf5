import { createHash } from "node:crypto";
import { boxOutcomeSchema } from "@gatepost/protocol";
import * as z from "zod";
import type { Job } from "../jobs/job.ts";
import { namedObject } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";

/** What the receipt of an erasure says of the boxes that were asked to remove the person. */
export const removalsOnReceipt = namedObject("RemovalsOnReceipt", {
  asked: z.int(),
  boxes: z.array(boxOutcomeSchema),
});
export type RemovalsOnReceipt = z.output<typeof removalsOnReceipt>;

type Deps = Pick<ApiPorts, "jobs">;

/** The id of a removal: the same for each try of the job to ask for it. */
function removalId(job: string, box: string): string {
  return `rem_${createHash("sha256")
    .update(JSON.stringify([job, box]))
    .digest("hex")
    .slice(0, 26)}`;
}

/** Asks each box to remove a person. It may be repeated. */
export async function askForRemovals(
  { id, createdAt }: Pick<Job, "id" | "createdAt">,
  { person, boxes }: { person: string; boxes: readonly string[] },
  { jobs: { removals } }: Deps,
): Promise<RemovalsOnReceipt> {
  for (const box of boxes) await removals.ask({ id: removalId(id, box), box, person, at: createdAt });
  return { asked: boxes.length, boxes: boxes.map((box) => ({ box, state: "waiting", reason: null })) };
}

/** The current results of removals. A removal that is no longer kept stays as it was noted. */
export async function removalsNow(
  job: string,
  { asked, boxes }: RemovalsOnReceipt,
  { jobs: { removals } }: Deps,
): Promise<RemovalsOnReceipt> {
  const now = await Promise.all(
    boxes.map(async (noted) => {
      const held = await removals.get(removalId(job, noted.box));
      return held === null ? noted : { box: noted.box, state: held.state, reason: held.reason };
    }),
  );
  return { asked, boxes: now };
}
