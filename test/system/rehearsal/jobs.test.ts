import { beforeAll, expect, it } from "vitest";
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
    const started = await rehearseHere(folder);
    rehearsal = started;
    return {
      ...started,
      async stop() {
        await started.stop();
        await remove();
      },
    };
  });

  it("no role was in the way, and no message is left", () => {
    expect([rehearsal?.refused, rehearsal?.live.left]).toEqual([[], 0]);
  });
});
