import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkRestored, restore as restoreJob } from "@gatepost/embedded";
import { lock } from "@gatepost/sqlite";
import { describe, expect, it } from "vitest";
import { isCutShort } from "../../../support/cut-short.ts";
import { openedByTests } from "../temporary.ts";
import { picturesIn, stores } from "./store.ts";

const { closers } = openedByTests();

/** A backup, and an empty folder for a restore of it. */
async function backedUp() {
  const here = await stores(closers);
  const store = await here.open("store");
  for (const number of [1, 2, 3]) await store.pass(number);
  await here.backUp(store, "copy");
  const again = here.place("again");
  await mkdir(again, { mode: 0o755 });
  const inAgain = (name: string) => join(again, name);
  const opened = async () => {
    const restored = await here.open("again", store.token);
    expect(await restored.ids()).toEqual(await store.ids());
    expect(await picturesIn(restored.runtime)).toEqual(await picturesIn(store.runtime));
  };
  return { ...here, again, inAgain, opened };
}

describe("a restore into a new folder", () => {
  it("lets no new store begin there during the restore or after an interruption", async () => {
    const { restore, again, opened } = await backedUp();
    await restore("copy", "again");
    await rename(again, `${again}.restoring`);
    expect(() => checkRestored(again)).toThrow(/under way or was cut short: .* remove .*again\.restoring$/);
    await restore("copy", "again");
    expect(() => checkRestored(again)).not.toThrow();
    await opened();
  });

  it("leaves the folder of another restore in progress alone", async () => {
    const { restore, again, opened } = await backedUp();
    await restore("copy", "again");
    await rename(again, `${again}.restoring`);
    const inPart = join(`${again}.restoring`, "lock.db");
    const unlock = lock(inPart, { wait: 0, taken: () => new Error("taken") });
    const before = await readdir(`${again}.restoring`);
    await expect(restore("copy", "again")).rejects.toThrow(/^another restore into .*again\.restoring is under way$/);
    expect(await readdir(`${again}.restoring`)).toEqual(before);
    unlock();
    await restore("copy", "again");
    await opened();
  });

  it("is the only one while it works", async () => {
    const { place, restore, again } = await backedUp();
    await rmdir(again);
    let second: Promise<unknown> | null = null;
    const onProgress = () => {
      second ??= expect(restore("copy", "again")).rejects.toThrow(/^another restore into .* is under way$/);
    };
    await restoreJob({ from: place("copy"), data: again, later: null, isPartial: false, onProgress });
    expect(second).not.toBeNull();
    await second;
    expect(() => checkRestored(again)).not.toThrow();
  });

  it("removes the packs that an interrupted restore from a bucket left", async () => {
    const { restore, again, opened } = await backedUp();
    await mkdir(`${again}.restoring`);
    for (const month of ["2026-11", "2026-11-scenes"]) {
      await writeFile(join(`${again}.restoring`, `shipped-${month}.pack`), "");
    }
    await restore("copy", "again");
    await opened();
  });

  it("removes nothing from a folder of its name that no restore made", async () => {
    const { restore, again } = await backedUp();
    await mkdir(`${again}.restoring`);
    await writeFile(join(`${again}.restoring`, "notes.txt"), "of a person");
    await expect(restore("copy", "again")).rejects.toThrow(/has other files in it \(notes\.txt\)/);
    expect(await readFile(join(`${again}.restoring`, "notes.txt"), "utf8")).toBe("of a person");
  });

  it("stops no server from starting on an existing store", async () => {
    const { restore, again } = await backedUp();
    await restore("copy", "again");
    await mkdir(`${again}.restoring`);
    expect(() => checkRestored(again)).not.toThrow();
  });
});

describe("a restore into an empty folder", () => {
  it("keeps the empty folder, possibly a separate disk, and makes it owner-only", async () => {
    const { restore, again, inAgain, opened } = await backedUp();
    await mkdir(inAgain("lost+found"));
    const before = await stat(again);
    await restore("copy", "again");
    const after = await stat(again);
    expect([after.ino, after.mode & 0o777]).toEqual([before.ino, 0o700]);
    expect(await readdir(again)).not.toContain(".restoring");
    await opened();
  });

  it("leaves the folder empty if the backup is inconsistent", async () => {
    const { restore, again, place } = await backedUp();
    await writeFile(join(place("copy"), "backup.json"), "{");
    await expect(restore("copy", "again")).rejects.toThrow(/damaged/);
    expect(await readdir(again)).toEqual([]);
  });

  it("starts again after an interruption while it moved the files", async () => {
    const { restore, again, inAgain, opened } = await backedUp();
    await restore("copy", "again");
    await mkdir(inAgain(".restoring"));
    await rename(inAgain("gatepost.db"), inAgain(".restoring/gatepost.db"));
    expect(() => checkRestored(again)).toThrow(/a restore into .* is under way or was cut short/);
    await restore("copy", "again");
    expect(() => checkRestored(again)).not.toThrow();
    await opened();
  });

  it("leaves no store if interrupted at any file, and then succeeds", async () => {
    const { restore, again, opened } = await backedUp();
    const isStore = () => {
      try {
        checkRestored(again);
        return existsSync(join(again, "gatepost.db"));
      } catch {
        return false;
      }
    };
    let isCut = true;
    for (let steps = 0; isCut; steps++) {
      await rm(again, { recursive: true });
      await mkdir(again);
      isCut = await isCutShort(steps, () => restore("copy", "again"));
      if (isStore()) expect((await readdir(join(again, "pictures"))).length, `${steps}`).toBe(1);
      else await restore("copy", "again");
      expect(isStore(), `${steps}`).toBe(true);
    }
    await opened();
  });

  it("removes nothing that no restore made", async () => {
    const { restore, inAgain } = await backedUp();
    await mkdir(inAgain(".restoring"));
    await writeFile(inAgain("notes.txt"), "of a person");
    await expect(restore("copy", "again")).rejects.toThrow(/has other files in it \(notes\.txt\)/);
    expect(await readFile(inAgain("notes.txt"), "utf8")).toBe("of a person");
  });
});
