import type { ActionOutbox } from "@gatepost/core/actions";
import type { ChangeFeed, EventIndex } from "@gatepost/core/events";
import { maxPageBytes } from "@gatepost/core/lists";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { action, day, noon, report, upsert } from "./samples.ts";

export interface FeedUnderTest {
  index: EventIndex;
  actions: ActionOutbox;
  feed: ChangeFeed;
  /** Moves the clock that expiry goes by. */
  setClock(now: number): void;
  close(): Promise<void>;
}

/** What every feed of changes promises: at least once, so that repetitions are never counted here. */
export function changeFeedContract(name: string, open: () => Promise<FeedUnderTest>): void {
  describe(`${name} keeps the promises of a feed of changes:`, () => {
    let deps: FeedUnderTest;
    beforeEach(async () => {
      deps = await open();
      deps.setClock(noon);
    });
    afterEach(() => deps.close());

    /** Reads to the end. Returns the ids in their order, and the cursor of the end. */
    const readFrom = async (after: string | null, limit = 3) => {
      const ids: string[] = [];
      for (let cursor = after; ; ) {
        const { items, next, isEnd } = await deps.feed.read(cursor, limit);
        expect(items.length).toBeLessThanOrEqual(limit);
        ids.push(...items.map(({ event }) => event.id));
        if (isEnd) return { ids, next };
        cursor = next;
      }
    };
    const idsOf = (...names: string[]) => names.map((event) => upsert(event).eventId);
    const write = (event: string, overrides = {}) => deps.index.upsert(upsert(event, overrides));
    const later = { report: report({ kind: "realtime", dialect: "se3-realtime" }) };

    it("an empty feed has an end, from which it continues", async () => {
      const { ids, next } = await readFrom(null);
      expect(ids).toEqual([]);
      await write("a");
      expect((await readFrom(next)).ids).toEqual(idsOf("a"));
    });

    it("returns every event page by page, and all later ones from any position", async () => {
      const names = Array.from({ length: 8 }, (_, n) => `event ${n}`);
      for (const event of names) await write(event);
      expect(new Set((await readFrom(null)).ids)).toEqual(new Set(idsOf(...names)));
      const { next } = await deps.feed.read(null, 5);
      for (let time = 0; time < 2; time++) {
        expect((await readFrom(next)).ids).toEqual(expect.arrayContaining(idsOf(...names.slice(5))));
      }
    });

    it("ends a page before its events have more than 4 MB of JSON", async () => {
      const large = { report: report({ extra: { note: "x".repeat(65_000) } }) };
      const names = Array.from({ length: 140 }, (_, n) => `large ${n}`);
      for (const name of names) await write(name, large);
      const read = new Set<string>();
      for (let [cursor, isOver]: [string | null, boolean] = [null, false]; !isOver; ) {
        const page: Awaited<ReturnType<ChangeFeed["read"]>> = await deps.feed.read(cursor, 500);
        expect(Buffer.byteLength(JSON.stringify(page.items.map(({ event }) => event)))).toBeLessThanOrEqual(
          maxPageBytes,
        );
        for (const { event } of page.items) read.add(event.id);
        [cursor, isOver] = [page.next, page.isEnd];
      }
      expect(read).toEqual(new Set(idsOf(...names)));
      expect((await deps.feed.read(null, 500, 1)).items).toHaveLength(1);
    });

    it("has an end, after which it returns every later change and no earlier page", async () => {
      expect((await readFrom(await deps.feed.end())).ids).toEqual([]);
      for (const event of ["a", "b"]) await write(event);
      deps.setClock(noon + 60_000);
      const end = await deps.feed.end();
      expect((await readFrom(end)).ids).toEqual([]);
      await write("c");
      await write("a", later);
      expect((await readFrom(end)).ids).toEqual(expect.arrayContaining(idsOf("c", "a")));
      expect((await readFrom(end)).ids).not.toContain(idsOf("b")[0]);
    });

    it("returns an event again when a report joins it", async () => {
      await write("a");
      await write("b");
      const { next } = await readFrom(null);
      await write("a", later);
      const { items } = await deps.feed.read(next, 10);
      const again = items.find(({ event }) => event.id === upsert("a").eventId);
      expect(again?.event.reports).toHaveLength(2);
      expect(again !== undefined && again.changed > again.made).toBe(true);
    });

    it("returns an event again when its action is in another state", async () => {
      const enqueued = action("a", "1001");
      await write("a", { action: enqueued });
      const states: (string | undefined)[] = [];
      let { next } = await readFrom(null);
      for (const change of [
        () => deps.actions.markAnnounced(enqueued.id, true),
        () => deps.actions.settle(enqueued.id, "done", null),
      ]) {
        await change();
        const page = await deps.feed.read(next, 10);
        states.push(page.items.at(-1)?.event.actions[0]?.state);
        next = page.next;
      }
      expect(states).toEqual(["announced", "done"]);
    });

    it("returns an event again when a repeat brings a withheld action alone", async () => {
      await write("a");
      await write("b");
      const { next } = await readFrom(null);
      const withheld = action("a", "1001", { state: "withheld", reason: "fiqa_result is false" });
      expect(await write("a", { action: withheld })).toMatchObject({ outcome: "duplicate", enqueued: true });
      const { items } = await deps.feed.read(next, 10);
      const again = items.find(({ event }) => event.id === upsert("a").eventId);
      expect(again?.event.actions).toMatchObject([{ state: "withheld" }]);
      expect(again !== undefined && again.changed > again.made).toBe(true);
    });

    it("skips no event written during reading, once read to its end twice", async () => {
      const names = Array.from({ length: 60 }, (_, n) => `busy ${n}`);
      const seen = new Set<string>();
      let cursor: string | null = null;
      const read = async () => {
        const page = await deps.feed.read(cursor, 4);
        for (const { event } of page.items) seen.add(event.id);
        cursor = page.next;
        return page.isEnd;
      };
      const writing = Promise.all(names.map((event) => write(event)));
      for (let turn = 0; turn < 10; turn++) await read();
      await writing;
      for (let time = 0; time < 2; time++) while (!(await read()));
      expect(seen).toEqual(new Set(idsOf(...names)));
    });

    it("forgets expired events", async () => {
      await write("a");
      deps.setClock(noon + 30 * day);
      expect((await readFrom(null)).ids).toEqual([]);
    });

    it.each(["", "x", "0 evt_1", "'; --"])("refuses %j, which is no cursor of it", async (cursor) => {
      await expect(deps.feed.read(cursor, 1)).rejects.toMatchObject({ kind: "bad-request" });
    });
  });
}
