import * as z from "zod";
import type { JobDeps, SliceLimits } from "./deps.ts";
import type { Job, SeenRequest } from "./job.ts";

const pageSize = 100;

const progress = z.object({ cursor: z.string().nullable() });

/** One slice of marking events as seen, the newest first. What comes meanwhile is left alone. */
export async function seenSlice(job: Job, asked: SeenRequest, deps: JobDeps, limits: SliceLimits): Promise<Job> {
  let { cursor } = job.progress === null ? { cursor: null } : progress.parse(job.progress);
  let { done } = job;
  for (let looked = 0; looked < limits.events; ) {
    const page = await deps.events.list(asked.filter, { limit: pageSize, cursor });
    const marked = await Promise.all(page.items.map(({ id }) => deps.seen.mark(id)));
    done += marked.filter(Boolean).length;
    looked += pageSize;
    cursor = page.next;
    if (cursor === null) return { ...job, state: "done", done, of: done, result: { events: done } };
  }
  return { ...job, done, of: done, progress: { cursor } };
}
