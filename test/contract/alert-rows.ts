import { AlertRows } from "@gatepost/core/alerts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OpenedItems } from "./items.ts";
import { noon } from "./samples.ts";

const minute = 60_000;

/** What alerts remember, on any driver of the record store. */
export function alertRowsContract(name: string, open: () => Promise<OpenedItems>): void {
  describe(`${name} remembers for alerts`, () => {
    let opened: OpenedItems;
    let alertRows: AlertRows;
    beforeEach(async () => {
      opened = await open();
      alertRows = new AlertRows(opened.items, opened.clock);
    });
    afterEach(() => opened.close());

    const keepMs = minute;
    const heldIn = async (row: string) => (await alertRows.get([row])).get(row)?.value;
    const versionOf = async (row: string) => (await alertRows.get([row])).get(row)?.version ?? 0;

    it("written values, and no others", async () => {
      const value = { text: "小明 __proto__", list: [1, null, { deep: true }] };
      expect(await alertRows.put("rule a", value, { version: 0, keepMs })).toBe(true);
      const rows = await alertRows.get(["rule a", "rule b"]);
      expect([...rows].map(([row, held]) => [row, held.value])).toEqual([["rule a", value]]);
      expect((await alertRows.get([])).size).toBe(0);
    });

    it("only a write that follows the version that was read", async () => {
      await alertRows.put("rule a", { n: 1 }, { version: 0, keepMs });
      const version = await versionOf("rule a");
      expect(await alertRows.put("rule a", { n: 2 }, { version, keepMs })).toBe(true);
      expect(await alertRows.put("rule a", { n: 3 }, { version, keepMs })).toBe(false);
      expect(await alertRows.put("rule a", { n: 4 }, { version: 0, keepMs })).toBe(false);
      expect(await heldIn("rule a")).toEqual({ n: 2 });
    });

    it("one of many simultaneous writes", async () => {
      const tries = Array.from({ length: 8 }, (_, n) => alertRows.put("rule a", { n }, { version: 0, keepMs }));
      expect((await Promise.all(tries)).filter((isWritten) => isWritten)).toHaveLength(1);
    });

    it("no ended row, and a new one instead, which is no later version of it", async () => {
      await alertRows.put("mute x", { n: 1 }, { version: 0, keepMs });
      const version = await versionOf("mute x");
      opened.setClock(noon + keepMs);
      expect(await heldIn("mute x")).toBeUndefined();
      expect(await alertRows.put("mute x", { n: 2 }, { version, keepMs: minute })).toBe(false);
      expect(await alertRows.put("mute x", { n: 3 }, { version: 0, keepMs: minute })).toBe(true);
      expect(await heldIn("mute x")).toEqual({ n: 3 });
      expect(await alertRows.put("mute x", { n: 4 }, { version, keepMs: minute })).toBe(false);
    });
  });
}
