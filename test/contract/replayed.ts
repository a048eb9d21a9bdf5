import { type ReplayedPart, ReplayedRecords } from "@gatepost/core/mappings";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OpenedItems } from "./items.ts";
import { noon } from "./samples.ts";

/** What mappings have read in replays, on any driver of the record store. */
export function replayedContract(name: string, open: () => Promise<OpenedItems>): void {
  describe(`${name} keeps the promises of a store of replayed records:`, () => {
    let opened: OpenedItems;
    let replayed: ReplayedRecords;
    beforeEach(async () => {
      opened = await open();
      replayed = new ReplayedRecords(opened.items, opened.clock);
    });
    afterEach(() => opened.close());

    const [gate, door] = ["map_a", "map_b"] as const;
    const record = (number: number, event: string | null) => ({
      id: `qrt_${number}`,
      receivedAt: noon + number,
      reason: "unknown-shape",
      event,
      keptFor: null,
    });
    async function partsOf(mapping: string): Promise<ReplayedPart[]> {
      const parts: ReplayedPart[] = [];
      for await (const part of replayed.of(mapping, { order: "ascending" })) parts.push(part);
      return parts;
    }

    it("lists the parts of each mapping, also one without events", async () => {
      const many = Array.from({ length: 501 }, (_, at) => `evt_${at}`);
      await replayed.note(record(3, null), new Map([[gate, []]]));
      await replayed.note(record(2, "evt_0"), new Map([[gate, []]]));
      await replayed.note(
        record(1, "evt_0"),
        new Map([
          [gate, many],
          [door, []],
        ]),
      );
      const part = (number: number, event: string | null, events: string[], isFirst = true) =>
        expect.objectContaining({ record: record(number, event), events, isFirst, isUndone: false });
      await expect
        .poll(() => partsOf(gate))
        .toEqual([
          part(1, "evt_0", many.slice(0, 500)),
          part(1, "evt_0", ["evt_500"], false),
          part(2, "evt_0", []),
          part(3, null, []),
        ]);
      await expect.poll(() => partsOf(door)).toEqual([part(1, "evt_0", [])]);
    });

    it("knows a part without events as undone, and anew after another replay", async () => {
      const note = () => replayed.note(record(1, null), new Map([[gate, []]]));
      const isUndone = async () => (await partsOf(gate)).map((part) => part.isUndone);
      await note();
      await expect.poll(isUndone).toEqual([false]);
      for (const part of await partsOf(gate)) await replayed.undone(part);
      await expect.poll(isUndone).toEqual([true]);
      await note();
      await expect.poll(isUndone).toEqual([false]);
    });

    it("keeps the first reason of a record, and its last event", async () => {
      await replayed.note(record(1, "evt_a"), new Map([[gate, ["evt_a"]]]));
      await replayed.note({ ...record(1, null), reason: "picture", keptFor: "picture" }, new Map([[gate, []]]));
      expect(await replayed.get("qrt_1")).toEqual({ ...record(1, null), keptFor: "picture" });
      expect(await replayed.get("qrt_2")).toBeNull();
    });
  });
}
