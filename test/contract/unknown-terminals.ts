import { UnknownTerminals } from "@gatepost/core/terminals";
import type { Rows } from "@gatepost/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keptLog } from "../unit/http/support.ts";
import type { OpenedItems } from "./items.ts";
import { noon } from "./samples.ts";

const second = 1000;
const day = 24 * 60 * 60 * second;

/** Terminals whose serial no key lists, noted by several processes. */
export function unknownTerminalsContract(name: string, open: () => Promise<OpenedItems>): void {
  describe(`${name} keeps the promises of a store of unknown terminals:`, () => {
    let opened: OpenedItems;
    let writes: number;
    let logged: ReturnType<typeof keptLog>;
    beforeEach(async () => {
      opened = await open();
      writes = 0;
      logged = keptLog();
    });
    afterEach(() => opened.close());

    const process = (overrides: Partial<Pick<Rows, "write">> = {}) =>
      new UnknownTerminals({
        items: {
          getAll: (pks) => opened.items.getAll(pks),
          write(change) {
            writes += 1;
            return opened.items.write(change);
          },
          ...overrides,
        },
        log: logged.log,
        clock: () => opened.clock(),
      });
    const later = (ms: number) => opened.setClock(opened.clock() + ms);
    const shown = async () => (await process().list()).map(({ serial, count }) => `${serial} ${count}`);

    it("shows a terminal to every process, with its address and last request", async () => {
      expect(await process().list()).toEqual([]);
      await process().note("SN1", "10.0.0.7");
      expect(await process().list()).toEqual([{ serial: "SN1", from: "10.0.0.7", count: 1, last: noon }]);
      later(30 * second);
      await process().note("SN1", "10.0.0.8");
      const last = noon + 30 * second;
      expect(await process().list()).toEqual([{ serial: "SN1", from: "10.0.0.8", count: 2, last }]);
    });

    it("writes once in half a minute, and shows its own requests in between", async () => {
      const taking = process();
      for (const serial of ["SN1", "SN2", "SN2"]) await taking.note(serial, "10.0.0.7");
      expect([writes, await shown()]).toEqual([1, ["SN1 1"]]);
      expect((await taking.list()).map(({ serial, count }) => `${serial} ${count}`)).toEqual(["SN2 2", "SN1 1"]);
      later(30 * second);
      await taking.note("SN1", "10.0.0.7");
      expect([writes, await shown()]).toEqual([2, ["SN1 2", "SN2 2"]]);
    });

    it("writes twice a minute and keeps 50 serials while strangers send thousands", async () => {
      const taking = process();
      for (let number = 0; number < 3000; number += 1) {
        await taking.note(`X${number}`.padEnd(32, "x"), "2001:db8:1234:5678:9abc:def0:1234:5678");
        later(20);
      }
      expect(writes).toBe(2);
      expect(await shown()).toHaveLength(50);
      const [item] = (await opened.items.getAll(["unknown-terminals"])).values();
      expect(JSON.stringify(item).length).toBeLessThan(10_000);
      later(30 * second);
      await taking.note("SN1", "10.0.0.7");
      expect((await process().list())[0]).toMatchObject({ serial: "SN1", count: 1 });
    });

    it("loses no request of two processes that write at once", async () => {
      const both = [process(), process()];
      await Promise.all(both.map((one, at) => one.note(`SN${at}`, "10.0.0.7")));
      later(30 * second);
      for (const one of both) await one.note("SN9", "10.0.0.7");
      expect((await shown()).sort()).toEqual(["SN0 1", "SN1 1", "SN9 2"]);
    });

    it("forgets a terminal a day after its last request", async () => {
      await process().note("SN1", "10.0.0.7");
      later(day / 2);
      await process().note("SN2", "10.0.0.7");
      later(day / 2);
      expect(await shown()).toEqual(["SN2 1"]);
      await process().note("SN3", "10.0.0.7");
      expect(await shown()).toEqual(["SN3 1", "SN2 1"]);
      later(day);
      expect([await shown(), (await opened.items.getAll(["unknown-terminals"])).size]).toEqual([[], 0]);
      await process().note("SN3", "10.0.0.7");
      expect(await shown()).toEqual(["SN3 1"]);
    });

    it("forgets times of a clock that was ahead", async () => {
      later(400 * day);
      const taking = process();
      await taking.note("SN1", "10.0.0.7");
      opened.setClock(noon);
      expect(await taking.list()).toEqual([]);
      await taking.note("SN2", "10.0.0.7");
      expect(await shown()).toEqual(["SN2 1"]);
    });

    it("writes a request after a failed write, which is logged", async () => {
      let isDown = true;
      const taking = process({
        async write(change) {
          if (isDown) throw new Error("throttled");
          return opened.items.write(change);
        },
      });
      await taking.note("SN1", "10.0.0.7");
      expect(logged.lines).toMatchObject([{ message: "could not note unknown terminals, trying again" }]);
      isDown = false;
      later(30 * second);
      await taking.note("SN1", "10.0.0.7");
      expect(await shown()).toEqual(["SN1 2"]);
    });

    it.each([{ terminals: "no json", rev: 4 }, { terminals: "[]", rev: "x" }, { terminals: "[]" }])(
      "begins anew after a broken record: %j",
      async (broken) => {
        await opened.items.write({ pk: "unknown-terminals", set: broken });
        expect(await shown()).toEqual([]);
        await process().note("SN1", "10.0.0.7");
        expect(await shown()).toEqual(["SN1 1"]);
      },
    );

    it("keeps no key that was sent as a serial", async () => {
      await process().note(`gpi_${"a".repeat(27)}`, "10.0.0.7");
      expect([writes, await shown()]).toEqual([0, []]);
    });
  });
}
