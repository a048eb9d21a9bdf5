import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { onStandIns } from "../../standins/aws.ts";
import { action, noon, report, upsert } from "../samples.ts";
import { countCalls, runtimeOn, type TestRuntime } from "./runtime.ts";

onStandIns((standIns) => {
  describe("the feed of changes, written by processes whose clocks differ", () => {
    let deps: TestRuntime;
    let slow: TestRuntime;
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
      slow = await runtimeOn({ fresh: async () => deps });
      slow.setClock(noon - 5000);
    });
    afterEach(() => deps.close());

    const write = (runtime: TestRuntime, event: string, overrides = {}) =>
      runtime.ingest.index.upsert(upsert(event, overrides));
    const read = async (after: string | null, limit = 100) => {
      const { items, ...rest } = await deps.reads.feed.read(after, limit);
      return { ids: items.map(({ event }) => event.id), ...rest };
    };
    /** The position of the only event. */
    const placeOf = async () => (await deps.reads.feed.read(null, 1)).items[0]?.changed;
    const id = (event: string) => upsert(event).eventId;

    it("returns an event that is written behind the end that a reader reached", async () => {
      await write(deps, "a");
      const { next } = await read(null);
      await write(slow, "late");
      expect((await read(next)).ids).toEqual([id("late"), id("a")]);
    });

    it("returns an event that was written behind the page of a returning reader", async () => {
      for (const event of ["a", "b", "c"]) await write(deps, event);
      const { next, isEnd } = await read(null, 2);
      expect(isEnd).toBe(false);
      await write(slow, "late");
      deps.setClock(noon + 60_000);
      expect((await read(next)).ids).toContain(id("late"));
    });

    it("returns an event that was written behind a page, when read from its end", async () => {
      for (const event of ["a", "b", "c"]) await write(deps, event);
      const first = await read(null, 2);
      await write(slow, "late");
      deps.setClock(noon + 6000);
      const second = await read(first.next, 2);
      expect(second).toMatchObject({ ids: [id("c")], isEnd: true });
      expect((await read(second.next)).ids).toContain(id("late"));
    });

    it("does not return settled events again", async () => {
      await write(deps, "a");
      deps.setClock(noon + 60_000);
      const { next } = await read(null);
      expect(await read(next)).toMatchObject({ ids: [], isEnd: true });
    });

    it("reaches its end though each page ends among unsettled events", async () => {
      for (let n = 0; n < 7; n++) await write(deps, `${n}`);
      let page = await read(null, 2);
      for (let pages = 1; pages < 4; pages++) page = await read(page.next, 2);
      expect(page.isEnd).toBe(true);
    });

    it("moves an event when its action changes or a repeated report enqueues one", async () => {
      const { id: announced } = action("a", "1001");
      await write(deps, "a", { action: action("a", "1001") });
      const places = [await placeOf()];
      for (const change of [
        () => deps.ingest.actions.markAnnounced(announced, true),
        () => deps.ingest.actions.settle(announced, "done", null),
        () => write(deps, "a", { action: action("a", "1002") }),
      ]) {
        await change();
        places.push(await placeOf());
      }
      expect(new Set(places).size).toBe(4);
      expect(places).toEqual(places.toSorted());
    });

    it.each([
      ["a report", {}],
      ["a report with another action", { action: action("a", "1002") }],
    ])("does not move an event for a repetition of %s", async (_, overrides) => {
      await write(deps, "a", overrides);
      const before = await placeOf();
      await write(deps, "a", overrides);
      expect(await placeOf()).toBe(before);
    });

    it("costs a report no extra call", async () => {
      await write(deps, "a");
      const calls = countCalls(deps.clients);
      await write(deps, "b");
      await write(deps, "a", { report: report({ kind: "realtime" }) });
      expect(calls).toEqual({ UpdateItemCommand: 2 });
    });
  });
});
