import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Checked } from "../../../packages/cli/src/check/check.ts";
import { gatepost, gatepostJson } from "../cli/support.ts";
import { synthTimeoutMs } from "../infra/stages.ts";
import type { Rehearsal } from "./rehearsal.ts";
import { type Started, started, whereRehearsable } from "./started.ts";

whereRehearsable(() => {
  describe("gatepost check, of the deployment", () => {
    let deps: Started;
    beforeAll(async () => {
      deps = await started();
    }, synthTimeoutMs);
    afterAll(() => deps.stop());

    const remote = ({ url, admin, live }: Rehearsal) => {
      const feed = live.address("").replace(/\?.*$/, "");
      return ["--url", url, "--token", admin, "--live", feed];
    };

    it("delivers a report that is counted nowhere and reaches no subscriber", async () => {
      const { rehearsal, client } = deps;
      const checked = await gatepostJson<Checked>("check", ...remote(rehearsal));
      expect(checked.steps.map(({ step, failed }) => [step, failed])).toEqual(
        ["key", "connect", "deliver", "read", "pictures", "live", "bus", "erase", "revoke"].map((step) => [step, null]),
      );
      expect(await client.events("&box=gatepost-check")).toEqual([]);
      expect([...rehearsal.bus.queues.values()].flat()).toEqual([]);
      const counts = rehearsal
        .log()
        .split("\n")
        .filter((line) => line.includes("CloudWatchMetrics"));
      expect(counts.filter((line) => line.includes("gatepost-check"))).toEqual([]);
      const devices = await client.get(`/SophonDevice/api/Devices?token=${rehearsal.admin}`);
      expect(await devices.text()).not.toContain("gatepost-check");
      expect(rehearsal.refused).toEqual([]);
    });

    it("reports that the bus accepts nothing", async () => {
      const { rehearsal, client } = deps;
      rehearsal.bus.isDown = true;
      const { code, stderr } = await gatepost("check", ...remote(rehearsal), "--timeout", "2");
      rehearsal.bus.isDown = false;
      expect(code).toBe(1);
      expect(stderr).toMatch(/bus: the announcement did not come over the bus within 2 s: its action is pending\n$/);
      expect(await client.events("&box=gatepost-check")).toEqual([]);
    });

    it("reports that no rule delivers the bus's entries", async () => {
      const { rehearsal } = deps;
      const { invoke } = rehearsal.bus;
      rehearsal.bus.invoke = () => undefined;
      const { code, stderr } = await gatepost("check", ...remote(rehearsal), "--timeout", "2");
      rehearsal.bus.invoke = invoke;
      expect(code).toBe(1);
      expect(stderr).toMatch(/within 2 s: the bus accepted it, but no subscriber received it\n$/);
    });
  });
});
