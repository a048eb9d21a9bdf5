import { cp, open, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isCutShort } from "../../../support/cut-short.ts";
import { erasePerson } from "../../../support/erase-person.ts";
import { filesWith } from "../../../support/files-with.ts";
import { openedByTests } from "../temporary.ts";
import { passing, picturesIn, stores } from "./store.ts";

const { closers } = openedByTests();

type Folders = Awaited<ReturnType<typeof stores>>;

/**
 * A store and a backup of it that has three pictures and rules. The first and the last were erased; three others have
 * the place of the last since, and the place of the first is free.
 */
async function withPlaceTaken({ open: openStore, backUp }: Folders) {
  const store = await openStore("store");
  await writeFile(join(store.path, "rules.json"), `{"rules":[]}`);
  const first = await store.pass(5);
  await store.pass(1);
  const last = await store.pass(2);
  await backUp(store, "copy");
  await writeFile(join(store.path, "rules.json"), `{"rules": []}`);
  for (const erased of [first, last]) await store.runtime.eraser.eraseEvent(erased);
  // A start gives the pack its end again.
  await store.reopen();
  for (const number of [3, 4, 6]) await store.pass(number);
  return store;
}

async function restoredFrom({ place, open: openStore, restore }: Folders, from: string): Promise<string[]> {
  await restore(from, "again");
  const again = await openStore("again");
  const shown = await picturesIn(again.runtime);
  await again.close();
  await rm(place("again"), { recursive: true });
  return shown;
}

/** A piece of the end of a picture: if overwriting is interrupted, only its beginning may be gone. */
const endOf = (number: number) => String.fromCharCode(number).repeat(99);

const packOf = async (folder: string) =>
  join(folder, "pictures", (await readdir(join(folder, "pictures"))).find((name) => name.endsWith(".pack")) ?? "");

describe("a backup whose store has given places of pictures to others", () => {
  it("has the pictures in the places of erased ones", async () => {
    const folders = await stores(closers);
    const store = await withPlaceTaken(folders);
    expect(await folders.backUp(store, "copy")).toMatchObject({ copied: { pictures: 3 } });
    expect(await restoredFrom(folders, "copy")).toEqual(["person-1", "person-3", "person-4", "person-6"]);
    for (const face of [endOf(2), endOf(5)]) expect(await filesWith(face, folders.place("copy"))).toEqual([]);
    expect(await readdir(join(folders.place("copy"), "pictures"))).toHaveLength(1);
  });

  it("is the old or the new one after any interruption, and then succeeds", async () => {
    const folders = await stores(closers);
    const { place, backUp } = folders;
    const store = await withPlaceTaken(folders);
    await cp(place("copy"), place("before"), { recursive: true });
    // A restore compares each picture with its SHA-256.
    const picturesOf = async () => {
      const { pictures, missing } = await folders.restore("copy", "again");
      await rm(place("again"), { recursive: true });
      return [pictures, missing.length];
    };
    const found: number[][] = [];
    let isCut = true;
    for (let steps = 0; isCut; steps++) {
      await rm(place("copy"), { recursive: true });
      await cp(place("before"), place("copy"), { recursive: true });
      isCut = await isCutShort(steps, () => backUp(store, "copy"));
      found.push(await picturesOf());
      // The next one may be interrupted while it finishes the work of the previous one.
      await isCutShort(steps % 7, () => backUp(store, "copy"));
      found.push(await picturesOf());
      await backUp(store, "copy");
      expect(await picturesOf(), `${steps}`).toEqual([4, 0]);
      for (const face of [endOf(2), endOf(5)]) expect(await filesWith(face, place("copy")), `${steps}`).toEqual([]);
      expect(await readdir(join(place("copy"), "pictures")), `${steps}`).toHaveLength(1);
    }
    expect(new Set(found.map(String))).toEqual(new Set(["3,0", "4,0"]));
  }, 60_000);

  it("has no erased data that a killed backup had written", async () => {
    const folders = await stores(closers);
    const { place, backUp } = folders;
    const store = await folders.open("store");
    await store.pass(1);
    await backUp(store, "copy");
    // It was in the place of the next picture, which is in no backup.
    await writeFile(await packOf(place("copy")), "of somebody who was erased", { flag: "a" });
    const erased = await store.pass(2);
    await store.pass(3);
    await store.runtime.eraser.eraseEvent(erased);
    await backUp(store, "copy");
    expect(await filesWith("somebody who was erased", place("copy"))).toEqual([]);
    expect(await restoredFrom(folders, "copy")).toEqual(["person-1", "person-3"]);
  });

  it("has pictures that were lost and stored again, at other places", async () => {
    const folders = await stores(closers);
    const store = await folders.open("store");
    for (const number of [1, 2]) await store.pass(number);
    await folders.backUp(store, "copy");
    await truncate(await packOf(store.path), 100);
    await store.reopen();
    expect(await picturesIn(store.runtime)).toEqual([]);
    for (const number of [2, 1]) expect(await store.post(passing(number))).toBe(200);
    await folders.backUp(store, "copy");
    expect(await restoredFrom(folders, "copy")).toEqual(["person-1", "person-2"]);
  });

  it("has no byte of pictures that were lost and then erased", async () => {
    const folders = await stores(closers);
    const store = await folders.open("store");
    for (const number of [1, 2]) await store.pass(number);
    await folders.backUp(store, "copy");
    await truncate(await packOf(store.path), 100);
    await store.reopen();
    expect(await picturesIn(store.runtime)).toEqual([]);
    await folders.backUp(store, "copy");
    expect(await filesWith("face 1", folders.place("copy"))).not.toEqual([]);
    await erasePerson(store.runtime.eraser, "person-1", null);
    await folders.backUp(store, "copy");
    expect(await filesWith("face 1", folders.place("copy"))).toEqual([]);
    expect(await restoredFrom(folders, "copy")).toEqual(["person-2"]);
  });

  it("gets the pictures again of a folder whose packs were not checked", async () => {
    const folders = await stores(closers);
    const { place, backUp } = folders;
    const store = await folders.open("store");
    for (const number of [1, 2]) await store.pass(number);
    await backUp(store, "copy");
    const manifest = join(place("copy"), "backup.json");
    const { isChecked: _, ...earlier } = JSON.parse(await readFile(manifest, "utf8")) as { isChecked?: true };
    await writeFile(manifest, JSON.stringify(earlier));
    {
      await using pack = await open(await packOf(place("copy")), "r+");
      await pack.write(Buffer.alloc(2000), 0, 2000, 500);
    }
    await expect(folders.restore("copy", "again")).rejects.toThrow(/missing from the backup or damaged in it/);
    expect(await backUp(store, "copy")).toMatchObject({ copied: { pictures: 1 }, damaged: 0 });
    expect(await restoredFrom(folders, "copy")).toEqual(["person-1", "person-2"]);
  });
});
