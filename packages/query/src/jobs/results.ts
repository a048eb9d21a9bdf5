import { GatepostError } from "@gatepost/ingest";
import * as z from "zod";
import type { JobDeps } from "./deps.ts";
import { hasEnded, type Job, resultLifetimeMs } from "./job.ts";

const gigabyte = 1024 ** 3;

/** Bytes of results that a key may have at the same time, those that are being written included. */
export const maxKeptBytes = 20 * gigabyte;

/** The result of an export that is kept. */
export interface KeptResult {
  id: string;
  by: string;
  bytes: number;
  /** When (ms) it is gone. */
  until: number;
}

/** Results of older versions do not say their bytes. They are gone within a day. */
const sized = z.object({ bytes: z.number() }).catch({ bytes: 0 });

/** The kept results of exports among some jobs, those that expire first at the beginning. */
export function keptResults(jobs: readonly Job[], now: number): KeptResult[] {
  return jobs
    .filter((job) => job.asked.kind === "export" && hasEnded(job) && job.result !== null)
    .map(({ id, by, result, endedAt }) => {
      return { id, by, bytes: sized.parse(result).bytes, until: (endedAt ?? 0) + resultLifetimeMs };
    })
    .filter(({ until }) => now < until)
    .sort((one, other) => one.until - other.until);
}

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

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
