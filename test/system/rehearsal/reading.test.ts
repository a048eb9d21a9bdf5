import { hourMs } from "@gatepost/protocol";
import { afterAll, beforeAll, expect } from "vitest";
import { reading } from "../blackbox/reading.ts";
import { synthTimeoutMs } from "../infra/stages.ts";
import { type Started, started, whereRehearsable } from "./started.ts";

whereRehearsable(() => {
  let deps: Started;
  beforeAll(async () => {
    deps = await started(undefined, async () => ({ patience: 10 }));
  }, synthTimeoutMs);
  afterAll(async () => {
    await deps.stop();
    expect(deps.rehearsal.refused).toEqual([]);
  });

  reading("the synthesised deployment", async () => ({
    ...deps.rehearsal,
    stop: async () => {},
    async finish() {
      // By then each process knows of the erasure.
      deps.rehearsal.later(hourMs);
      await deps.rehearsal.fire("ErasureSweepScheduleSchedule");
      deps.rehearsal.later(-hourMs);
    },
  }));
});
