import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { IndexUnderTest } from "./event-index.ts";
import { day, noon, report, upsert } from "./samples.ts";

/** The promises of every store that notes seen events. */
export function seenMarksContract(name: string, open: () => Promise<IndexUnderTest>): void {
  describe(`${name} keeps the promises of seen marks:`, () => {
    let deps: IndexUnderTest;
    beforeEach(async () => {
      deps = await open();
      deps.setClock(noon);
    });
    afterEach(() => deps.close());

    const id = (event: string) => upsert(event).eventId;
    const seen = async (...events: string[]) => [...(await deps.seen.among(events.map(id))).keys()].sort();

    it("tells seen events from others, also after a report joins", async () => {
      for (const event of ["a", "b", "c"]) await deps.index.upsert(upsert(event));
      expect(await seen("a", "b", "c")).toEqual([]);
      expect(await deps.seen.mark(id("a"), "acc_1")).toBe(true);
      expect(await deps.seen.mark(id("c"), "acc_1")).toBe(true);
      deps.setClock(noon + 1);
      expect(await deps.seen.mark(id("c"), "acc_2")).toBe(true);
      expect((await deps.seen.among([id("c")])).get(id("c"))).toEqual({ at: noon, by: "acc_1" });
      await deps.index.upsert(upsert("a", { report: report({ kind: "realtime" }) }));
      expect(await seen("a", "b", "c", "never")).toEqual([id("a"), id("c")].sort());
      expect(await seen()).toEqual([]);
    });

    it("changes neither the event nor the feed of changes", async () => {
      await deps.index.upsert(upsert("a"));
      const [before, feed] = [await deps.reader.get(id("a")), await feedOf(deps)];
      await deps.seen.mark(id("a"), "acc_1");
      expect(await deps.reader.get(id("a"))).toEqual(before);
      expect(await feedOf(deps)).toEqual(feed);
    });

    it("is gone with an erased event, also if that returns", async () => {
      await deps.index.upsert(upsert("a"));
      await deps.seen.mark(id("a"), "acc_1");
      await deps.eraser.eraseEvent(id("a"));
      await deps.index.upsert(upsert("a"));
      expect(await seen("a")).toEqual([]);
    });

    it("is gone with an expired event, also if that returns", async () => {
      await deps.index.upsert(upsert("a"));
      await deps.seen.mark(id("a"), "acc_1");
      const later = noon + 31 * day;
      deps.setClock(later);
      await deps.index.upsert(upsert("a", { now: later, expiresAt: later + 30 * day }));
      expect(await seen("a")).toEqual([]);
      expect(await deps.seen.mark(id("a"), "acc_1")).toBe(true);
      expect(await seen("a")).toEqual([id("a")]);
      deps.setClock(later + 29 * day);
      expect(await seen("a")).toEqual([id("a")]);
    });

    it("knows no unknown or expired event", async () => {
      expect(await deps.seen.mark(id("never"), "acc_1")).toBe(false);
      expect(await deps.seen.mark("no id", "acc_1")).toBe(false);
      await deps.index.upsert(upsert("a"));
      deps.setClock(noon + 31 * day);
      expect(await deps.seen.mark(id("a"), "acc_1")).toBe(false);
    });
  });
}

type UnderTest = IndexUnderTest & { feed?: { read(after: null, limit: number): Promise<{ items: unknown[] }> } };

async function feedOf({ feed }: UnderTest): Promise<unknown[]> {
  return (await feed?.read(null, 10))?.items ?? [];
}
