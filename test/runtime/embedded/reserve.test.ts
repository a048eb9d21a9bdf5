import { statSync } from "node:fs";
import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { NoRoomToCopy, Reserve } from "@gatepost/sqlite";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { openedByTests, temporaryFolder } from "./temporary.ts";

const { closers, openRuntimeHere } = openedByTests();
const whole = 8 * 1024 * 1024;

let path: string;
let reserve: Reserve;
beforeEach(async () => {
  const folder = await temporaryFolder();
  closers.push(folder.remove);
  path = join(folder.path, "reserve");
  reserve = new Reserve(path);
});

const size = async () => (await stat(path)).size;
const failure = (code: string) => Object.assign(new Error(code), { code });

/** Fails as on a full disk until the room was given up, and says how often it was tried. */
function needingRoom(error: Error = failure("ENOSPC")) {
  const tries: number[] = [];
  const work = async () => {
    tries.push(statSync(path).size);
    if (tries.at(-1) !== 0) throw error;
    return "done";
  };
  return { tries, work };
}

/** Has a writer write one thing, whose log needs what `requireRoomToCopy` throws. */
const writing = (requireRoomToCopy: () => void) =>
  reserve.write({ run: async (work) => work(), requireRoomToCopy }, () => "written");

/** A log that needs so much room. */
const needing = (bytes: number) => () => {
  throw new NoRoomToCopy(bytes);
};

describe("half of the reserved room", () => {
  it("is kept if all of it would not be enough to empty the log", async () => {
    await writeFile(path, Buffer.alloc(whole / 2 - 1));
    await expect(writing(needing(whole + 1))).rejects.toThrow(NoRoomToCopy);
    expect(await writing(needing(whole))).toBe("written");
    await writeFile(path, Buffer.alloc(whole / 2));
    expect(await writing(needing(whole + 1))).toBe("written");
  });

  it("is ignored if there is room, and in other failures", async () => {
    expect(await writing(() => {})).toBe("written");
    const failing = writing(() => {
      throw failure("EIO");
    });
    await expect(failing).rejects.toThrow("EIO");
  });
});

describe("the reserved room", () => {
  it("is taken once, also by concurrent calls, in real blocks of the disk", async () => {
    await Promise.all([reserve.fill(), reserve.fill()]);
    await reserve.fill();
    const { size: bytes, blocks, mode } = await stat(path);
    expect([bytes, (mode & 0o777).toString(8)]).toEqual([whole, "600"]);
    expect(blocks * 512).toBeGreaterThanOrEqual(whole);
  });

  it.each(["ENOSPC", "EDQUOT", "EFBIG"])(
    "is given up for a write that fails with %s, and taken again",
    async (code) => {
      await reserve.fill();
      const { tries, work } = needingRoom(failure(code));
      expect(await reserve.run(work)).toBe("done");
      expect(tries).toEqual([whole, 0]);
      expect(await size()).toBe(whole);
    },
  );

  it("is given up for concurrent failures, and taken again after the last write", async () => {
    await reserve.fill();
    const { promise: bothInRoom, resolve: secondIn } = Promise.withResolvers<void>();
    const [first, second] = [needingRoom(), needingRoom()];
    const done = reserve.run(async () => {
      if (first.tries.length > 0) await bothInRoom;
      return first.work();
    });
    const later = reserve.run(async () => {
      if (second.tries.length > 0) {
        secondIn();
        await done;
      }
      return second.work();
    });
    expect(await Promise.all([done, later])).toEqual(["done", "done"]);
    expect([first.tries, second.tries, await size()]).toEqual([[whole, 0], [whole, 0], whole]);
  });

  it("is not taken again before a write in it is done", async () => {
    await reserve.fill();
    const { tries, work } = needingRoom();
    const done = reserve.run(async () => {
      if (tries.length > 0) await reserve.fill();
      return work();
    });
    expect(await done).toBe("done");
    expect([tries, await size()]).toEqual([[whole, 0], whole]);
  });

  it("fails no finished write if it cannot be taken again", async () => {
    await reserve.fill();
    const { tries, work } = needingRoom();
    const done = reserve.run(async () => {
      const result = await work();
      await rm(path);
      await mkdir(path);
      return result;
    });
    expect([await done, tries]).toEqual(["done", [whole, 0]]);
  });

  it("hides no failure of a write if taking it fails at that moment", async () => {
    const nowhere = new Reserve(join(path, "reserve"));
    const failing = expect(nowhere.fill()).rejects.toThrow("ENOENT");
    const work = () => Promise.reject(failure("ENOSPC"));
    await Promise.all([expect(nowhere.run(work)).rejects.toThrow("ENOSPC"), failing]);
  });

  it("is given up once more if a write fails when another has just finished", async () => {
    await reserve.fill();
    const [first, second] = [needingRoom(), needingRoom()];
    const late = reserve.run(async () => {
      for (let turn = 0; turn < 4; turn++) await null;
      return second.work();
    });
    expect(await Promise.all([reserve.run(first.work), late])).toEqual(["done", "done"]);
    expect(await size()).toBe(whole);
  });

  it("is given up also while it is being taken again", async () => {
    await writeFile(path, "some of it");
    const filling = reserve.fill();
    let tries = 0;
    const done = reserve.run(async () => {
      tries += 1;
      if (tries === 1) throw failure("ENOSPC");
      await filling;
      return size();
    });
    expect(await done).toBe(0);
    expect(await size()).toBe(whole);
  });

  it("is given up if SQLite is full", async () => {
    await reserve.fill();
    const database = new DatabaseSync(":memory:");
    closers.push(async () => database.close());
    database.exec("CREATE TABLE t (x); PRAGMA max_page_count = 3");
    let tries = 0;
    // The limit represents the disk: giving up the room raises it.
    await reserve.run(async () => {
      tries += 1;
      if ((await size()) === 0) database.exec("PRAGMA max_page_count = 100");
      database.exec("INSERT INTO t VALUES (randomblob(20000))");
    });
    expect(tries).toBe(2);
    expect(database.prepare("SELECT count(*) AS n FROM t").get()).toEqual({ n: 1 });
  });

  it("stays in other failures, and helps each write only once", async () => {
    await reserve.fill();
    const denied = vi.fn(() => Promise.reject(failure("EACCES")));
    await expect(reserve.run(denied)).rejects.toThrow("EACCES");
    expect([denied.mock.calls.length, await size()]).toEqual([1, whole]);
    let tries = 0;
    const full = () => {
      tries += 1;
      return Promise.reject(failure("ENOSPC"));
    };
    await expect(reserve.run(full)).rejects.toThrow("ENOSPC");
    expect([tries, await size()]).toEqual([2, whole]);
  });

  it("changes nothing if it was never taken", async () => {
    await expect(reserve.run(() => Promise.reject(failure("ENOSPC")))).rejects.toThrow("ENOSPC");
    await expect(stat(path)).rejects.toThrow("ENOENT");
    await writeFile(path, "");
    await expect(reserve.run(() => Promise.reject(failure("ENOSPC")))).rejects.toThrow("ENOSPC");
  });

  it("is given up for synchronous work, too", async () => {
    await reserve.fill();
    let tries = 0;
    const work = () => {
      tries += 1;
      if (tries === 1) throw failure("ENOSPC");
      return tries;
    };
    expect([reserve.runSync(work), await size()]).toEqual([2, 0]);
    await reserve.fill();
    const broken = vi.fn(() => {
      throw failure("EIO");
    });
    expect(() => reserve.runSync(broken)).toThrow("EIO");
    expect([broken.mock.calls.length, await size()]).toEqual([1, whole]);
  });
});

it("a server takes the reserved room, and other commands do not", async () => {
  const { runtime } = await openRuntimeHere();
  await expect(stat(runtime.folder.reserve)).rejects.toThrow("ENOENT");
  const end = runtime.upkeep();
  await expect.poll(async () => (await stat(runtime.folder.reserve).catch(() => null))?.size).toBe(whole);
  await end();
});
