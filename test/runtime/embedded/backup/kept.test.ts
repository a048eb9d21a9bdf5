import { cp, mkdir, open, readdir, readFile, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { erasePerson } from "../../../support/erase-person.ts";
import { fileHandles } from "../../../support/file-handles.ts";
import { filesWith } from "../../../support/files-with.ts";
import { openedByTests } from "../temporary.ts";
import { picturesIn, stores } from "./store.ts";

const { closers } = openedByTests();

/** A store of three pictures, and a backup of it. */
async function backedUp() {
  const here = await stores(closers);
  const store = await here.open("store");
  for (const number of [1, 2, 3]) await store.pass(number);
  await writeFile(join(store.path, "rules.json"), `{"rules":[]}`);
  await here.backUp(store, "copy");
  const packIn = async (name: string) => {
    const folder = here.place(`${name}/pictures`);
    return join(folder, (await readdir(folder)).find((file) => file.endsWith(".pack")) ?? "");
  };
  let restored = 0;
  const shownOf = async (from: string) => {
    restored += 1;
    await here.restore(from, `again-${restored}`);
    const again = await here.open(`again-${restored}`);
    return picturesIn(again.runtime);
  };
  return { ...here, store, packIn, shownOf };
}

type Handle = Pick<Awaited<ReturnType<typeof fileHandles>>, "read" | "write">;

/** Runs something with some methods of node's file handles replaced. */
async function onDisk(change: (handles: Handle) => object, work: () => Promise<unknown>): Promise<void> {
  const handles = await fileHandles();
  const { read, write } = handles;
  Object.assign(handles, change({ read, write }));
  try {
    await work();
  } finally {
    Object.assign(handles, { read, write });
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Makes a page unreadable that no query of rows uses: only a check of every page finds it. */
async function damagePage(path: string): Promise<void> {
  const database = new DatabaseSync(path, { readOnly: true });
  const [index] = database.prepare("SELECT rootpage AS page FROM sqlite_schema WHERE type = 'index'").all();
  const [size] = database.prepare("PRAGMA page_size").all();
  database.close();
  await using file = await open(path, "r+");
  await file.write(Buffer.from([0xff]), 0, 1, (Number(index?.["page"]) - 1) * Number(size?.["page_size"]));
}

describe("the previous backup is kept", () => {
  it("if the database of the store is damaged by now", async () => {
    const { store, backUp, place, shownOf } = await backedUp();
    await store.close();
    await damagePage(join(store.path, "gatepost.db"));
    const before = await readdir(place("."));
    await expect(backUp(store, "copy")).rejects.toThrow(
      /^the database of .*store is damaged: .*; nothing was backed up, and an earlier backup is as it was: restore/,
    );
    expect(await readdir(place("."))).toEqual(before);
    expect(await shownOf("copy")).toHaveLength(3);
  });

  it("if the next one fails, with its rules, and leaves nothing else", async () => {
    const { store, backUp, place, shownOf } = await backedUp();
    const files = async () => {
      const found = await readdir(place("copy"), { recursive: true, withFileTypes: true });
      const sizes = found.map(async (file) => {
        const path = join(file.parentPath, file.name);
        return `${path} ${file.isFile() ? (await stat(path)).size : ""}`;
      });
      return (await Promise.all(sizes)).sort();
    };
    const before = await files();
    await store.pass(4);
    await writeFile(join(store.path, "rules.json"), `{"rules": []}`);
    await onDisk(
      ({ write }) => ({
        write(this: unknown, data: Buffer, ...rest: unknown[]) {
          return data.includes("face 4")
            ? Promise.reject(failure("ENOSPC"))
            : Reflect.apply(write, this, [data, ...rest]);
        },
      }),
      () => expect(backUp(store, "copy")).rejects.toThrow("ENOSPC"),
    );
    expect(await files()).toEqual(before);
    expect(await shownOf("copy")).toEqual(["person-1", "person-2", "person-3"]);
  });
});

it("a backup that fails during the final overwriting is kept and finished later", async () => {
  const { store, backUp, place, shownOf } = await backedUp();
  await erasePerson(store.runtime.eraser, "person-1", null);
  await store.pass(4);
  await onDisk(
    ({ write }) => ({
      write(this: unknown, data: Buffer, ...rest: unknown[]) {
        return data.every((byte) => byte === 0)
          ? Promise.reject(failure("EIO"))
          : Reflect.apply(write, this, [data, ...rest]);
      },
    }),
    () => expect(backUp(store, "copy")).rejects.toThrow("EIO"),
  );
  expect(await shownOf("copy")).toEqual(["person-2", "person-3", "person-4"]);
  await backUp(store, "copy");
  expect(await filesWith("face 1", place("copy"))).toEqual([]);
  expect(await shownOf("copy")).toEqual(["person-2", "person-3", "person-4"]);
});

describe("a folder of other things", () => {
  it("is refused as a backup, and keeps its files", async () => {
    const { store, backUp, place } = await backedUp();
    await mkdir(place("home/pictures"), { recursive: true });
    await writeFile(place("home/pictures/holiday.jpg"), "by the sea");
    await expect(backUp(store, "home")).rejects.toThrow(/has other files in it \(pictures\/holiday\.jpg\); give/);
    expect(await readFile(place("home/pictures/holiday.jpg"), "utf8")).toBe("by the sea");
    // All that is left of a store may be its packs, and the file of its lock.
    await cp(join(store.path, "pictures"), place("rest/pictures"), { recursive: true });
    await writeFile(place("rest/lock.db"), "");
    const packs = await readdir(place("rest/pictures"));
    await expect(backUp(store, "rest")).rejects.toThrow(/has other files in it \(pictures\/.*\.pack\)/);
    expect(await readdir(place("rest/pictures"))).toEqual(packs);
    await mkdir(place("link"));
    await symlink(join(store.path, "pictures"), place("link/pictures"));
    await expect(backUp(store, "link")).rejects.toThrow(/pictures is a symbolic link, which is not followed/);
    expect(await picturesIn(store.runtime)).toHaveLength(3);
  });

  it("is readable by its owner only once it is a backup", async () => {
    const { store, backUp, place } = await backedUp();
    await mkdir(place("open"), { mode: 0o755 });
    await backUp(store, "open");
    expect((await stat(place("open"))).mode & 0o777).toBe(0o700);
  });
});

describe("a backup whose pack", () => {
  it.each(["is gone", "was cut"])("%s gets all missing pictures again", async (how) => {
    const { store, backUp, packIn, shownOf } = await backedUp();
    const pack = await packIn("copy");
    if (how === "is gone") await rm(pack);
    else await truncate(pack, 5000);
    await store.pass(4);
    expect(await backUp(store, "copy")).toMatchObject({ damaged: 0, copied: { pictures: how === "is gone" ? 4 : 3 } });
    expect(await shownOf("copy")).toEqual(["person-1", "person-2", "person-3", "person-4"]);
  });

  it("is gone gets them, also after an interrupted backup that made the pack anew", async () => {
    const { store, backUp, packIn, shownOf } = await backedUp();
    const pack = await packIn("copy");
    const { size } = await stat(pack);
    await rm(pack);
    await writeFile(join(store.path, "rules.json"), Buffer.alloc(5 * 1024 * 1024));
    await expect(backUp(store, "copy")).rejects.toThrow(/too large/);
    await writeFile(pack, Buffer.alloc(size));
    await rm(join(store.path, "rules.json"));
    await backUp(store, "copy");
    expect(await shownOf("copy")).toHaveLength(3);
  });
});

it("a picture that the disk cannot read is damaged, and others are still saved", async () => {
  const { store, backUp } = await backedUp();
  const isOfFirst = (length: number, position: number) => length > 3000 && length < 4000 && position === 0;
  const reading = ({ read }: Handle) => ({
    read(this: unknown, buffer: Buffer, offset: number, length: number, position: number) {
      if (isOfFirst(length, position)) return Promise.reject(failure("EIO"));
      return Reflect.apply(read, this, [buffer, offset, length, position]);
    },
  });
  await onDisk(reading, async () =>
    expect(await backUp(store, "other")).toMatchObject({ pictures: 3, damaged: 1, copied: { pictures: 2 } }),
  );
});
