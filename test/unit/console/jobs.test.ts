import type { Job } from "@gatepost/client";
import { expect, it, vi } from "vitest";
import { awaited, openPage } from "./support.ts";

const job = (id: string, state: Job["state"]) => ({ id, state, kind: "export", result: null }) as unknown as Job;

it("continues with the job that was begun last, despite late answers about another", async () => {
  const late = awaited();
  const answers: Record<string, () => object | Promise<object | number>> = {
    "/v1/me": () => ({ key: {}, server: {} }),
    "/v1/jobs/first": () => late.answer,
    "/v1/jobs/second": () => job("second", "done"),
  };
  let begun = "first";
  await openPage(({ method, path }) => {
    if (method === "POST") return job(begun, begun === "first" ? "done" : "running");
    return answers[path]?.() ?? 503;
  });
  const { jobOf, renewJob, runJob } = await import("../../../packages/console/src/state/jobs.ts");
  await runJob("export", { kind: "export", format: "csv", filter: {} });
  const renewed = renewJob("export");
  begun = "second";
  const ended = runJob("export", { kind: "export", format: "csv", filter: {} });
  await expect.poll(() => jobOf("export").value?.id).toBe("second");
  late.give(job("first", "done"));
  await renewed;
  expect(jobOf("export").value).toMatchObject({ id: "second", state: "running" });
  await vi.advanceTimersByTimeAsync(1000);
  expect(await ended).toMatchObject({ id: "second", state: "done" });
});
