import { Readable } from "node:stream";
import type { ExportStore } from "@gatepost/core/jobs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

export interface ExportsUnderTest {
  exports: ExportStore;
  /** The bytes of a result; null if it is gone. */
  resultOf(id: string): Promise<Buffer | null>;
  /** The names of everything that is stored of exports. */
  left(): Promise<string[]>;
  close(): Promise<void>;
}

const bytesOf = (...texts: string[]) => Readable.from(texts.map((text) => Buffer.from(text)));

/** What every store of exports promises. */
export function exportsContract(name: string, open: () => Promise<ExportsUnderTest>): void {
  describe(`${name} keeps the promises of a store of exports:`, () => {
    let deps: ExportsUnderTest;
    beforeEach(async () => {
      deps = await open();
    });
    afterEach(() => deps.close());

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

    it("writes a result of many megabytes in pieces of any size", async () => {
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

    it("keeps notes until the result is finished, and only the result then", async () => {
      const state = await deps.exports.append("job_a", bytesOf("result"), null);
      for (const number of [0, 1, 1]) await deps.exports.putNote("job_a", number, Buffer.from(`note ${number}`));
      expect(String(Buffer.from(await deps.exports.note("job_a", 1)))).toBe("note 1");
      await finish("job_a", state, 2);
      expect(await deps.left()).toHaveLength(1);
    });

    it("removes everything of a job whose state is unknown", async () => {
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

    it("removes a result, finished or not, and one that was never begun", async () => {
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
