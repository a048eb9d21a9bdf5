import { hasEnded, type KeptResult, keptResults, maxKeptBytes, sum } from "@gatepost/core/jobs";
import { GatepostError } from "@gatepost/ingest";
import * as z from "zod";
import type { JobDeps } from "./deps.ts";
import type { Job } from "./job.ts";

/** The expected bytes of a running export; 0 while they are not counted. */
const counted = z.object({ expected: z.number() }).catch({ expected: 0 });

/**
 * Throws GatepostError too-large where there is no room for the result of an export: in the share of its key, or on the
 * disk.
 */
export async function refuseWithoutRoom({ id, by }: Job, bytes: number, { jobs, clock }: JobDeps): Promise<void> {
  const others = (await jobs.store.unfinished()).filter((job) => job.id !== id && job.by === by);
  const kept = keptResults(others, clock());
  const made = others.filter((job) => job.asked.kind === "export" && !hasEnded(job));
  const beside = sum(kept.map((one) => one.bytes)) + sum(made.map(({ progress }) => counted.parse(progress).expected));
  if (beside + bytes > maxKeptBytes) {
    throw new GatepostError(
      "too-large",
      `with the other results of this key it would be over 20 GB; ${howToMakeRoom(kept)}, or ask for less`,
    );
  }
  const room = await jobs.exports.room();
  if (room === null || bytes <= room) return;
  throw new GatepostError(
    "too-large",
    "the disk of the data folder has no room for it: make room on it, or ask for less",
  );
}

/** What to do where there are too many results. */
export function howToMakeRoom([oldest]: readonly KeptResult[]): string {
  if (oldest === undefined) return "stop an export that is under way";
  return `remove one, as by DELETE /v1/jobs/${oldest.id}, which is gone at ${new Date(oldest.until).toISOString()} by itself`;
}
