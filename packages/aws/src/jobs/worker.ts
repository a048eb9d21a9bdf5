import { failJob, type JobDeps, notBefore, runSlice, type SliceLimits } from "@gatepost/api";
import type { JobLeases } from "@gatepost/core/jobs";
import * as z from "zod";

const limits: SliceLimits = { events: 5000, records: 50, bytes: 64 * 1024 * 1024 };

/** ms for which a slice is leased: longer than the function may take, shorter than its message stays hidden. */
export const leaseMs = 310_000;

/** How many times a message is tried before it is put aside. */
export const maxReceives = 3;

/**
 * How many times in a row a slice may be ended before it is done, because it needs more time or memory than the
 * function has.
 */
export const maxCutShort = 5;

const batch = z.object({
  Records: z
    .array(
      z.object({
        body: z
          .string()
          .transform((text): unknown => JSON.parse(text))
          .pipe(z.object({ job: z.string(), ticket: z.string() })),
        attributes: z.object({ ApproximateReceiveCount: z.coerce.number() }),
      }),
    )
    .length(1),
});

/**
 * Does the slice that a message asks for, and sends a message for the next one. A message that is repeated during or
 * after its slice is dropped. One that is repeated after a crash continues from the last note.
 */
export async function workOn(
  event: unknown,
  { leases, ...deps }: JobDeps & { leases: Pick<JobLeases, "lease"> },
): Promise<void> {
  const { Records } = batch.parse(event);
  for (const { body, attributes } of Records) {
    const lease = await leases.lease(body, leaseMs);
    if (lease === null) continue;
    let hasMore = false;
    try {
      if (lease.cutShort < maxCutShort) hasMore = await runSlice(body.job, deps, limits);
      else await failJob(body.job, deps);
    } catch (error) {
      const isLast = attributes.ApproximateReceiveCount >= maxReceives;
      deps.log.error(`a job failed${isLast ? "" : ", trying again"}`, { id: body.job, cause: error });
      if (isLast) await failJob(body.job, deps, error);
      throw error;
    } finally {
      await lease.giveBack();
    }
    if (!hasMore) continue;
    const job = await deps.jobs.store.get(body.job);
    const now = deps.clock();
    await deps.jobs.queue.push(body.job, job === null ? 0 : Math.max(0, notBefore(job, now) - now));
  }
}
