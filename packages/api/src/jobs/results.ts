import { GatepostError } from "@gatepost/core/errors";
import {
  hasEnded,
  type KeptResult,
  keptResults,
  maxKeptBytes,
  type NoRoom,
  sum,
  untilNextDay,
} from "@gatepost/core/jobs";
import * as z from "zod";
import type { JobDeps } from "../ports.ts";
import type { Job } from "./job.ts";

/** The expected bytes of a running export; 0 while they are not counted. */
const counted = z.object({ expected: z.number() }).catch({ expected: 0 });

/**
 * Throws GatepostError too-large if there is no room for the result of an export: in the share of its key, or on the
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
      `with the other results of this key it would have over 20 GB; ${howToMakeRoom(kept)}, or ask for less`,
    );
  }
  const room = await jobs.exports.room();
  if (room === null || bytes <= room) return;
  throw new GatepostError(
    "too-large",
    "the disk of the data folder has no room for it: make room on it, or ask for less",
  );
}

/** What to do if there are too many results. */
function howToMakeRoom([oldest]: readonly KeptResult[]): string {
  if (oldest === undefined) return "stop an export that is under way";
  return `remove one, as by DELETE /v1/jobs/${oldest.id}, which is removed automatically at ${new Date(oldest.until).toISOString()}`;
}

type Deps = Pick<JobDeps, "jobs" | "clock">;

/** The refusal of a job for which there is no room: what to do, and when to ask again. */
export async function noRoom(lack: NoRoom, by: string, deps: Deps): Promise<GatepostError> {
  const { why, afterMs } = await tellers[lack](by, deps);
  return new GatepostError("too-many", why, { retryAfter: Math.ceil(afterMs / 1000) });
}

const soonMs = 60_000;

interface Told {
  why: string;
  afterMs: number;
}

const tellers: Record<NoRoom, (by: string, deps: Deps) => Promise<Told> | Told> = {
  "key-is-full": () => ({
    why: "this key has too many unfinished jobs; try again when one is done, or stop one",
    afterMs: soonMs,
  }),
  "all-is-full": () => ({
    why: "all keys together have too many unfinished jobs; try again when some are done",
    afterMs: soonMs,
  }),
  "day-is-full": (_, { clock }) => ({
    why: "this key has created too many jobs in a day (UTC); try again tomorrow",
    afterMs: untilNextDay(clock()),
  }),
  async "results-of-key"(by, { jobs, clock }) {
    const kept = keptResults(await jobs.store.unfinished(), clock()).filter((one) => one.by === by);
    const why = `this key has too many results of exports; ${howToMakeRoom(kept)}`;
    return { why, afterMs: (kept[0]?.until ?? clock() + soonMs) - clock() };
  },
  async "results-of-all"(_, { jobs, clock }) {
    const [oldest] = keptResults(await jobs.store.unfinished(), clock());
    const why = "the results of exports of all keys are too large; try again when some are removed";
    return { why, afterMs: (oldest?.until ?? clock() + soonMs) - clock() };
  },
};
