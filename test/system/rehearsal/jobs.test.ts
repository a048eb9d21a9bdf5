import { beforeAll, expect, it, vi } from "vitest";
import { jobsBlackbox } from "../blackbox/jobs.ts";
import { synthTimeoutMs } from "../infra/stages.ts";
import type { Rehearsal } from "./rehearsal.ts";
import { copyOfUploads, rehearseHere, whereRehearsable } from "./started.ts";

whereRehearsable(() => {
  let rehearsal: Rehearsal | undefined;

  beforeAll(async () => {
    await (await copyOfUploads()).remove();
  }, synthTimeoutMs);
  jobsBlackbox("the synthesised deployment", async () => {
    const { folder, remove } = await copyOfUploads();
    // As in production: hours of a month that has ended are kept.
    const started = await rehearseHere(folder, { variables: { GATEPOST_RETENTION_DAYS: "90" }, patience: 10 });
    rehearsal = started;
    return {
      ...started,
      sweepJobs: () => started.fire("JobSweepScheduleSchedule"),
      async stop() {
        // The last message to the worker may still be in flight, and a closed queue keeps it for ever. The last test
        // reports messages left after a minute.
        await vi.waitFor(() => expect(started.mappings.left).toBe(0), { timeout: 60_000 }).catch(String);
        await started.stop();
        await remove();
      },
    };
  });

  it("no role was in the way, and no message is left", () => {
    expect([rehearsal?.refused, rehearsal?.mappings.left]).toEqual([[], 0]);
  });
});
