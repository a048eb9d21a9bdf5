import { runSlice } from "@gatepost/api";
import { BrokenRow } from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { doJobs, type MemoryExports } from "../../support/memory/jobs.ts";
import { passing, runtime, type TestRuntime } from "./support.ts";

let deps: TestRuntime;
let id: string;
/** The row that cannot be read. */
let row: string;
beforeEach(async () => {
  deps = await runtime();
  const [outcome] = await deps.deliver(passing());
  id = outcome?.event?.id ?? "";
  row = `event ${id}`;
});

const broken = async () => {
  throw new BrokenRow(row, "reports: expected array");
};
/** Only the API meets the row: an eraser reads no reports. */
const failing = (method: "get" | "list") => {
  deps.deps.events = Object.assign(Object.create(deps.deps.events), { [method]: broken });
};
const remove = () => deps.ask(`/v1/events/${id}`, { method: "DELETE" });
const askedFor = async (body: object) =>
  (await (await deps.ask("/v1/jobs", { method: "POST", body: JSON.stringify(body) })).json()) as { id: string };
const files = () => [...(deps.deps.jobs.exports as MemoryExports).files.keys()];

describe("an event that cannot be read", () => {
  it("a broken event is named in the answer if it prevents one", async () => {
    failing("list");
    const answer = await deps.ask("/v1/events");
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, null]);
    const detail = `the row of ${id} is broken, and keeps this from being answered: mend or erase it`;
    expect(await answer.json()).toMatchObject({ detail });
  });

  it("a broken event is named if it fails a job, which is not retried", async () => {
    failing("list");
    const job = await askedFor({ kind: "export", format: "csv" });
    expect(await runSlice(job.id, deps.deps, { events: 10, records: 10, bytes: 1000 })).toBe(false);
    const broken = `the row of ${id} is broken, and keeps this from being answered: mend or erase it`;
    const reason = `${broken}; ask for it again: finished work is kept`;
    expect(await (await deps.ask(`/v1/jobs/${job.id}`)).json()).toMatchObject({ state: "failed", reason });
    expect(files()).toEqual([]);
  });

  it("the erasure of a broken event removes the exports of all boxes", async () => {
    const jobs = [];
    for (const box of ["gate-1", "gate-2"])
      jobs.push(await askedFor({ kind: "export", format: "csv", filter: { box } }));
    await doJobs(deps.deps);
    expect(files().toSorted()).toEqual(jobs.map((job) => job.id).toSorted());
    failing("get");
    expect((await remove()).status).toBe(204);
    expect(files()).toEqual([]);
    expect(deps.ingest.events()).toEqual([]);
  });
});

it.each(["event evt_other", "last_revision", "notice status of 小明", "notice status of evt_gate"])(
  "another broken row, %s, prevents the erasure of an event; only the log names it",
  async (other) => {
    row = other;
    failing("get");
    const answer = await remove();
    expect(answer.status).toBe(503);
    expect((await answer.text()).includes(other)).toBe(false);
    expect(deps.ingest.events()).toHaveLength(1);
    expect(deps.lines).toContainEqual(expect.objectContaining({ message: "request not answered" }));
  },
);
