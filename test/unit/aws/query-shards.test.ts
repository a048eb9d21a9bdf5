import { setImmediate as turn } from "node:timers/promises";
import { placeAt } from "@gatepost/store";
import { describe, expect, it } from "vitest";
import type { Dynamo, KeyPage, KeyRange } from "../../../packages/aws/src/dynamo/dynamo.ts";
import { queryShards } from "../../../packages/aws/src/dynamo/query-shards.ts";

/** A list of so many entries, and how many each query of it has asked for. No page has more entries than `most`. */
function listOf(entries: number, most = Number.POSITIVE_INFINITY) {
  const asked: number[] = [];
  const keys = async ({ limit }: Pick<KeyRange, "limit">, after: KeyPage["next"]): Promise<KeyPage> => {
    asked.push(limit);
    const from = Number(after?.["pk"]?.N ?? 0);
    const to = Math.min(from + Math.min(limit, most), entries);
    const page = Array.from({ length: to - from }, (_, n) => ({ pk: `row ${from + n}`, at: placeAt(from + n, "x") }));
    return { keys: page, next: to < entries ? { pk: { N: `${to}` } } : undefined };
  };
  const shards = [{ index: "byTime" as const, hash: "keys" }];
  const read = () => queryShards({ keys } as unknown as Dynamo, { shards, order: "ascending" });
  return { asked, read };
}

describe("a list in one shard", () => {
  it("is read with few queries, each of its thousands of entries once in order", async () => {
    const { asked, read } = listOf(10_000);
    const found: string[] = [];
    for await (const { pk } of read()) found.push(pk);
    expect(found).toEqual(Array.from({ length: 10_000 }, (_, n) => `row ${n}`));
    expect(asked.length).toBeLessThan(16);
  });

  it("is read to its end over pages that end early", async () => {
    const { read } = listOf(100, 7);
    const found: string[] = [];
    for await (const { pk } of read()) found.push(pk);
    expect(found).toHaveLength(100);
  });

  it("is read for its first entries alone if no more are needed", async () => {
    const { asked, read } = listOf(10_000);
    for await (const { pk } of read()) if (pk === "row 20") break;
    expect(asked).toEqual([32]);
  });
});

describe("a list in 800 shards", () => {
  it("is read in one order, with 64 queries at once at most", async () => {
    let underWay = 0;
    let highest = 0;
    const keys = async ({ hash }: Pick<KeyRange, "hash">): Promise<KeyPage> => {
      highest = Math.max(highest, ++underWay);
      await turn();
      underWay -= 1;
      const own = [Number(hash) + 800, Number(hash)];
      return { keys: own.map((n) => ({ pk: `row ${n}`, at: placeAt(n, "x") })), next: undefined };
    };
    const shards = Array.from({ length: 800 }, (_, n) => ({ index: "byTime" as const, hash: `${n}` }));
    const found: string[] = [];
    const listed = queryShards({ keys } as unknown as Dynamo, { shards, order: "descending" });
    for await (const { pk } of listed) found.push(pk);
    expect(found).toEqual(Array.from({ length: 1600 }, (_, n) => `row ${1599 - n}`));
    expect(highest).toBe(64);
  });
});
