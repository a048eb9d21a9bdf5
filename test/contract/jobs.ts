import type { Job, JobQuestion } from "@gatepost/api";
import { JobLeases, Jobs, jobLifetimeMs } from "@gatepost/core/jobs";
import { present } from "@gatepost/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keptLog } from "../unit/http/support.ts";
import type { OpenedItems } from "./items.ts";
import { day, noon, replayJob } from "./samples.ts";

const minute = 60_000;

/** Jobs, with the shares of keys and the leases, on any driver of the record store. */
export function jobsContract(name: string, open: () => Promise<OpenedItems>): void {
  describe(`${name} keeps jobs:`, () => {
    let opened: OpenedItems;
    let jobs: Jobs<JobQuestion>;
    let logged: ReturnType<typeof keptLog>;
    beforeEach(async () => {
      opened = await open();
      logged = keptLog();
      jobs = new Jobs<JobQuestion>({ items: opened.items, log: logged.log, clock: opened.clock });
    });
    afterEach(() => opened.close());
    const create = (one: Job) => jobs.create(one, { ofKey: 10, inAll: null, aDay: null, results: null });
    const openIds = async () => (await jobs.unfinished()).map(({ id }) => id);

    it("returns a stored job, and null for an unknown one", async () => {
      const asked = { kind: "export" as const, format: "csv" as const, filter: { from: noon, box: "gate-1" } };
      const stored = replayJob("a", { asked, progress: { cursor: "x" } });
      await create(stored);
      expect(await jobs.get("job_a")).toEqual(stored);
      expect(await jobs.get("job_b")).toBeNull();
    });

    it("lets one of two writers advance from the same state", async () => {
      const first = replayJob("a");
      await create(first);
      expect(await jobs.advance(first, { ...first, state: "running", done: 1 })).toBe(true);
      expect(await jobs.advance(first, { ...first, state: "running", done: 2 })).toBe(false);
      expect(await jobs.get("job_a")).toMatchObject({ step: 1, done: 1 });
      expect(await jobs.advance(replayJob("b"), replayJob("b"))).toBe(false);
    });

    it("has room for a limited number of unfinished jobs of a key", async () => {
      const room = { ofKey: 3, inAll: null, aDay: null, results: null };
      const asked = Array.from({ length: 8 }, (_, n) => replayJob(`${n}`, { by: "key_greedy" }));
      const admitted = await Promise.all(asked.map((one) => jobs.create(one, room)));
      expect(admitted.toSorted()).toEqual([...Array(3).fill("created"), ...Array(5).fill("key-is-full")]);
      const stored = await Promise.all(asked.map(({ id }) => jobs.get(id)));
      expect(stored.map((one) => (one === null ? "key-is-full" : "created"))).toEqual(admitted);
      expect(await jobs.create(replayJob("other", { by: "key_other" }), room)).toBe("created");
      const first = stored.find((one) => one !== null) as Job;
      await jobs.advance(first, { ...first, state: "stopped" });
      await expect.poll(() => jobs.create(replayJob("next", { by: "key_greedy" }), room)).toBe("created");
      expect(await jobs.create(replayJob("last", { by: "key_greedy" }), room)).toBe("key-is-full");
    });

    it("has room for a limited number of all keys, except for jobs without that limit", async () => {
      for (const n of [1, 2, 3]) await create(replayJob(`${n}`, { by: `key_${n}` }));
      await expect.poll(openIds).toHaveLength(3);
      const next = replayJob("next", { by: "key_4" });
      expect(await jobs.create(next, { ofKey: 10, inAll: 3, aDay: null, results: null })).toBe("all-is-full");
      expect(await jobs.get("job_next")).toBeNull();
      expect(await jobs.create(next, { ofKey: 10, inAll: null, aDay: null, results: null })).toBe("created");
    });

    it("has room for a limited number of jobs a day, even if they have ended", async () => {
      const room = { ofKey: 10, inAll: null, aDay: 2, results: null };
      for (const id of ["a", "b"]) {
        expect(await jobs.lackOfRoom("key_1", room)).toBeNull();
        expect(await jobs.create(replayJob(id), room)).toBe("created");
        await jobs.advance(replayJob(id), { ...replayJob(id), state: "stopped" });
      }
      expect(await jobs.lackOfRoom("key_1", room)).toBe("day-is-full");
      expect(await jobs.create(replayJob("c"), room)).toBe("day-is-full");
      expect(await jobs.lackOfRoom("key_1", { ...room, aDay: null, results: null })).toBeNull();
      expect(await jobs.create(replayJob("d", { by: "key_2" }), room)).toBe("created");
      opened.setClock(noon + day);
      expect(await jobs.lackOfRoom("key_1", room)).toBeNull();
      expect(await jobs.create(replayJob("e", { createdAt: noon + day }), room)).toBe("created");
    });

    it("reports that there is no room, and takes none", async () => {
      const room = { ofKey: 1, inAll: 2, aDay: null, results: null };
      for (let n = 0; n < 2; n++) expect(await jobs.lackOfRoom("key_1", room)).toBeNull();
      await create(replayJob("a"));
      await expect.poll(() => jobs.lackOfRoom("key_1", room)).toBe("key-is-full");
      await create(replayJob("b", { by: "key_2" }));
      await expect.poll(() => jobs.lackOfRoom("key_3", room)).toBe("all-is-full");
    });

    it("has room for limited results of a key, and bytes of all, for a day", async () => {
      const results = { ofKey: 2, bytesOfKey: 100, bytesInAll: 150 };
      const room = { ofKey: 10, inAll: null, aDay: null, results };
      const asked = { kind: "export" as const, format: "csv" as const, filter: {} };
      const finished = async (id: string, by: string, bytes: number) => {
        const job = replayJob(id, { asked, by });
        await create(job);
        await jobs.advance(job, {
          ...job,
          state: "done",
          endedAt: noon,
          result: { events: 1, bytes, file: null },
        });
      };
      const lack = (by: string) => jobs.lackOfRoom(by, room);
      await finished("a", "key_1", 60);
      await expect.poll(openIds).toEqual(["job_a"]);
      expect(await lack("key_1")).toBeNull();
      await finished("b", "key_1", 60);
      await expect.poll(() => lack("key_1")).toBe("results-of-key");
      expect(await jobs.create(replayJob("c", { asked }), room)).toBe("results-of-key");
      expect(await lack("key_2")).toBeNull();
      await finished("d", "key_3", 60);
      await expect.poll(() => lack("key_2")).toBe("results-of-all");
      opened.setClock(noon + day);
      expect(await lack("key_1")).toBeNull();
    });

    it("lists unfinished jobs, and exports that have a result", async () => {
      const asked = { kind: "export" as const, format: "csv" as const, filter: {} };
      const all = [
        replayJob("a"),
        replayJob("b"),
        replayJob("c", { asked, createdAt: noon + 1 }),
        replayJob("d", { asked, createdAt: noon + 2 }),
      ];
      for (const one of all) await create(one);
      const [, b, c, d] = all as [Job, Job, Job, Job];
      await jobs.advance(b, { ...b, state: "done", result: { stored: 1 } });
      await jobs.advance(c, { ...c, state: "done", result: { events: 1 } });
      await jobs.advance(d, { ...d, state: "failed" });
      await expect.poll(openIds).toEqual(["job_a", "job_c"]);
      expect((await jobs.unended()).map(({ id }) => id)).toEqual(["job_a"]);
      const done = (await jobs.get("job_c")) as Job;
      await jobs.advance(done, { ...done, state: "failed", result: null });
      await expect.poll(openIds).toEqual(["job_a"]);
    });

    it("forgets a job that has ended after thirty days", async () => {
      await create(replayJob("a"));
      await jobs.advance(replayJob("a"), replayJob("a", { state: "done", endedAt: noon }));
      opened.setClock(noon + jobLifetimeMs - 1000);
      expect(await jobs.get("job_a")).not.toBeNull();
      opened.setClock(noon + jobLifetimeMs);
      expect(await jobs.get("job_a")).toBeNull();
    });

    it("a job that has not ended stays, and is removed thirty days after its end", async () => {
      const erase = replayJob("a", { createdAt: noon - 100 * day });
      await create(erase);
      expect(await jobs.get("job_a")).toEqual(erase);
      expect(await jobs.advance(erase, { ...erase, state: "done", endedAt: noon })).toBe(true);
      opened.setClock(noon + jobLifetimeMs - 1000);
      expect(await jobs.get("job_a")).toMatchObject({ state: "done" });
      opened.setClock(noon + jobLifetimeMs);
      expect(await jobs.get("job_a")).toBeNull();
    });

    it("a job is created once", async () => {
      const tries = Array.from({ length: 5 }, () => jobs.createOnce(replayJob("a")));
      expect((await Promise.all(tries)).filter((isCreated) => isCreated)).toHaveLength(1);
    });

    it("a place that a job has already is not taken twice", async () => {
      const places = JSON.stringify([["job_a", noon]]);
      await opened.items.write({ pk: "jobs of key_1", set: { places, version: 1, day: 0, asked: 1 } });
      const room = { ofKey: 1, inAll: null, aDay: null, results: null };
      expect(await jobs.create(replayJob("a"), room)).toBe("created");
      expect(await jobs.create(replayJob("b"), room)).toBe("key-is-full");
    });

    it("a broken job blocks no others, is logged once, and is removed in time", async () => {
      await create(replayJob("a"));
      await create(replayJob("b"));
      await opened.items.write({ pk: "job job_a", set: { job: "{" }, when: present() });
      await expect.poll(openIds).toEqual(["job_b"]);
      expect([await jobs.get("job_a"), await jobs.unreadable()]).toEqual([null, ["job_a"]]);
      await jobs.tidy();
      expect(await opened.items.get("job job_a")).not.toBeNull();
      opened.setClock(noon + jobLifetimeMs);
      await jobs.tidy();
      expect(await opened.items.get("job job_a")).toBeNull();
      const message = "a job cannot be read, and counts as none";
      expect(logged.lines).toMatchObject([{ level: "error", message, facts: { id: "job_a" } }]);
    });

    it("a job is listed until it has ended, beside others of the same time", async () => {
      for (const one of ["a", "b"]) await create(replayJob(one));
      await expect.poll(() => jobs.isListed(replayJob("a"))).toBe(true);
      expect(await jobs.isListed(replayJob("c"))).toBe(false);
      await jobs.advance(replayJob("a"), { ...replayJob("a"), state: "done" });
      await expect.poll(() => jobs.isListed(replayJob("a"))).toBe(false);
      expect(await jobs.isListed(replayJob("b"))).toBe(true);
    });

    it("an export whose result is gone leaves the list of unfinished jobs", async () => {
      const job = replayJob("a", { asked: { kind: "export", format: "csv", filter: {} } });
      await create(job);
      await jobs.advance(job, { ...job, state: "done", endedAt: noon, result: { events: 1 } });
      opened.setClock(noon + day);
      await jobs.tidy();
      await expect.poll(openIds).toEqual(["job_a"]);
      opened.setClock(noon + day + 1);
      await jobs.tidy();
      await expect.poll(openIds).toEqual([]);
      expect(await jobs.get("job_a")).toMatchObject({ state: "done" });
    });

    describe("a lease", () => {
      let leases: JobLeases;
      beforeEach(async () => {
        leases = new JobLeases({ items: opened.items, jobs, clock: opened.clock });
        await create(replayJob("a"));
      });

      it("is given to one of many with the newest ticket", async () => {
        const old = await leases.issue("job_a");
        const ticket = await leases.issue("job_a");
        expect(await leases.lease(old, minute)).toBeNull();
        expect(await leases.lease({ job: "job_b", ticket: ticket.ticket }, minute)).toBeNull();
        const all = await Promise.all(Array.from({ length: 8 }, () => leases.lease(ticket, minute)));
        const [lease, ...others] = all.filter((one) => one !== null);
        expect([lease?.cutShort, others]).toEqual([0, []]);
      });

      it("ends with its time or when it is given back, and counts expiries", async () => {
        const ticket = await leases.issue("job_a");
        const first = await leases.lease(ticket, minute);
        opened.setClock(noon + minute);
        const second = await leases.lease(ticket, minute);
        expect([first?.cutShort, second?.cutShort]).toEqual([0, 1]);
        await first?.giveBack();
        expect(await leases.lease(ticket, minute)).toBeNull();
        await second?.giveBack();
        expect(await leases.lease(ticket, minute)).toMatchObject({ cutShort: 0 });
      });

      it("does not outlive its job", async () => {
        const job = replayJob("a");
        const lease = await leases.lease(await leases.issue("job_a"), minute);
        await jobs.advance(job, { ...job, state: "done", endedAt: noon });
        opened.setClock(noon + jobLifetimeMs);
        await lease?.giveBack();
        await leases.issue("job_a");
        expect(await opened.items.get("job job_a")).toBeNull();
      });

      it("is missed by a job after six minutes, and one caller gets its ticket", async () => {
        await create(replayJob("ended", { state: "done", endedAt: noon }));
        await jobs.createOnce(replayJob("unpushed"), 0);
        await expect.poll(openIds).toContain("job_unpushed");
        expect(await leases.forgotten()).toMatchObject([{ job: "job_unpushed" }]);
        opened.setClock(noon + 6 * minute);
        await opened.items.write({ pk: "job job_unpushed", set: { pushedAt: "soon" }, when: present() });
        const all = await Promise.all([leases.forgotten(), leases.forgotten(), leases.forgotten()]);
        expect(
          all
            .flat()
            .map(({ job }) => job)
            .toSorted(),
        ).toEqual(["job_a", "job_unpushed"]);
        const [ticket] = all.flat().filter(({ job }) => job === "job_a");
        expect(ticket && (await leases.lease(ticket, minute))).toMatchObject({ cutShort: 0 });
        opened.setClock(noon + 12 * minute);
        expect((await leases.forgotten()).map(({ job }) => job)).toContain("job_a");
      });
    });
  });
}
