import { describe, expect, it } from "vitest";
import type { Dynamo } from "../../../packages/aws/src/dynamo/dynamo.ts";
import { DynamoOpenWork } from "../../../packages/aws/src/statistics/open-work.ts";
import { day, noon } from "../samples.ts";

const all = { boxes: null, since: null };

/** A table in which each shard of a list has so many entries. */
function tableOf(entriesOf: (shard: number) => number) {
  const read = { keys: 0, queries: 0 };
  const keys: Dynamo["keys"] = async ({ hash, limit }, after) => {
    const entries = entriesOf(Number(hash.split("#")[1]));
    const from = Number(after?.["at"]?.N ?? 0);
    const to = Math.min(entries, from + limit);
    read.keys += to - from;
    read.queries += 1;
    const found = Array.from({ length: to - from }, (_, n) => ({ pk: `${hash} ${from + n}` }));
    return { keys: found, next: to - from < limit ? undefined : { at: { N: `${to}` } } };
  };
  const dynamo = { keys } as Partial<Dynamo> as Dynamo;
  return { read, work: new DynamoOpenWork(dynamo, { clock: () => noon, lifetime: 90 * day }) };
}

describe("open work on AWS is counted up to 1,000", () => {
  it("reading no more than that, however much there is", async () => {
    const { read, work } = tableOf(() => 5000);
    expect(await work.quarantined(all)).toBe(1000);
    expect(read.keys).toBeLessThan(1020);
    expect(read.queries).toBe(16);
  });

  it("completely if there is less, in any shard", async () => {
    const few = tableOf((shard) => shard * 3);
    expect(await few.work.quarantined(all)).toBe(360);
    const uneven = tableOf((shard) => (shard === 7 ? 900 : 0));
    expect(await uneven.work.quarantined(all)).toBe(900);
  });

  it("for each state of actions", async () => {
    const { read, work } = tableOf(() => 5000);
    expect(await work.actions({ boxes: null })).toEqual({ pending: 1000, announced: 1000, failed: 1000 });
    expect(read.keys).toBeLessThan(6020);
  });

  it("by quarantine's counts of each box, for chosen boxes", async () => {
    const hour = (noon + day) / 3_600_000;
    const getAll: Dynamo["getAll"] = async (pks) =>
      new Map(pks.map((pk) => [pk, { pk, [`r_${hour}`]: 600, [`b_${hour}`]: 1 }]));
    const dynamo = { getAll } as Partial<Dynamo> as Dynamo;
    const work = new DynamoOpenWork(dynamo, { clock: () => noon, lifetime: 90 * day });
    expect(await work.quarantined({ boxes: ["gate-1"], since: null })).toBe(600);
    expect(await work.quarantined({ boxes: ["gate-1", "gate-2"], since: null })).toBe(1000);
  });
});
