import { beforeEach, describe, expect, it } from "vitest";
import { doJobs } from "../../support/memory/jobs.ts";
import { addAccount, signedIn } from "./people.ts";
import { passing, runtime, type TestRuntime } from "./support.ts";

interface Erased {
  id: string;
  at: string;
  by: { account: string | null; name: string | null };
  boxes: string[] | null;
  job: string | null;
  events: number | null;
}

let deps: TestRuntime;
beforeEach(async () => {
  deps = await runtime();
  await deps.deps.boxes.writer.set("gate-1", { site: "hq" });
  await deps.deps.boxes.writer.set("depot-1", { site: "depot" });
  await deps.deliver(passing({ identity_id: "4711", identity_name: "Gone Soon" }));
});

const erase = (query: string, headers: Record<string, string> = {}) =>
  deps.ask(`/v1/people?id=4711&${query}`, { method: "DELETE", headers });

async function list(query = "", headers: Record<string, string> = {}) {
  const answer = await deps.ask(`/v1/people/erased${query}`, { headers });
  const text = await answer.text();
  return { status: answer.status, text, ...(JSON.parse(text) as { erased: Erased[]; next: string | null }) };
}

describe("GET /v1/people/erased", () => {
  it("names who erased a person, when and at which box, and nothing of the person", async () => {
    const id = await addAccount(deps, "administrator", { name: "Grace" });
    await erase("box=gate-1", await signedIn(deps, id));
    const { erased, text } = await list();
    expect(erased).toMatchObject([{ by: { account: id, name: "Grace" }, boxes: ["gate-1"], events: 1 }]);
    expect(text).not.toMatch(/4711|Gone Soon/);
    const [entry] = (await deps.deps.auditReader.list({ actions: ["person-erased"] }, { limit: 1, cursor: null }))
      .items;
    expect(text).not.toContain(String(entry?.about["person"]));
  });

  it("has the boxes of the caller alone", async () => {
    await erase("box=gate-1");
    await erase("box=depot-1");
    await erase("all=1");
    expect((await list()).erased.map(({ boxes }) => boxes)).toEqual([null, ["depot-1"], ["gate-1"]]);
    const manager = await signedIn(deps, await addAccount(deps, "manager", { sites: ["depot"] }));
    expect((await list("", manager)).erased.map(({ boxes }) => boxes)).toEqual([["depot-1"]]);
  });

  it("counts events for a caller who sees all boxes of the job", async () => {
    const boxes = Array.from({ length: 10 }, (_, n) => `depot-${n}`);
    for (const box of boxes) await deps.deps.boxes.writer.set(box, { site: "depot" });
    const manager = await signedIn(deps, await addAccount(deps, "manager", { sites: ["depot"] }));
    const eventsAfter = async (erased: readonly string[]) => {
      const body = JSON.stringify({ kind: "erase", person: "4711", boxes: erased });
      expect((await deps.ask("/v1/jobs", { method: "POST", body })).status).toBe(202);
      await doJobs(deps.deps);
      return [(await list()).erased[0]?.events, (await list("", manager)).erased[0]?.events];
    };
    expect(await eventsAfter(["gate-1", "depot-1"])).toEqual([1, null]);
    expect(await eventsAfter(["depot-1", "depot-2"])).toEqual([0, 0]);
    // The entry in the audit log names the first ten.
    expect(await eventsAfter([...boxes, "gate-1"])).toEqual([0, null]);
  });

  it("leaves out a refused erasure, and gives pages", async () => {
    await erase("");
    await erase("all=1");
    await erase("box=gate-1");
    const first = await list("?limit=1");
    expect(first.erased.map(({ boxes }) => boxes)).toEqual([["gate-1"]]);
    const rest = await list(`?limit=1&cursor=${first.next}`);
    expect(rest.erased.map(({ boxes }) => boxes)).toEqual([null]);
    expect((await list("?cursor=wrong")).status).toBe(400);
  });

  it("names the job of each erasure, and for 30 days its number of events", async () => {
    const body = JSON.stringify({ kind: "erase", person: "4711", boxes: ["gate-1"] });
    expect((await deps.ask("/v1/jobs", { method: "POST", body })).status).toBe(202);
    const [running] = (await list()).erased;
    expect(running).toMatchObject({ boxes: ["gate-1"], events: null, job: expect.stringMatching(/^job_/) });
    await doJobs(deps.deps);
    expect((await list()).erased).toMatchObject([{ job: running?.job, events: 1 }]);
    deps.deps.jobs.store.get = async () => null;
    expect((await list()).erased).toMatchObject([{ job: running?.job, events: null }]);
  });

  it("is refused to guards, and while people are switched off", async () => {
    const guard = await signedIn(deps, await addAccount(deps, "guard"));
    expect((await list("", guard)).status).toBe(403);
    await deps.deps.peopleSettings.set({ isOn: false, hoursDays: null });
    expect((await list()).status).toBe(403);
  });
});
