import { statfsSync } from "node:fs";
import { join } from "node:path";
import { reservedBytes } from "@gatepost/sqlite";
import { expect, it } from "vitest";
import { DiskRoom } from "../../../packages/bridge/src/spool/disk-room.ts";
import { openSpoolFile } from "../../../packages/bridge/src/spool/schema.ts";
import { atEnd, temporary } from "../../unit/simulator/support.ts";

/** The room of a new spool, and how many bytes the disk has beyond the reserve. Nothing is written in these tests. */
async function room() {
  const folder = await temporary();
  const database = openSpoolFile(join(folder, "spool.db"));
  atEnd(() => database.close());
  const { bavail, bsize } = statfsSync(folder);
  return { database, disk: new DiskRoom(folder, database), free: bavail * bsize - reservedBytes };
}

const written = () => Promise.resolve("written");

it("refuses a body unless the disk has room for it twice: log and database", async () => {
  const { disk, free } = await room();
  expect(await disk.with(Math.floor(free / 3), written)).toBe("written");
  await expect(disk.with(Math.floor((free * 2) / 3), written)).rejects.toThrow("the disk of the spool is full");
});

it("counts the bodies that are being written at the same time", async () => {
  const { disk, free } = await room();
  const third = Math.floor(free / 3);
  const first = Promise.withResolvers<string>();
  const writing = disk.with(third, () => first.promise);
  await expect(disk.with(third, written)).rejects.toThrow("full");
  first.resolve("written first");
  expect([await writing, await disk.with(third, written)]).toEqual(["written first", "written"]);
});

it("has the room of a body that could not be written for the next one", async () => {
  const { disk, free } = await room();
  const third = Math.floor(free / 3);
  await expect(disk.with(third, () => Promise.reject(new Error("locked")))).rejects.toThrow("locked");
  expect(await disk.with(third, written)).toBe("written");
});

it("accepts a body that fits into free pages of the file on a full disk", async () => {
  const { database } = await room();
  database.exec("CREATE TABLE large (body BLOB); INSERT INTO large VALUES (zeroblob(1000000)); DROP TABLE large");
  // Asking for the room of a disk that is not there would fail.
  const disk = new DiskRoom("/nowhere", database);
  expect(await disk.with(900_000, written)).toBe("written");
  await expect(disk.with(2_000_000, written)).rejects.toThrow("ENOENT");
});
