import { Readable } from "node:stream";
import { type ExportStore, type Job, type JobStore, jobLifetimeMs } from "@gatepost/query";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { day, noon, replayJob } from "./samples.ts";

export interface JobsUnderTest {
  store: JobStore;
  exports: ExportStore;
  setClock(now: number): void;
  /** The bytes of a result; null where it is gone. */
  resultOf(id: string): Promise<Buffer | null>;
  /** The names of everything that is stored of exports. */
  left(): Promise<string[]>;
  close(): Promise<void>;
}

const bytesOf = (...texts: string[]) => Readable.from(texts.map((text) => Buffer.from(text)));

/** What every store of jobs and of exports promises. */
export function jobsContract(name: string, open: () => Promise<JobsUnderTest>): void {
  describe(`${name} keeps the promises of a store of jobs:`, () => {
    let deps: JobsUnderTest;
    beforeEach(async () => {
      deps = await open();
    });
    afterEach(() => deps.close());
    const create = (one: Job) => deps.store.create(one, { ofKey: 10, inAll: null, aDay: null, results: null });
    const openIds = async () => (await deps.store.unfinished()).map(({ id }) => id);

    it("gives back what was stored, and null for what was not", async () => {
      const asked = { kind: "export" as const, format: "csv" as const, filter: { from: noon, box: "gate-1" } };
      const stored = replayJob("a", { asked, progress: { cursor: "x" } });
      await create(stored);
      expect(await deps.store.get("job_a")).toEqual(stored);
      expect(await deps.store.get("job_b")).toBeNull();
    });

    it("lets one of two who go on from the same state", async () => {
      const first = replayJob("a");
      await create(first);
      expect(await deps.store.advance(first, { ...first, state: "running", done: 1 })).toBe(true);
      expect(await deps.store.advance(first, { ...first, state: "running", done: 2 })).toBe(false);
      expect(await deps.store.get("job_a")).toMatchObject({ step: 1, done: 1 });
      expect(await deps.store.advance(replayJob("b"), replayJob("b"))).toBe(false);
    });

    it("has room for so many of a key that have not ended, however many ask at once", async () => {
      const room = { ofKey: 3, inAll: null, aDay: null, results: null };
      const asked = Array.from({ length: 8 }, (_, n) => replayJob(`${n}`, { by: "key_greedy" }));
      const admitted = await Promise.all(asked.map((one) => deps.store.create(one, room)));
      expect(admitted.toSorted()).toEqual([...Array(3).fill("created"), ...Array(5).fill("key-is-full")]);
      const stored = await Promise.all(asked.map(({ id }) => deps.store.get(id)));
      expect(stored.map((one) => (one === null ? "key-is-full" : "created"))).toEqual(admitted);
      expect(await deps.store.create(replayJob("other", { by: "key_other" }), room)).toBe("created");
      const first = stored.find((one) => one !== null) as Job;
      await deps.store.advance(first, { ...first, state: "stopped" });
      await expect.poll(() => deps.store.create(replayJob("next", { by: "key_greedy" }), room)).toBe("created");
      expect(await deps.store.create(replayJob("last", { by: "key_greedy" }), room)).toBe("key-is-full");
    });

    it("has room for so many of all keys, save for what must not be kept out", async () => {
      for (const n of [1, 2, 3]) await create(replayJob(`${n}`, { by: `key_${n}` }));
      await expect.poll(openIds).toHaveLength(3);
      const next = replayJob("next", { by: "key_4" });
      expect(await deps.store.create(next, { ofKey: 10, inAll: 3, aDay: null, results: null })).toBe("all-is-full");
      expect(await deps.store.get("job_next")).toBeNull();
      expect(await deps.store.create(next, { ofKey: 10, inAll: null, aDay: null, results: null })).toBe("created");
    });

    it("has room for so many that a key asks for in a day, also where they have ended", async () => {
      const room = { ofKey: 10, inAll: null, aDay: 2, results: null };
      for (const id of ["a", "b"]) {
        expect(await deps.store.lackOfRoom("key_1", room)).toBeNull();
        expect(await deps.store.create(replayJob(id), room)).toBe("created");
        await deps.store.advance(replayJob(id), { ...replayJob(id), state: "stopped" });
      }
      expect(await deps.store.lackOfRoom("key_1", room)).toBe("day-is-full");
      expect(await deps.store.create(replayJob("c"), room)).toBe("day-is-full");
      expect(await deps.store.lackOfRoom("key_1", { ...room, aDay: null, results: null })).toBeNull();
      expect(await deps.store.create(replayJob("d", { by: "key_2" }), room)).toBe("created");
      deps.setClock(noon + day);
      expect(await deps.store.lackOfRoom("key_1", room)).toBeNull();
      expect(await deps.store.create(replayJob("e", { createdAt: noon + day }), room)).toBe("created");
    });

    it("says that there is no room, and takes none", async () => {
      const room = { ofKey: 1, inAll: 2, aDay: null, results: null };
      for (let n = 0; n < 2; n++) expect(await deps.store.lackOfRoom("key_1", room)).toBeNull();
      await create(replayJob("a"));
      await expect.poll(() => deps.store.lackOfRoom("key_1", room)).toBe("key-is-full");
      await create(replayJob("b", { by: "key_2" }));
      await expect.poll(() => deps.store.lackOfRoom("key_3", room)).toBe("all-is-full");
    });

    it("has room for so many results of a key, and so many bytes of all, for a day", async () => {
      const results = { ofKey: 2, bytesOfKey: 100, bytesInAll: 150 };
      const room = { ofKey: 10, inAll: null, aDay: null, results };
      const asked = { kind: "export" as const, format: "csv" as const, filter: {} };
      const finished = async (id: string, by: string, bytes: number) => {
        const one = replayJob(id, { asked, by });
        await create(one);
        await deps.store.advance(one, {
          ...one,
          state: "done",
          endedAt: noon,
          result: { events: 1, bytes, file: null },
        });
      };
      const lack = (by: string) => deps.store.lackOfRoom(by, room);
      await finished("a", "key_1", 60);
      await expect.poll(openIds).toEqual(["job_a"]);
      expect(await lack("key_1")).toBeNull();
      await finished("b", "key_1", 60);
      await expect.poll(() => lack("key_1")).toBe("results-of-key");
      expect(await deps.store.create(replayJob("c", { asked }), room)).toBe("results-of-key");
      expect(await lack("key_2")).toBeNull();
      await finished("d", "key_3", 60);
      await expect.poll(() => lack("key_2")).toBe("results-of-all");
      deps.setClock(noon + day);
      expect(await lack("key_1")).toBeNull();
    });

    it("lists what has not ended, and exports that have a result", async () => {
      const asked = { kind: "export" as const, format: "csv" as const, filter: {} };
      const all = [
        replayJob("a"),
        replayJob("b"),
        replayJob("c", { asked, createdAt: noon + 1 }),
        replayJob("d", { asked, createdAt: noon + 2 }),
      ];
      for (const one of all) await create(one);
      const [, b, c, d] = all as [Job, Job, Job, Job];
      await deps.store.advance(b, { ...b, state: "done", result: { stored: 1 } });
      await deps.store.advance(c, { ...c, state: "done", result: { events: 1 } });
      await deps.store.advance(d, { ...d, state: "failed" });
      await expect.poll(openIds).toEqual(["job_a", "job_c"]);
      const done = (await deps.store.get("job_c")) as Job;
      await deps.store.advance(done, { ...done, state: "failed", result: null });
      await expect.poll(openIds).toEqual(["job_a"]);
    });

    it("forgets a job that has ended after thirty days", async () => {
      await create(replayJob("a"));
      await deps.store.advance(replayJob("a"), replayJob("a", { state: "done", endedAt: noon }));
      deps.setClock(noon + jobLifetimeMs - 1000);
      expect(await deps.store.get("job_a")).not.toBeNull();
      deps.setClock(noon + jobLifetimeMs);
      expect(await deps.store.get("job_a")).toBeNull();
    });

    const finish = (id: string, state: Awaited<ReturnType<ExportStore["append"]>>, notes = 0) =>
      deps.exports.finish(id, state, { name: "it.csv", contentType: "text/csv", notes });

    it("writes a result piece by piece", async () => {
      let state = await deps.exports.append("job_a", bytesOf("one ", "two "), null);
      state = await deps.exports.append("job_a", bytesOf(), state);
      state = await deps.exports.append("job_a", bytesOf("three"), state);
      await finish("job_a", state);
      expect(String(await deps.resultOf("job_a"))).toBe("one two three");
      expect(await deps.resultOf("job_b")).toBeNull();
    });

    it("writes an empty result", async () => {
      await finish("job_a", await deps.exports.append("job_a", bytesOf(), null));
      expect(String(await deps.resultOf("job_a"))).toBe("");
    });

    it("writes a result of many megabytes, which comes in pieces of any size", async () => {
      const pieces = [3_000_000, 1, 9_000_000, 4_000_000, 20_000_000].map((size, n) => Buffer.alloc(size, n + 1));
      let state: Awaited<ReturnType<ExportStore["append"]>> = null;
      for (const piece of pieces) state = await deps.exports.append("job_a", Readable.from([piece]), state);
      await finish("job_a", state);
      expect((await deps.resultOf("job_a"))?.equals(Buffer.concat(pieces))).toBe(true);
    });

    it("a piece that is written twice counts once, also the first and the last", async () => {
      await deps.exports.append("job_a", bytesOf("lost"), null);
      const first = await deps.exports.append("job_a", bytesOf("one "), null);
      await deps.exports.append("job_a", bytesOf("two and more "), first);
      const second = await deps.exports.append("job_a", bytesOf("two"), first);
      await finish("job_a", second);
      await finish("job_a", second);
      expect(String(await deps.resultOf("job_a"))).toBe("one two");
    });

    it("keeps notes until the result is finished, and nothing besides it then", async () => {
      const state = await deps.exports.append("job_a", bytesOf("result"), null);
      for (const number of [0, 1, 1]) await deps.exports.putNote("job_a", number, Buffer.from(`note ${number}`));
      expect(String(Buffer.from(await deps.exports.note("job_a", 1)))).toBe("note 1");
      await finish("job_a", state, 2);
      expect(await deps.left()).toHaveLength(1);
    });

    it("removes everything of a job of which nobody knows what there is", async () => {
      const finished = await deps.exports.append("job_a", bytesOf("one"), null);
      await finish("job_a", finished);
      let state = await deps.exports.append("job_b", bytesOf("one"), null);
      for (let n = 0; n < 3; n++) state = await deps.exports.append("job_b", bytesOf("more"), state);
      for (const number of [0, 1]) await deps.exports.putNote("job_b", number, Buffer.from("note"));
      const other = await deps.exports.append("job_bc", bytesOf("of another"), null);
      await finish("job_bc", other);
      for (const id of ["job_a", "job_b"]) await deps.exports.remove(id, null);
      expect(await deps.left()).toHaveLength(1);
      expect(String(await deps.resultOf("job_bc"))).toBe("of another");
    });

    it("removes a result, finished or not, and what was never begun", async () => {
      await deps.exports.remove("job_never", null);
      let state = await deps.exports.append("job_a", bytesOf("one"), null);
      state = await deps.exports.append("job_a", bytesOf("two"), state);
      await deps.exports.putNote("job_a", 0, Buffer.from("note"));
      await deps.exports.remove("job_a", state);
      expect(await deps.left()).toEqual([]);
      const other = await deps.exports.append("job_b", bytesOf("one"), null);
      await finish("job_b", other);
      await deps.exports.remove("job_b", other);
      expect(await deps.resultOf("job_b")).toBeNull();
      expect(await deps.left()).toEqual([]);
    });
  });
}
