import { runSlice } from "@gatepost/api";
import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { doJobs } from "../../support/memory/jobs.ts";
import { passing, runtime, type TestRuntime } from "./support.ts";

const limits = { events: 3, records: 2, bytes: 1 };
const records = 8;

let deps: TestRuntime;
/** Records that were read of quarantine by each slice. */
let read: number[];
beforeEach(async () => {
  deps = await runtime();
  await deps.deliver(passing());
  for (let n = 0; n < records; n += 1) await deps.deliver(`garbage ${n}`, { box: `gate-${n % 2}` });
  read = [];
  const { quarantine } = deps.deps;
  const { list } = quarantine;
  quarantine.list = async (...asked) => {
    const page = await list.apply(quarantine, asked);
    read.push((read.pop() ?? 0) + page.items.length);
    return page;
  };
});

async function create(body: object): Promise<string> {
  const answer = await deps.ask("/v1/jobs", { method: "POST", body: JSON.stringify(body) });
  return z.object({ id: z.string() }).parse(await answer.json()).id;
}

/** Does a slice. Returns the job after it. */
async function slice(id: string) {
  read.push(0);
  await runSlice(id, deps.deps, limits);
  const job = await deps.deps.jobs.store.get(id);
  if (job === null) throw new Error("the job is gone");
  return job;
}

/** Does slices until the job has ended, and none reads more than it may. */
async function finished(id: string) {
  for (let slices = 0; slices < 30; slices += 1) {
    const job = await slice(id);
    expect(read.at(-1)).toBeLessThanOrEqual(limits.events);
    if (job.state !== "running") return job;
  }
  throw new Error("the job does not end");
}

describe("a replay of a large quarantine", () => {
  it("a replay counts the records slice by slice, and then processes them", async () => {
    const id = await create({ kind: "replay" });
    const counted = [await slice(id), await slice(id), await slice(id)];
    expect(counted.map(({ of, done }) => [of, done])).toEqual([3, 6, records].map((of) => [of, 0]));
    expect(await finished(id)).toMatchObject({ state: "done", done: records, of: records, result: { stored: 0 } });
  });

  it("a replay begun by an earlier version continues", async () => {
    const id = await create({ kind: "replay" });
    const { store } = deps.deps.jobs;
    const job = await slice(id);
    await store.advance(job, { ...job, of: records, progress: { cursor: null, stored: 1, kept: [] } });
    expect(await finished(id)).toMatchObject({ done: records, of: records, result: { stored: 1 } });
  });
});

describe("an erasure beside a large quarantine", () => {
  const whom = { kind: "erase", person: "77", all: true, fromBoxes: true };

  it("boxes are asked to remove the person before unknown records are counted", async () => {
    const id = await create(whom);
    const { removals } = deps.deps.jobs;
    while (read.every((count) => count === 0)) await slice(id);
    expect((await removals.waiting(null, deps.deps.clock())).map(({ person }) => person)).toEqual(["77", "77"]);
    expect((await deps.deps.jobs.store.get(id))?.state).toBe("running");
    expect((await finished(id)).result).toMatchObject({
      erased: { events: 1 },
      unknown: { quarantine: records, goneBy: "2026-12-05" },
      removals: { asked: 2 },
    });
    expect(await removals.waiting(null, deps.deps.clock())).toHaveLength(2);
  });

  it("an erasure for some boxes counts only the records of these boxes", async () => {
    const id = await create({ kind: "erase", person: "77", boxes: ["gate-1", "gate-2"] });
    expect((await finished(id)).result).toMatchObject({ unknown: { quarantine: records / 2 } });
  });

  it("an erasure begun by an earlier version continues", async () => {
    const id = await create(whom);
    const job = await slice(id);
    const nothing = { events: 0, pictures: 0, quarantine: 0, outbox: 0 };
    const before = [{ ...nothing, events: 2, shared: [], upTo: null, isDone: true }];
    const registered = { ...nothing, cursor: null, isDone: true };
    await deps.deps.jobs.store.advance(job, { ...job, progress: { box: 1, before, now: null, registered } });
    await doJobs(deps.deps, limits);
    expect((await deps.deps.jobs.store.get(id))?.result).toMatchObject({
      erased: { events: 2 },
      unknown: { quarantine: records },
      removals: { asked: 2 },
    });
  });
});
