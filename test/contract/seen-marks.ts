import type { Reason } from "@gatepost/core/seen";
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

    const marker = (account: string) => ({ id: account, name: "Ada" });
    const id = (event: string) => upsert(event).eventId;
    const seen = async (...events: string[]) => [...(await deps.seen.among(events.map(id))).keys()].sort();

    it("tells seen events from others, also after a report joins", async () => {
      for (const event of ["a", "b", "c"]) await deps.index.upsert(upsert(event));
      expect(await seen("a", "b", "c")).toEqual([]);
      expect(await deps.seen.mark(id("a"), marker("acc_1"))).not.toBeNull();
      expect(await deps.seen.mark(id("c"), marker("acc_1"))).not.toBeNull();
      deps.setClock(noon + 1);
      expect(await deps.seen.mark(id("c"), marker("acc_2"))).not.toBeNull();
      expect((await deps.seen.among([id("c")])).get(id("c"))).toMatchObject({ at: noon, by: "acc_1" });
      await deps.index.upsert(upsert("a", { report: report({ kind: "realtime" }) }));
      expect(await seen("a", "b", "c", "never")).toEqual([id("a"), id("c")].sort());
      expect(await seen()).toEqual([]);
    });

    it("changes neither the event nor the feed of changes", async () => {
      await deps.index.upsert(upsert("a"));
      const [before, feed] = [await deps.reader.get(id("a")), await feedOf(deps)];
      await deps.seen.mark(id("a"), marker("acc_1"));
      expect(await deps.reader.get(id("a"))).toEqual(before);
      expect(await feedOf(deps)).toEqual(feed);
    });

    it("is gone with an erased event, also if that returns", async () => {
      await deps.index.upsert(upsert("a"));
      await deps.seen.mark(id("a"), marker("acc_1"));
      await deps.eraser.eraseEvent(id("a"));
      await deps.index.upsert(upsert("a"));
      expect(await seen("a")).toEqual([]);
    });

    it("is gone with an expired event, also if that returns", async () => {
      await deps.index.upsert(upsert("a"));
      await deps.seen.mark(id("a"), marker("acc_1"));
      const later = noon + 31 * day;
      deps.setClock(later);
      await deps.index.upsert(upsert("a", { now: later, expiresAt: later + 30 * day }));
      expect(await seen("a")).toEqual([]);
      expect(await deps.seen.mark(id("a"), marker("acc_1"))).not.toBeNull();
      expect(await seen("a")).toEqual([id("a")]);
      deps.setClock(later + 29 * day);
      expect(await seen("a")).toEqual([id("a")]);
    });

    it("keeps the first acknowledgement of each event, until it is taken back", async () => {
      for (const event of ["a", "b", "c"]) await deps.index.upsert(upsert(event));
      const acknowledge = (ack: string, events: readonly string[], reason: Reason) =>
        deps.acknowledgements.acknowledge({
          id: ack,
          by: marker("acc_1"),
          reason,
          note: "At the ramp.",
          events: new Map(events.map((event) => [id(event), "gate-1"])),
        });
      expect(await acknowledge("ack_1", ["a", "b"], "sent-away")).toEqual({
        at: noon,
        marked: [id("a"), id("b")],
        kept: [],
      });
      deps.setClock(noon + 1);
      expect(await acknowledge("ack_1", ["a", "b"], "sent-away")).toMatchObject({ at: noon, kept: [] });
      expect(await acknowledge("ack_2", ["b", "c"], "known")).toMatchObject({ marked: [id("c")], kept: [id("b")] });
      expect((await deps.seen.among([id("b")])).get(id("b"))).toEqual({
        at: noon,
        by: "acc_1",
        byName: "Ada",
        acknowledgement: "ack_1",
        reason: "sent-away",
        note: "At the ramp.",
      });
      const first = await deps.acknowledgements.find("ack_1");
      expect(first).toEqual({ by: "acc_1", at: noon, events: [id("a"), id("b")], boxes: ["gate-1", "gate-1"] });
      await deps.acknowledgements.takeBack("ack_2", { events: [id("b"), id("c")], boxes: ["gate-1", "gate-1"] });
      expect(await seen("a", "b", "c")).toEqual([id("a"), id("b")].sort());
      await deps.acknowledgements.takeBack("ack_1", { events: [id("a"), id("b")], boxes: ["gate-1", "gate-1"] });
      expect(await seen("a", "b", "c")).toEqual([]);
    });

    it("keeps notes in their order, each once, until the event is erased", async () => {
      await deps.index.upsert(upsert("a"));
      const note = (n: number) => ({ id: `not_${n}`, text: `note ${n}`, at: noon + n, by: "acc_1", byName: "Ada" });
      expect(await deps.notes.list(id("a"))).toEqual([]);
      for (const n of [1, 2, 1]) expect(await deps.notes.add(id("a"), note(n))).toEqual(note(n));
      expect(await deps.notes.list(id("a"))).toEqual([note(1), note(2)]);
      expect(await deps.notes.add(id("never"), note(3))).toBeNull();
      await Promise.all([3, 4, 5].map((n) => deps.notes.add(id("a"), note(n))));
      expect((await deps.notes.list(id("a"))).map((one) => one.id).sort()).toEqual(
        [1, 2, 3, 4, 5].map((n) => `not_${n}`),
      );
      await deps.eraser.eraseEvent(id("a"));
      await deps.index.upsert(upsert("a"));
      expect(await deps.notes.list(id("a"))).toEqual([]);
    });

    it("takes no more than 50 notes about an event", async () => {
      await deps.index.upsert(upsert("a"));
      const add = (n: number) =>
        deps.notes.add(id("a"), { id: `not_${n}`, text: "x".repeat(500), at: noon, by: "acc_1", byName: null });
      for (let n = 0; n < 50; n++) expect(await add(n)).not.toBe("full");
      expect(await add(50)).toBe("full");
      expect(await add(49)).toMatchObject({ id: "not_49" });
    });

    it("cannot take back an acknowledgement that is older than 30 days", async () => {
      await deps.index.upsert(upsert("a", { expiresAt: noon + 90 * day }));
      const events = new Map([[id("a"), "gate-1"]]);
      await deps.acknowledgements.acknowledge({ id: "ack_1", by: marker("acc_1"), reason: null, note: null, events });
      deps.setClock(noon + 31 * day);
      expect(await deps.acknowledgements.find("ack_1")).toBeNull();
      expect(await seen("a")).toEqual([id("a")]);
    });

    it("knows no unknown or expired event", async () => {
      expect(await deps.seen.mark(id("never"), marker("acc_1"))).toBeNull();
      expect(await deps.seen.mark("no id", marker("acc_1"))).toBeNull();
      await deps.index.upsert(upsert("a"));
      deps.setClock(noon + 31 * day);
      expect(await deps.seen.mark(id("a"), marker("acc_1"))).toBeNull();
    });
  });
}

type UnderTest = IndexUnderTest & { feed?: { read(after: null, limit: number): Promise<{ items: unknown[] }> } };

async function feedOf({ feed }: UnderTest): Promise<unknown[]> {
  return (await feed?.read(null, 10))?.items ?? [];
}
