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

it("asks once for the undo of a mapping, and follows its job", async () => {
  const asked: string[] = [];
  let state: Job["state"] = "running";
  const result = { events: 2, records: 3, stay: { gone: 0, joined: 1 } };
  await openPage(({ method, path }) => {
    if (path === "/v1/me") return { key: {}, server: {} };
    asked.push(`${method} ${path}`);
    if (method === "POST") return { ...result, isDone: false, job: "job_1" };
    return { ...job("job_1", state), kind: "undo", result: state === "done" ? result : null };
  });
  const { undoTaught } = await import("../../../packages/console/src/state/mappings/undo.ts");
  const { notice } = await import("../../../packages/console/src/state/notice.ts");
  const undone = undoTaught("map_1");
  await expect.poll(() => asked.length).toBe(2);
  state = "done";
  await vi.advanceTimersByTimeAsync(1000);
  await undone;
  expect(asked).toEqual(["POST /v1/mappings/map_1/undo", "GET /v1/jobs/job_1", "GET /v1/jobs/job_1"]);
  expect(notice.value?.text).toMatch(/^Undone: 2 events are erased, 3 reports are back/);
});
