import { afterAll, beforeAll, expect, it } from "vitest";
import { following } from "../blackbox/feed.ts";
import { synthTimeoutMs } from "../infra/stages.ts";
import { type Started, started, whereRehearsable } from "./started.ts";

whereRehearsable(() => {
  let deps: Started;
  beforeAll(async () => {
    deps = await started();
  }, synthTimeoutMs);
  afterAll(() => deps.stop());

  following("the synthesised deployment", async () => ({
    url: deps.rehearsal.url,
    admin: deps.rehearsal.admin,
    finish: async () => {},
    stop: async () => {},
  }));

  it("no role was in the way, and no key is in the log", () => {
    expect(deps.rehearsal.refused).toEqual([]);
    expect(deps.rehearsal.log()).toContain('"level"');
    expect(deps.rehearsal.log()).not.toMatch(/gp[ira]_[\w-]{20}/);
  });
});
