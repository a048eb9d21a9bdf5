import { placeAt } from "@gatepost/store";
import { describe, expect, it } from "vitest";
import type { Dynamo } from "../../../packages/aws/src/dynamo/dynamo.ts";
import { DynamoHalfHours } from "../../../packages/aws/src/statistics/half-hours.ts";
import { countsKey } from "../../../packages/aws/src/statistics/row.ts";
import { day, noon } from "../samples.ts";

const today = Math.floor(noon / day);
const range = { from: today * day, to: (today + 1) * day };

/** A table in which each of so many boxes has two events of today's first half-hour. */
function tableOf(boxes: number) {
  const read = { queries: 0, rows: 0 };
  const keys: Dynamo["keys"] = async ({ hash, limit }, after) => {
    read.queries += 1;
    // All of them are in one shard of the list.
    const ofShard = hash.endsWith("#7") ? boxes : 0;
    const from = Number(after?.["at"]?.N ?? 0);
    const to = Math.min(ofShard, from + limit);
    const found = Array.from({ length: to - from }, (_, n) => {
      const box = `gate-${from + n}`;
      return { pk: countsKey(box, today), at: placeAt(0, String(from + n).padStart(6, "0")) };
    });
    return { keys: found, next: to === ofShard ? undefined : { at: { N: `${to}` } } };
  };
  const getAll: Dynamo["getAll"] = async (pks) => {
    read.rows += pks.length;
    return new Map(pks.map((pk) => [pk, { pk, box: pk, day: today, counts: "0e:2", marks: "{}", rev: 1 }]));
  };
  const dynamo = { keys, getAll } as Partial<Dynamo> as Dynamo;
  return { read, counts: new DynamoHalfHours(dynamo, { clock: () => noon, keptMs: 400 * day }) };
}

describe("half-hours on AWS", () => {
  it("include every box, even if one page of the index does not suffice", async () => {
    const { read, counts } = tableOf(2500);
    let events = 0;
    for await (const { halfHours } of counts.read({ ...range, boxes: null }))
      for (const { count } of halfHours) events += count;
    // Fifteen empty shards, and pages of 32, 64 and so on up to 1,024 entries.
    expect([events, read.queries]).toEqual([5000, 15 + 7]);
  });

  it("are refused before any read if they need too many rows", async () => {
    const { read, counts } = tableOf(20_001);
    const refused = { kind: "bad-request", message: expect.stringContaining("20,000 days of boxes") };
    await expect(counts.read({ ...range, boxes: null }).next()).rejects.toMatchObject(refused);
    const boxes = Array.from({ length: 101 }, (_, n) => `gate-${n}`);
    const long = { boxes, from: range.to - 200 * day, to: range.to };
    await expect(counts.read(long).next()).rejects.toMatchObject(refused);
    await expect(counts.totals(long)).rejects.toMatchObject(refused);
    expect(read.rows).toBe(0);
    await counts.totals({ ...long, from: long.from + 2 * day });
    expect(read.rows).toBeGreaterThan(19_000);
  });
});
