import { BoxStore, newRecord } from "@gatepost/core/boxes";
import { type Items, MemoryItems } from "@gatepost/store";
import { beforeEach, describe, expect, it } from "vitest";
import { noon } from "../support.ts";

const second = 1000;

describe("the lists of boxes that a process keeps", () => {
  let now: number;
  let items: MemoryItems;
  /** Lists that were read by `reader`, and boxes that its index does not show yet. */
  let lists: number;
  let hidden: Set<string>;
  let reader: BoxStore;
  let writer: BoxStore;
  beforeEach(() => {
    [now, lists, hidden] = [noon, 0, new Set()];
    const clock = () => now;
    items = new MemoryItems({ clock });
    writer = new BoxStore({ items, clock });
    reader = new BoxStore({ items: lagging(items), clock });
  });

  const lagging = (of: Items): Items => ({
    get: (pk) => of.get(pk),
    getAll: (pks) => of.getAll(pks),
    write: (change) => of.write(change),
    remove: (...asked) => of.remove(...asked),
    list: (range) => of.list(range),
    async *entries(range) {
      lists += 1;
      for await (const entry of of.entries(range)) if (!hidden.has(entry.pk)) yield entry;
    },
  });

  const put = (box: string, site: string | null, rev = 0) => writer.put({ record: { ...newRecord(box), site }, rev });

  it("are read once while no box moves", async () => {
    await put("gate-1", null);
    now += 30 * second;
    for (let time = 0; time < 5; time++) expect(await reader.boxesOf("default")).toEqual(["gate-1"]);
    expect(await reader.known()).toEqual(["gate-1"]);
    expect(lists).toBe(2);
  });

  it("are read again once another process moves or stores a box", async () => {
    await put("gate-1", null);
    now += 30 * second;
    expect(await reader.boxesOf("default")).toEqual(["gate-1"]);
    await put("gate-1", "east", 1);
    expect(await reader.boxesOf("default")).toEqual([]);
    expect(await reader.boxesOf("east")).toEqual(["gate-1"]);
    now += 40 * second;
    expect(await reader.boxesOf("east")).toEqual(["gate-1"]);
    await put("gate-2", "east");
    expect(await reader.boxesOf("east")).toEqual(["gate-1", "gate-2"]);
  });

  it("are not kept while an index may lack a box that has just moved", async () => {
    await put("gate-1", null);
    hidden.add("box gate-1");
    now += 29 * second;
    expect(await reader.boxesOf("default")).toEqual([]);
    hidden.clear();
    expect(await reader.boxesOf("default")).toEqual(["gate-1"]);
  });

  it("are kept for a minute at most, however late an index is", async () => {
    await put("gate-1", null);
    hidden.add("box gate-1");
    now += 40 * second;
    expect(await reader.boxesOf("default")).toEqual([]);
    hidden.clear();
    now += 59 * second;
    expect(await reader.boxesOf("default")).toEqual([]);
    now += second;
    expect(await reader.boxesOf("default")).toEqual(["gate-1"]);
  });

  it("are not kept by a clock that was set back", async () => {
    await put("gate-1", null);
    now += 40 * second;
    expect(await reader.boxesOf("default")).toEqual(["gate-1"]);
    now -= second;
    await reader.boxesOf("default");
    expect(lists).toBe(2);
  });

  it("are read again after one that failed", async () => {
    await put("gate-1", null);
    now += 40 * second;
    let isDown = true;
    const clock = () => now;
    const failing = { ...lagging(items), entries: (range: Parameters<Items["entries"]>[0]) => read(range) };
    const read = (range: Parameters<Items["entries"]>[0]) => {
      if (isDown) throw new Error("the index is down");
      return items.entries(range);
    };
    const store = new BoxStore({ items: failing, clock });
    await expect(store.boxesOf("default")).rejects.toThrow("down");
    isDown = false;
    expect(await store.boxesOf("default")).toEqual(["gate-1"]);
  });

  it("do not change if a move cannot be noted", async () => {
    let isDown = true;
    const write: Items["write"] = (change) => (isDown ? Promise.reject(new Error("down")) : items.write(change));
    const store = new BoxStore({ items: { ...lagging(items), write }, clock: () => now });
    await expect(store.put({ record: newRecord("gate-1"), rev: 0 })).rejects.toThrow("down");
    expect(await store.get("gate-1")).toBeNull();
    isDown = false;
    expect(await store.put({ record: newRecord("gate-1"), rev: 0 })).toBe(true);
    expect(await items.get("boxes moved")).toMatchObject({ movedAt: noon });
  });

  it("are read each time by a broken row, until the next move replaces it", async () => {
    await items.write({ pk: "boxes moved", set: { movedAt: "soon" } });
    for (let time = 0; time < 2; time++) await reader.boxesOf("default");
    expect(lists).toBe(2);
    await put("gate-1", null);
    expect(await items.get("boxes moved")).toMatchObject({ movedAt: noon });
  });

  it("need no note of a box that stays at its site", async () => {
    await put("gate-1", null);
    const before = await items.get("boxes moved");
    now += 60 * second;
    await writer.put({ record: newRecord("gate-1"), rev: 1 }, false);
    expect(await items.get("boxes moved")).toEqual(before);
  });
});
