import { dayMs } from "@gatepost/protocol";
import * as z from "zod/mini";

export const jobKinds = ["export", "erase", "replay", "seen", "decide", "undo", "resend"] as const;
export const jobStates = ["waiting", "running", "done", "failed", "stopped"] as const;

export type JobKind = (typeof jobKinds)[number];

/** The requester of jobs without a key. They do not use the keys' room for jobs. */
export const ownJobs = "gatepost";

/** A job as it is stored: JSON. Times are ms since 1970. */
export interface StoredJob<Asked extends { kind: JobKind } = { kind: JobKind }> {
  id: string;
  /** How often it was written. If two writers start from the same state, only one succeeds. */
  step: number;
  /** The id of the key that asked for it. */
  by: string;
  state: (typeof jobStates)[number];
  asked: Asked;
  /** The place where the next slice continues, in a form of its kind; null before the first slice. */
  progress: unknown;
  /** How many events or records are done, and of how many, which is counted first. */
  done: number;
  of: number;
  createdAt: number;
  startedAt: number | null;
  endedAt: number | null;
  result: unknown;
  /** Why it failed. */
  reason: string | null;
}

/** Whether nothing will be done of a job any more. */
export function hasEnded({ state }: Pick<StoredJob, "state">): boolean {
  return state === "done" || state === "failed" || state === "stopped";
}

/** ms for which a job is kept after it has ended, and for which the result of an export is. */
export const jobLifetimeMs = 30 * dayMs;
export const resultLifetimeMs = dayMs;

const kindOf = z.looseObject({ kind: z.enum(jobKinds) });

/** The schema of a stored job. It checks only the kind of the request. */
export function jobSchema<Asked extends { kind: JobKind }>(): z.ZodMiniType<StoredJob<Asked>> {
  return z.object({
    id: z.string(),
    step: z.int(),
    by: z.string(),
    state: z.enum(jobStates),
    asked: z.custom<Asked>((value) => z.safeParse(kindOf, value).success),
    progress: z.unknown(),
    done: z.number(),
    of: z.number(),
    createdAt: z.number(),
    startedAt: z.nullable(z.number()),
    endedAt: z.nullable(z.number()),
    result: z.unknown(),
    reason: z.nullable(z.string()),
  });
}
