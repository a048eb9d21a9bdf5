import { beforeEach, describe, expect, it } from "vitest";
import type { KeyRange } from "../../../packages/aws/src/dynamo/dynamo.ts";
import { textOf } from "../../../packages/aws/src/dynamo/item.ts";
import { MonotonicClock } from "../../../packages/aws/src/dynamo/monotonic-clock.ts";
import { LiveConnections } from "../../../packages/aws/src/live/connections.ts";
import { FakeTable } from "./fake-table.ts";

const clock = () => Date.UTC(2026, 10, 1);

/** The table with an index that may show older rows. */
class LaggingTable extends FakeTable {
  /** Index keys that are shown instead of the keys of the rows. */
  readonly stale = new Map<string, string>();
  reads: string[] = [];

  override async keys(range: KeyRange) {
    const { keys, next } = await super.keys(range);
    return { keys: keys.map((row) => ({ ...row, at: this.stale.get(textOf(row, "pk")) ?? textOf(row, "at") })), next };
  }

  override async getAll(pks: readonly string[]) {
    this.reads.push(...pks);
    return super.getAll(pks);
  }

  open(id: string, at: string): void {
    this.rows.set(`live ${id}`, { pk: `live ${id}`, keyId: "key_a", tokenHash: "hash", byTime: "connections", at });
  }
}

describe("the open connections of the live feed", () => {
  let table: LaggingTable;
  let connections: LiveConnections;
  beforeEach(() => {
    table = new LaggingTable();
    connections = new LiveConnections(table.asDynamo(), new MonotonicClock(clock), clock);
  });
  const listed = async () => (await connections.all()).map(({ id }) => id).toSorted();

  it("are all listed however many have come and gone before", async () => {
    for (const id of ["a", "b"]) table.open(id, `1 ${id}`);
    expect(await listed()).toEqual(["a", "b"]);
    for (let round = 0; round < 30; round++) {
      const others = Array.from({ length: 300 }, (_, n) => `${round}-${n}`);
      for (const id of others) table.open(id, `2 ${id}`);
      expect(await listed()).toEqual(["a", "b", ...others].toSorted());
      for (const id of others) table.rows.delete(`live ${id}`);
    }
    expect(await listed()).toEqual(["a", "b"]);
  });

  it("are read once for each version of them", async () => {
    table.open("a", "1 a");
    await listed();
    await listed();
    table.open("b", "2 b");
    await listed();
    table.open("a", "3 a");
    await listed();
    expect(table.reads).toEqual(["live a", "live b", "live a"]);
  });

  it("are listed as they are if the index shows an earlier version of a row", async () => {
    table.open("a", "2 a");
    table.stale.set("live a", "1 a");
    expect(await connections.all()).toMatchObject([{ id: "a", version: "2 a" }]);
    table.stale.clear();
    expect(await connections.all()).toMatchObject([{ id: "a", version: "2 a" }]);
    expect(table.reads).toEqual(["live a"]);
  });

  it("are behind from the handover until caught up, or configured again", async () => {
    table.open("a", "1 a");
    const isBehind = async () => (await connections.find("a"))?.isBehind;
    for (const end of [connections.noteCaughtUp.bind(connections), () => connections.configure("a", "{}", null)]) {
      const asked = (await connections.configure("a", "{}", "0")) ?? expect.fail("it is open");
      expect(await isBehind()).toBe(false);
      const handedOver = (await connections.handOver(asked, "9", 0)) ?? expect.fail("nothing else was sent");
      expect(await isBehind()).toBe(true);
      await end(handedOver);
      expect(await isBehind()).toBe(false);
    }
  });
});
