import { readdirSync, rmSync } from "node:fs";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { backUp } from "@gatepost/embedded";
import { expect, it } from "vitest";
import { received } from "../../../support/reports.ts";
import { openedByTests } from "../temporary.ts";
import { stores } from "./store.ts";

const { closers } = openedByTests();

/**
 * A store with three pictures and its backup in a file, and a function that makes another backup with an interruption.
 */
async function withBackup() {
  const folders = await stores(closers);
  const store = await folders.open("store");
  for (const number of [1, 2]) await store.pass(number);
  await folders.backUp(store, "copy.tar");
  await store.pass(3);
  const again = (meanwhile: () => void) => {
    let isFirst = true;
    const onProgress = () => {
      if (isFirst) meanwhile();
      isFirst = false;
    };
    return backUp({ data: store.path, to: folders.place("copy.tar"), clock: () => received, onProgress });
  };
  const names = () => readdir(folders.place("."));
  return { ...folders, store, again, names };
}

it("a second backup into the same file is refused, and the first one is complete", async () => {
  const { store, backUp: back, restore, again, names } = await withBackup();
  let second: Promise<unknown> = Promise.resolve();
  const refused = () => {
    second = expect(back(store, "copy.tar")).rejects.toThrow(/another backup into .* is under way/);
  };
  expect(await again(refused)).toMatchObject({ pictures: 3 });
  await second;
  expect(await restore("copy.tar", "again")).toMatchObject({ pictures: 3, missing: [] });
  expect((await names()).sort()).toEqual(["again", "copy.tar", "store"]);
});

it("a backup whose partial file is removed fails, and the previous one stays", async () => {
  const { restore, again, place } = await withBackup();
  const removePart = () => {
    const [part = ""] = readdirSync(place(".")).filter((name) => name.endsWith(".part"));
    rmSync(join(place("."), part));
  };
  await expect(again(removePart)).rejects.toThrow(/was removed while it was being written/);
  expect(await restore("copy.tar", "again")).toMatchObject({ pictures: 2, missing: [] });
});

it("the files of a killed backup are removed by the next one", async () => {
  const { store, backUp: back, names, place } = await withBackup();
  const left = [".part", ".part-db", ".part-lock", ".0123456789ab.part", ".0123456789ab.part-db"];
  for (const end of left) await writeFile(place(`copy.tar${end}`), "left");
  for (const other of ["copy.tar.party", "other-copy.tar.part"]) await writeFile(place(other), "not a part of it");
  await back(store, "copy.tar");
  expect((await names()).sort()).toEqual(["copy.tar", "copy.tar.party", "other-copy.tar.part", "store"]);
});
