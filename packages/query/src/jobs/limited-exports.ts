import type { Key } from "@gatepost/core/keys";
import { valuesOf } from "../several.ts";
import type { JobDeps } from "./deps.ts";
import { dropExport } from "./drop-exports.ts";
import type { ExportRequest, Job } from "./job.ts";

type Deps = Pick<JobDeps, "jobs" | "clock">;

const how = { state: "failed" as const, reason: "the boxes that this key sees have changed since; ask for it again" };

/**
 * A job as the key that asked for it may see it now. An export that contains a box which the key does not see any more
 * is ended, and its result is removed.
 */
export async function withinBoxes(job: Job, { boxes }: Pick<Key, "boxes">, deps: Deps): Promise<Job> {
  if (boxes === undefined || job.asked.kind !== "export") return job;
  const isCovered = boxesIn(job.asked)?.every((box) => boxes.includes(box)) ?? false;
  if (isCovered) return job;
  await dropExport(job, how, deps);
  return (await deps.jobs.store.get(job.id)) ?? job;
}

/** Ends the exports of keys to other sites that may have events of a box: `site` is the one that the box has now. */
export async function dropExportsOfOtherSites(box: string, site: string | null, deps: Deps): Promise<void> {
  for (const job of await deps.jobs.store.unfinished()) {
    if (job.asked.kind !== "export" || job.asked.ofSite === undefined || job.asked.ofSite === site) continue;
    if (boxesIn(job.asked)?.includes(box) ?? true) await dropExport(job, how, deps);
  }
}

/** The boxes whose events an export may have; null for those of every box. */
function boxesIn({ filter: { box, boxes } }: ExportRequest): readonly string[] | null {
  if (box === undefined) return boxes ?? null;
  const named = valuesOf(box);
  return boxes === undefined ? named : named.filter((one) => boxes.includes(one));
}
