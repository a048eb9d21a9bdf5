import * as z from "zod";
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

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
