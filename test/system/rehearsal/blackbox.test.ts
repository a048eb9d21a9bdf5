import { beforeAll, expect, it } from "vitest";
import { busJob } from "../blackbox/bus.ts";
import { mainJob } from "../blackbox/main-job.ts";
import { synthTimeoutMs } from "../infra/stages.ts";
import type { Rehearsal } from "./rehearsal.ts";
import { copyOfUploads, rehearseHere, whereRehearsable } from "./started.ts";

whereRehearsable(() => {
  const ended: Rehearsal[] = [];
  const start = async () => {
    const { folder, remove } = await copyOfUploads();
    const rehearsal = await rehearseHere(folder);
    const stop = async () => {
      await rehearsal.stop();
      await remove();
      ended.push(rehearsal);
    };
    return { ...rehearsal, stop };
  };

  beforeAll(async () => {
    // Not within the time that a hook of the tests below has: a first synth installs SST's platform.
    await (await copyOfUploads()).remove();
  }, synthTimeoutMs);
  mainJob("the synthesised deployment", start);
  busJob(
    "the synthesised deployment",
    async () => {
      const rehearsal = await start();
      const install = async (pattern: object) => {
        const delivered = rehearsal.bus.install(pattern);
        return { delivered: () => delivered };
      };
      return { ...rehearsal, install, sweep: () => rehearsal.fire("BoxSweepScheduleSchedule") };
    },
    { knowsRules: false },
  );

  it("no role was in the way", () => {
    expect(ended.map(({ refused }) => refused)).toEqual([[], []]);
  });

  it("no key is in the log", () => {
    for (const { log } of ended) {
      expect(log()).toContain('"message":"key created"');
      expect(log()).not.toMatch(/gp[ira]_[\w-]{20}/);
    }
  });

  it("everything announced is in the queue of its action, and nothing is lost", () => {
    const [, busOf] = ended.map(({ bus }) => bus);
    const wanted = [...(busOf?.queues ?? [])].map(([queue, held]) => [
      queue.replace(/^.*gatepost-test-(\w+)Queue-\w+$/, "$1"),
      [...new Set(held.map(({ detail }) => detail["want_action"]))],
    ]);
    expect(Object.fromEntries(wanted)).toEqual({
      Jobs: [],
      JobsUnhandled: [],
      Notifications: [],
      NotificationsUnsent: [],
      RegisterStranger: ["1001"],
      RegisterStrangerUndelivered: [],
      RegisterStrangerUnhandled: [],
      Uncounted: [],
      UpdatePhoto: ["1002"],
      UpdatePhotoUndelivered: [],
      UpdatePhotoUnhandled: [],
    });
    expect(busOf?.lost).toEqual([]);
  });
});
