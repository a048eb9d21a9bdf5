import { jobKinds, jobStates, resultLifetimeMs } from "@gatepost/core/jobs";
import { instantOrNull, parseStored } from "@gatepost/protocol";
import * as z from "zod";
import type { ApiPorts } from "../ports/api-ports.ts";
import { receipt } from "./erase.ts";
import { exportFile } from "./export-file.ts";
import { exportLink, linkMs } from "./export-link.ts";
import type { Job } from "./job.ts";
import { removalsNow, removalsOnReceipt } from "./removals.ts";

const erasedResult = z.looseObject({ removals: removalsOnReceipt });

const exportedResult = z.looseObject({ events: z.int() });

const exported = z.object({
  events: z.int(),
  url: z.string().nullable().meta({ description: "It needs no key for ten minutes. Null once the result is gone." }),
  expires: z.iso.datetime().nullable(),
});
const replayed = z.object({
  stored: z.int(),
  kept: z.array(z.object({ id: z.string(), reason: z.string() })).meta({ description: "A thousand at most." }),
});

const marked = z.object({ events: z.int() });

/** A job as the API shows it. */
export const jobAnswer = z.object({
  id: z.string(),
  kind: z.enum(jobKinds),
  state: z.enum(jobStates),
  done: z.int().meta({ description: "Events or records so far." }),
  of: z.int().meta({ description: "How many there are. It grows while they are counted." }),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  reason: z.string().nullable().meta({ description: "Why it failed." }),
  result: z.union([exported, replayed, receipt, marked]).nullable(),
});

export async function shownJob(job: Job, deps: ApiPorts) {
  const { id, asked, state, done, of, startedAt, endedAt, reason } = job;
  const times = { startedAt: instantOrNull(startedAt), endedAt: instantOrNull(endedAt) };
  return { ...{ id, kind: asked.kind, state, done, of }, ...times, reason, result: await shownResult(job, deps) };
}

async function shownResult(job: Job, deps: ApiPorts): Promise<unknown> {
  const erased = job.asked.kind === "erase" ? erasedResult.safeParse(job.result) : null;
  if (erased?.success === true) {
    return { ...erased.data, removals: await removalsNow(job.id, erased.data.removals, deps) };
  }
  if (job.result === null || job.asked.kind !== "export") return job.result;
  const { events } = parseStored(exportedResult, job.result, `the result of ${job.id}`);
  const isGone = deps.clock() >= (job.endedAt ?? 0) + resultLifetimeMs;
  if (isGone) return { events, url: null, expires: null };
  const own = await deps.jobs.exports.link(job.id, exportFile(job.id, job.asked), linkMs);
  return { events, ...(own ?? exportLink(job.id, deps)) };
}
