import { defaultSite } from "@gatepost/core/boxes";
import { hasEnded } from "@gatepost/core/jobs";
import { valuesOf } from "@gatepost/core/lists";
import { comparable } from "@gatepost/protocol";
import type { Caller } from "../access/caller.ts";
import type { JobDeps } from "../ports.ts";
import { boxesNamed, type ExportRequest, ended, type Job } from "./job.ts";

/** What an erasure is about: the person (null: not known) and the boxes. */
interface Erased {
  person: string | null;
  /** Null: every box. */
  boxes: readonly string[] | null;
}

/**
 * Ends exports that may contain erased data, running ones too, and removes their results. The result of an unreadable
 * job may contain anything, so it is removed, too.
 */
export async function dropExports(erased: Erased, { jobs, clock }: Pick<JobDeps, "jobs" | "clock">): Promise<void> {
  for (const job of await jobs.store.unfinished()) {
    if (job.asked.kind !== "export" || !concerns(job.asked, erased)) continue;
    await dropExport(
      job,
      { state: "failed", reason: "an erasure removed data from it; create the job again" },
      { jobs, clock },
    );
  }
  for (const id of await jobs.store.unreadable()) await jobs.exports.remove(id, null);
}

/** Ends the exports of people and hours, and removes their results. */
export async function dropTables({ jobs, clock }: Deps): Promise<void> {
  for (const job of await jobs.store.unfinished()) {
    if (job.asked.kind !== "export" || !isTable(job.asked)) continue;
    await dropExport(job, { state: "failed", reason: "people were switched off" }, { jobs, clock });
  }
}

/** Whether an export may have anyone: it is a table of hours or people. */
export function isTable(asked: ExportRequest): asked is Extract<ExportRequest, { what: "hours" | "people" }> {
  return asked.what === "hours" || asked.what === "people";
}

/** Ends an export, and removes its result. One that has ended without a result stays as it is. */
export async function dropExport(
  job: Job,
  how: { state: "failed" | "stopped"; reason: string | null },
  { jobs, clock }: Pick<JobDeps, "jobs" | "clock">,
): Promise<void> {
  if (hasEnded(job) && job.result === null) return;
  const dropped = await ended({ ...job, ...how, result: null }, { jobs, clock });
  if (await jobs.store.advance(job, dropped)) {
    await jobs.exports.remove(job.id, stateOf(job));
    return;
  }
  const now = await jobs.store.get(job.id);
  // Another slice was done meanwhile, which may contain the erased, too.
  if (now !== null) await dropExport(now, how, { jobs, clock });
}

/** What the store of exports knows of a job. */
export function stateOf({ progress, result }: Job): Record<string, unknown> | null {
  const holder = (progress ?? result) as { file?: Record<string, unknown> | null } | null;
  return holder?.file ?? null;
}

function concerns(asked: ExportRequest, { person, boxes }: Erased): boolean {
  if (isTable(asked)) return true;
  const { filter } = asked;
  const ofBox = filter.box === undefined ? null : valuesOf(filter.box);
  if (ofBox !== null && boxes !== null && !ofBox.some((box) => boxes.includes(box))) return false;
  if (filter.person === undefined || person === null) return true;
  return valuesOf(filter.person).some((id) => comparable(id) === comparable(person));
}

type Deps = Pick<JobDeps, "jobs" | "clock">;

const how = { state: "failed" as const, reason: "the boxes of this key have changed since; create the job again" };

/**
 * A job as the key that asked for it may see it now. An export that contains a box which the key does not see any more
 * is ended, and its result is removed.
 */
export async function withinBoxes(job: Job, { boxes }: Pick<Caller, "boxes">, deps: Deps): Promise<Job> {
  if (boxes === null || job.asked.kind !== "export") return job;
  const isCovered = boxesIn(job.asked)?.every((box) => boxes.includes(box)) ?? false;
  if (isCovered) return job;
  await dropExport(job, how, deps);
  return (await deps.jobs.store.get(job.id)) ?? job;
}

/** Ends the exports of callers limited to other sites that may have events of a box: `site` is the one that the box has now. */
export async function dropExportsOfOtherSites(box: string, site: string | null, deps: Deps): Promise<void> {
  for (const job of await deps.jobs.store.unfinished()) {
    if (job.asked.kind !== "export" || job.asked.ofSites === undefined) continue;
    if (job.asked.ofSites.includes(site ?? defaultSite)) continue;
    if (boxesIn(job.asked)?.includes(box) ?? true) await dropExport(job, how, deps);
  }
}

/** The boxes whose events an export may have; null for every box. */
function boxesIn(asked: ExportRequest): readonly string[] | null {
  const { box, boxes } = boxesNamed(asked);
  if (box === undefined) return boxes ?? null;
  const named = valuesOf(box);
  return boxes === undefined ? named : named.filter((one) => boxes.includes(one));
}
