import { keptResults, type NoRoom, untilNextDay } from "@gatepost/core/jobs";
import { GatepostError } from "@gatepost/ingest";
import type { JobDeps } from "./deps.ts";
import { howToMakeRoom } from "./results.ts";

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
    why: "this key has as many jobs as it may that have not ended; ask again when one is done, or stop one",
    afterMs: soonMs,
  }),
  "all-is-full": () => ({
    why: "the jobs of all keys are as many as there may be; ask again when some are done",
    afterMs: soonMs,
  }),
  "day-is-full": (_, { clock }) => ({
    why: "this key has asked for as many jobs as it may in a day (UTC); ask again tomorrow",
    afterMs: untilNextDay(clock()),
  }),
  async "results-of-key"(by, { jobs, clock }) {
    const kept = keptResults(await jobs.store.unfinished(), clock()).filter((one) => one.by === by);
    const why = `this key has as many results of exports as are kept for one; ${howToMakeRoom(kept)}`;
    return { why, afterMs: (kept[0]?.until ?? clock() + soonMs) - clock() };
  },
  async "results-of-all"(_, { jobs, clock }) {
    const [oldest] = keptResults(await jobs.store.unfinished(), clock());
    const why = "the results of exports of all keys have as many bytes as are kept; ask again when some are gone";
    return { why, afterMs: (oldest?.until ?? clock() + soonMs) - clock() };
  },
};
