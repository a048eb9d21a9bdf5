import type { ChangeFeed, News } from "@gatepost/core/events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { IndexUnderTest } from "./event-index.ts";
import { noon, upsert } from "./samples.ts";

const hour = 60 * 60_000;
const id = (event: string) => upsert(event).eventId;

/** The news in a feed of changes: at least once, as its events. */
export function newsContract(name: string, open: () => Promise<IndexUnderTest & { feed: ChangeFeed }>): void {
  describe(`${name} keeps the promises of news:`, () => {
    let deps: IndexUnderTest & { feed: ChangeFeed };
    beforeEach(async () => {
      deps = await open();
      deps.setClock(noon);
    });
    afterEach(() => deps.close());

    const ada = { id: "acc_1", name: "Ada" };
    const write = async (...events: string[]) => {
      for (const event of events) await deps.index.upsert(upsert(event));
    };
    /** Reads to the end. Returns each event and each piece of news once. */
    const readFrom = async (after: string | null, limit = 100) => {
      const events = new Set<string>();
      const news = new Map<string, News>();
      for (let cursor = after; ; ) {
        const page = await deps.feed.read(cursor, limit);
        expect(page.items.length + page.news.length).toBeLessThanOrEqual(limit + 1);
        for (const { event } of page.items) events.add(event.id);
        for (const one of page.news) news.set(one.id, one);
        cursor = page.next;
        if (page.isEnd) return { events: [...events], news: [...news.values()], next: page.next };
      }
    };
    const toldFrom = async (after: string | null, limit?: number) =>
      (await readFrom(after, limit)).news.map(({ told }) => told);
    const acknowledge = (ack: string, events: string[], box = "gate-1") =>
      deps.acknowledgements.acknowledge({
        id: ack,
        by: ada,
        reason: "known",
        note: "Not told.",
        events: new Map(events.map((event) => [id(event), box])),
      });

    it("acknowledgements, marks, notes and erasures, in their order", async () => {
      await write("a", "b");
      const { next } = await readFrom(await deps.feed.end());
      await acknowledge("ack_1", ["a", "b"]);
      await deps.acknowledgements.takeBack("ack_1", {
        events: [id("a"), id("b")],
        boxes: ["gate-1", "gate-1"],
      });
      await deps.seen.mark(id("b"), ada);
      await deps.notes.add(id("b"), { id: "not_1", text: "Not told.", at: noon, by: "acc_1", byName: "Ada" });
      await deps.eraser.eraseEvent(id("b"));
      const by = { name: "Ada" };
      const events = [id("a"), id("b")];
      expect(await toldFrom(next)).toEqual([
        { kind: "acknowledged", events, acknowledgement: "ack_1", reason: "known", by },
        { kind: "unacknowledged", acknowledgement: "ack_1", events },
        { kind: "acknowledged", events: [id("b")], reason: null, by, acknowledgement: id("b").replace("evt_", "ack_") },
        { kind: "noted", event: id("b") },
        { kind: "erased", events: [id("b")] },
      ]);
    });

    it("the same news under the same id from every place before it", async () => {
      await write("a");
      const { next } = await readFrom(await deps.feed.end());
      await deps.seen.mark(id("a"), ada);
      const [first, again] = [await readFrom(next), await readFrom(next)];
      expect(first.news).toHaveLength(1);
      expect(again.news.map((one) => one.id)).toEqual(first.news.map((one) => one.id));
      expect(first.news).toMatchObject([{ id: expect.stringMatching(/^nws_[0-9a-f]{32}$/), at: noon, box: "gate-1" }]);
    });

    it("an acknowledgement that is asked for again, and no event that keeps another one", async () => {
      await write("a", "b");
      await acknowledge("ack_1", ["a"]);
      const { next } = await readFrom(await deps.feed.end());
      deps.setClock(noon + 20_000);
      const later = await deps.feed.end();
      await acknowledge("ack_2", ["a", "b"]);
      await acknowledge("ack_2", ["a", "b"]);
      for (const from of [next, later]) {
        const own = (await toldFrom(from)).filter(
          (told) => "acknowledgement" in told && told.acknowledgement === "ack_2",
        );
        expect(own).toMatchObject([{ events: [id("b")] }, { events: [id("b")] }]);
      }
    });

    it("two hundred events in pieces of a hundred, and each box by itself", async () => {
      const names = Array.from({ length: 120 }, (_, n) => `event ${n}`);
      await write(...names);
      const after = await deps.feed.end();
      await deps.seen.markAll(names.map(id), ada);
      const told = await toldFrom(after);
      expect(told.map((one) => ("events" in one ? one.events.length : 0)).sort((a, b) => a - b)).toEqual([20, 100]);
      expect(new Set(told.flatMap((one) => ("events" in one ? one.events : [])))).toEqual(new Set(names.map(id)));
      expect(told).toMatchObject([{ acknowledgement: null }, { acknowledgement: null }]);
    });

    it("counts as entries of a page, which may end between them", async () => {
      const after = await deps.feed.end();
      for (const event of ["a", "b", "c"]) {
        await write(event);
        await deps.seen.mark(id(event), ada);
      }
      const { events, news } = await readFrom(after, 2);
      expect(events.sort()).toEqual(["a", "b", "c"].map(id).sort());
      expect(new Set(news.flatMap(({ told }) => ("events" in told ? told.events : [])))).toEqual(
        new Set(["a", "b", "c"].map(id)),
      );
    });

    it("says once that news was missed if the cursor is older than an hour", async () => {
      await write("a");
      const { next } = await readFrom(await deps.feed.end());
      await deps.seen.mark(id("a"), ada);
      deps.setClock(noon + hour + 2 * 60_000);
      await write("b");
      const read = await readFrom(next);
      expect(read.news.map(({ told }) => told)).toEqual([{ kind: "missed" }]);
      expect(read.events).toContain(id("b"));
      expect(await toldFrom(read.next)).toEqual([]);
      expect((await readFrom(next)).news.map((one) => one.id)).toEqual(read.news.map((one) => one.id));
    });

    it("misses nothing while a reader asks on through hours without changes", async () => {
      await write("a");
      let cursor: string | null = await deps.feed.end();
      for (let minutes = 0; minutes < 180; minutes += 10) {
        deps.setClock(noon + minutes * 60_000);
        const read = await readFrom(cursor);
        expect(read.news).toEqual([]);
        cursor = read.next;
      }
      await deps.seen.mark(id("a"), ada);
      expect(await toldFrom(cursor)).toMatchObject([{ kind: "acknowledged", events: [id("a")] }]);
    });
  });
}
