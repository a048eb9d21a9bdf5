import { createHmac } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { hasEnded, roomFor } from "@gatepost/core/jobs";
import { instant } from "@gatepost/protocol";
import type { Caller } from "../access/caller.ts";
import { newJob, type StoredEraseRequest } from "../jobs/job.ts";
import { noRoom } from "../jobs/results.ts";
import type { ApiPorts } from "../ports.ts";

type Deps = Pick<ApiPorts, "jobs" | "clock" | "cursorSecret">;

/** Throws 429 if an erasure needs another job, and there is no room for it. Nothing is written. */
export async function requireRoom(asked: StoredEraseRequest, caller: Caller, deps: Deps): Promise<void> {
  if ((await unendedErasure(asked, caller, deps)) !== null) return;
  const lack = await deps.jobs.store.lackOfRoom(caller.id, roomFor("erase", caller));
  if (lack !== null) throw await noRoom(lack, caller.id, deps);
}

/**
 * The id of the caller's job that erases this and has not ended. If there is none, it is stored. Throws 429 if there is
 * no room for it.
 */
export async function storeErasure(asked: StoredEraseRequest, caller: Caller, deps: Deps): Promise<string> {
  const unended = await unendedErasure(asked, caller, deps);
  if (unended !== null) return unended;
  const now = deps.clock();
  // The list may lag, so the same requests of one day (UTC) get the same ids: the first that has not ended.
  for (let round = 0; ; round++) {
    const name = JSON.stringify([caller.id, asked, instant(now).slice(0, 10), round]);
    const hash = createHmac("sha256", deps.cursorSecret).update("job id\0").update(name).digest("hex");
    const job = newJob(`job_${hash.slice(0, 24)}`, { by: caller.id, asked }, now);
    const there = await deps.jobs.store.get(job.id);
    if (there !== null && hasEnded(there)) continue;
    const admitted = there === null ? await deps.jobs.store.create(job, roomFor("erase", caller)) : "created";
    if (admitted !== "created") throw await noRoom(admitted, caller.id, deps);
    return job.id;
  }
}

async function unendedErasure(
  asked: StoredEraseRequest,
  caller: Caller,
  { jobs }: Pick<Deps, "jobs">,
): Promise<string | null> {
  const unended = await jobs.store.unended();
  return unended.find((job) => job.by === caller.id && isDeepStrictEqual(job.asked, asked))?.id ?? null;
}
