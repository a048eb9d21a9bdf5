import type { EventFilter } from "@gatepost/core/events";
import type { Page } from "@gatepost/core/lists";
import type { StoredEvent } from "@gatepost/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shardOf } from "../../../packages/aws/src/dynamo/lists.ts";
import { onStandIns } from "../../standins/aws.ts";
import { noon, report, upsert } from "../samples.ts";
import { countCalls, runtimeOn, type TestRuntime } from "./runtime.ts";

const events = 1100;

onStandIns((standIns) => {
  describe("a list over many shards", () => {
    let deps: TestRuntime;
    beforeAll(async () => {
      deps = await runtimeOn(standIns);
      const one = async (n: number) => {
        const flags = n === 0 ? { flags: ["odd"] } : {};
        await deps.ingest.index.upsert(
          upsert(`e${n}`, { report: report({ time: noon + Math.floor(n / 3), ...flags }) }),
        );
      };
      for (let n = 0; n < events; n += 50) await Promise.all(Array.from({ length: 50 }, (_, i) => one(n + i)));
    });
    afterAll(() => deps.close());

    const pagesOf = async (filter: EventFilter, limit: number) => {
      const pages: Page<StoredEvent>[] = [];
      let cursor: string | null = null;
      do {
        const page: Page<StoredEvent> = await deps.reads.events.list(filter, { limit, cursor });
        pages.push(page);
        cursor = page.next;
      } while (cursor !== null);
      return pages;
    };
    const timesOf = (pages: readonly Page<StoredEvent>[]) =>
      pages.flatMap(({ items }) => items.map(({ reports }) => reports[0]?.time ?? 0));

    it.each([{}, { box: "gate-1" }, { person: "666666" }])("is in order and whole: %o", async (filter) => {
      const times = timesOf(await pagesOf(filter, 97));
      expect(times).toHaveLength(events);
      expect(times).toEqual(times.toSorted((a, b) => b - a));
    });

    it("begins and ends at the given times", async () => {
      const times = timesOf(await pagesOf({ from: noon + 100, to: noon + 110 }, 7));
      expect(times).toHaveLength(30);
      expect([times[0], times.at(-1)]).toEqual([noon + 109, noon + 100]);
    });

    it("has nothing if it ends before it begins", async () => {
      expect(await deps.reads.events.list({ from: noon + 5, to: noon }, { limit: 5, cursor: null })).toMatchObject({
        items: [],
        next: null,
      });
    });

    it("does bounded work for a page, and returns a cursor", async () => {
      const calls = countCalls(deps.clients);
      const first = await deps.reads.events.list({ flag: "odd" }, { limit: 10, cursor: null });
      expect(first).toMatchObject({ items: [], next: expect.any(String) });
      expect(calls["BatchGetItemCommand"]).toBeLessThanOrEqual(25);
      const second = await deps.reads.events.list({ flag: "odd" }, { limit: 10, cursor: first.next });
      expect(second.items.map(({ id }) => id)).toEqual([upsert("e0").eventId]);
    });
  });
});

describe("a shard", () => {
  it("gets a fair share of all writes", () => {
    const shares = new Array<number>(16).fill(0);
    for (let n = 0; n < 16_000; n++)
      shares[shardOf(upsert(`e${n}`).eventId)] = (shares[shardOf(upsert(`e${n}`).eventId)] ?? 0) + 1;
    expect(Math.max(...shares)).toBeLessThan(1150);
    expect(Math.min(...shares)).toBeGreaterThan(850);
  });
});
