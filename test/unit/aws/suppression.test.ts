import type { Erasures } from "@gatepost/core/erasure";
import { beforeEach, describe, expect, it } from "vitest";
import type { KeyRange } from "../../../packages/aws/src/dynamo/dynamo.ts";
import { DynamoSuppression, noteErased } from "../../../packages/aws/src/erasure/suppression.ts";
import { ErasureEpoch, epochRow } from "../../../packages/aws/src/pictures/erasure-epoch.ts";
import { report } from "../../contract/samples.ts";
import { FakeTable } from "./fake-table.ts";

const noon = Date.UTC(2026, 10, 20, 12);
const [second, minute] = [1000, 60_000];
const log = { info() {}, warn() {}, error() {} };

/** A table that counts the lists that are read, and whose rows may be unreadable. */
class CountingTable extends FakeTable {
  lists: string[] = [];
  isDown = false;

  override async keys(range: KeyRange) {
    this.lists.push(range.hash);
    return super.keys(range);
  }

  override async getAll(pks: readonly string[]) {
    if (this.isDown) throw new Error("the table does not answer");
    return super.getAll(pks);
  }
}

describe("the list of erasures in a process on AWS", () => {
  let now: number;
  let table: CountingTable;
  let suppression: DynamoSuppression;
  beforeEach(() => {
    [now, table] = [noon, new CountingTable()];
    const [dynamo, clock] = [table.asDynamo(), () => now];
    suppression = new DynamoSuppression({ dynamo, clock, epoch: new ErasureEpoch({ dynamo, log, clock }) });
  });

  /** How many lists are read for one report of a box, after a while. */
  const readAfter = async (ms: number): Promise<number> => {
    now += ms;
    table.lists = [];
    await suppression.of("gate-1");
    return table.lists.length;
  };
  const hasAnna = (erasures: Erasures) =>
    erasures.include(
      { eventId: "evt_a", twinId: "evt_b", report: report({ person: { id: "anna" }, time: noon, receivedAt: now }) },
      { box: "gate-1", event: null },
    );
  const erase = () => table.rows.set(epochRow, { pk: epochRow, brokenAt: now });

  it("is read once for a box and once for all boxes until an erasure", async () => {
    expect(await readAfter(0)).toBe(2);
    for (let minutes = 0; minutes < 9; minutes++) expect(await readAfter(minute)).toBe(0);
  });

  it("is read once for reports that arrive together", async () => {
    await Promise.all([suppression.of("gate-1"), suppression.of("gate-1"), suppression.of("gate-1")]);
    expect(table.lists).toHaveLength(2);
  });

  it("is read again if the read of another report fails", async () => {
    const keys = table.keys.bind(table);
    let reads = 0;
    table.keys = async (range) => {
      reads += 1;
      if (reads <= 2) throw new Error("Lambda stopped the process meanwhile");
      return keys(range);
    };
    const [first, second] = await Promise.allSettled([suppression.of("gate-1"), suppression.of("gate-1")]);
    expect([first.status, second.status, reads]).toEqual(["rejected", "fulfilled", 4]);
  });

  it("is read again if Lambda stopped the process during the read of another report", async () => {
    const [keys, thawed] = [table.keys.bind(table), Promise.withResolvers<void>()];
    table.keys = async (range) => {
      const page = await keys(range);
      await thawed.promise;
      return page;
    };
    const first = suppression.of("gate-1");
    table.keys = keys;
    now += 60 * minute;
    await noteErased(table.asDynamo(), { person: "anna", box: null }, { box: null, at: now });
    const second = suppression.of("gate-1");
    thawed.resolve();
    const [stale, fresh] = [await first, await second].map(({ erasures }) => hasAnna(erasures));
    expect([stale, fresh]).toEqual([false, true]);
  });

  it("for every box has eight copies, of which a process reads one", async () => {
    const [dynamo, clock] = [table.asDynamo(), () => now];
    for (let n = 0; n < 200; n += 1) {
      const process = new DynamoSuppression({ dynamo, clock, epoch: new ErasureEpoch({ dynamo, log, clock }) });
      await process.of("gate-1");
    }
    const ofEveryBox = new Set(table.lists.filter((list) => list !== "suppressed gate-1"));
    expect([...ofEveryBox].sort()).toEqual(Array.from({ length: 8 }, (_, copy) => `suppressed#${copy}`));
  });

  it("has an erasure at every box in each of its copies", async () => {
    await noteErased(table.asDynamo(), { person: "anna", box: null }, { box: null, at: now });
    const lists = [...table.rows.values()].flatMap(({ byBox }) => byBox ?? []);
    expect(lists.toSorted()).toEqual(Array.from({ length: 8 }, (_, copy) => `suppressed#${copy}`));
  });

  it("keeps an erasure for 400 days, and one of a check for an hour", async () => {
    const endOf = async (box: string) => {
      await noteErased(table.asDynamo(), { event: `evt_${box}` }, { box, at: now });
      return [...table.rows.values()].find(({ byBox }) => byBox === `suppressed ${box}`)?.["ttl"];
    };
    expect(await endOf("gate-1")).toBe((now + 400 * 24 * 60 * minute) / second);
    expect(await endOf("gatepost-check")).toBe((now + 60 * minute) / second);
  });

  it("is read again every ten minutes, in case an operator changes rows", async () => {
    await readAfter(0);
    for (let minutes = 0; minutes < 9; minutes++) await readAfter(minute);
    expect(await readAfter(minute)).toBe(2);
  });

  it("is read again half a minute after an erasure, while the index may lag", async () => {
    await readAfter(0);
    await readAfter(5 * minute);
    erase();
    expect(await readAfter(30 * second)).toBe(2);
    for (let seconds = 30; seconds <= 90; seconds += 30) expect(await readAfter(30 * second)).toBe(2);
    await readAfter(minute);
    expect(await readAfter(minute)).toBe(0);
  });

  it("is read again if it is unknown whether something was erased", async () => {
    await readAfter(0);
    table.isDown = true;
    expect(await readAfter(30 * second)).toBe(2);
    table.isDown = false;
    await readAfter(minute);
    expect(await readAfter(minute)).toBe(0);
  });
});
