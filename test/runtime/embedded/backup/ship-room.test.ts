import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { BackupRefused } from "@gatepost/embedded";
import { describe, expect, it, vi } from "vitest";
import { openedByTests } from "../temporary.ts";
import { day, shipping } from "./shipping.ts";
import { MemoryBucket } from "./store.ts";

const { closers } = openedByTests();
const minute = 60_000;

async function onDisk() {
  const disk = { isFull: true, asked: 0 };
  const checkRoom = (_: string, bytes: number) => {
    disk.asked = bytes;
    if (disk.isFull) throw new BackupRefused("there is no room");
  };
  const bucket = new MemoryBucket();
  return { ...(await shipping(closers, bucket, { checkRoom })), disk, list: vi.spyOn(bucket, "list") };
}

describe("a disk without room for a copy of the database", () => {
  it("is not filled by a copy, nor tried again within some minutes", async () => {
    const { store, ship, advance, disk, list, restored } = await onDisk();
    await store.pass(1);
    await expect(ship()).rejects.toThrow("no room");
    expect(disk.asked).toBeGreaterThan((await stat(join(store.path, "gatepost.db"))).size + 100 * 1024 * 1024);
    expect(existsSync(join(store.path, "ship.db"))).toBe(false);
    disk.isFull = false;
    list.mockClear();
    advance(4 * minute);
    await expect(ship()).rejects.toThrow("no room");
    expect(list).not.toHaveBeenCalled();
    advance(minute);
    await ship();
    expect(await restored("again")).toMatchObject({ events: 1 });
  });

  it("loses no change after an earlier copy; the next copy waits for room", async () => {
    const { store, ship, advance, disk, bucket, restored } = await onDisk();
    disk.isFull = false;
    await store.pass(1);
    await ship();
    disk.isFull = true;
    advance(day);
    await expect(ship()).rejects.toThrow("no room");
    await store.pass(2);
    await ship();
    expect(await restored("meanwhile")).toMatchObject({ events: 2 });
    disk.isFull = false;
    advance(5 * minute);
    await ship();
    expect(bucket.keys("index/").filter((key) => key.endsWith("/base"))).toHaveLength(2);
    expect(await restored("again")).toMatchObject({ events: 2 });
  });
});
