import type { AlertRows } from "@gatepost/query";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { noon } from "./samples.ts";

export interface AlertRowsUnderTest {
  alertRows: AlertRows;
  setClock(now: number): void;
  close(): Promise<void>;
}

const minute = 60_000;

/** What every store promises of what alerts remember. */
export function alertRowsContract(name: string, open: () => Promise<AlertRowsUnderTest>): void {
  describe(`${name} remembers for alerts`, () => {
    let deps: AlertRowsUnderTest;
    beforeEach(async () => {
      deps = await open();
      deps.setClock(noon);
    });
    afterEach(() => deps.close());

    const until = noon + minute;
    const heldIn = async (row: string) => (await deps.alertRows.get([row])).get(row)?.value;
    const versionOf = async (row: string) => (await deps.alertRows.get([row])).get(row)?.version ?? 0;

    it("what was written, and nothing of what was not", async () => {
      const value = { text: "小明 __proto__", list: [1, null, { deep: true }] };
      expect(await deps.alertRows.put("rule a", value, { version: 0, until })).toBe(true);
      const rows = await deps.alertRows.get(["rule a", "rule b"]);
      expect([...rows].map(([row, held]) => [row, held.value])).toEqual([["rule a", value]]);
      expect((await deps.alertRows.get([])).size).toBe(0);
    });

    it("only what follows the version that was read", async () => {
      await deps.alertRows.put("rule a", { n: 1 }, { version: 0, until });
      const version = await versionOf("rule a");
      expect(await deps.alertRows.put("rule a", { n: 2 }, { version, until })).toBe(true);
      expect(await deps.alertRows.put("rule a", { n: 3 }, { version, until })).toBe(false);
      expect(await deps.alertRows.put("rule a", { n: 4 }, { version: 0, until })).toBe(false);
      expect(await heldIn("rule a")).toEqual({ n: 2 });
    });

    it("one of many who write at once", async () => {
      const tries = Array.from({ length: 8 }, (_, n) => deps.alertRows.put("rule a", { n }, { version: 0, until }));
      expect((await Promise.all(tries)).filter((isWritten) => isWritten)).toHaveLength(1);
    });

    it("nothing that has ended, and lets a new row follow, which is no later version of it", async () => {
      await deps.alertRows.put("mute x", { n: 1 }, { version: 0, until });
      const version = await versionOf("mute x");
      deps.setClock(until);
      expect(await heldIn("mute x")).toBeUndefined();
      expect(await deps.alertRows.put("mute x", { n: 2 }, { version, until: until + minute })).toBe(false);
      expect(await deps.alertRows.put("mute x", { n: 3 }, { version: 0, until: until + minute })).toBe(true);
      expect(await heldIn("mute x")).toEqual({ n: 3 });
      expect(await deps.alertRows.put("mute x", { n: 4 }, { version, until: until + minute })).toBe(false);
    });
  });
}
