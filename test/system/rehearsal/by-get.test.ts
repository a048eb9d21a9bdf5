import { afterAll, beforeAll, expect } from "vitest";
import { byGet } from "../blackbox/by-get.ts";
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

  byGet("the synthesised deployment", async () => ({ ...deps.rehearsal, stop: async () => {} }));
});
