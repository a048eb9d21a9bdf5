import { mkdtemp, readFile, rm, stat, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Wal, Writer } from "@gatepost/sqlite";
import { afterEach, describe, expect, it, vi } from "vitest";
import { maxInOneTurn } from "../../support/turns.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A database whose syncs end when the test ends them. */
async function opened() {
  const folder = await mkdtemp(join(tmpdir(), "gatepost-writer-"));
  const path = join(folder, "some.db");
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE things (id INTEGER PRIMARY KEY, text TEXT) STRICT");
  const syncs: { end(): void; fail(): void }[] = [];
  const datasync = () => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    syncs.push({ end: resolve, fail: () => reject(new Error("EIO")) });
    return promise;
  };
  const wal = new Wal(database, path, { datasync, bytesACopy: 1_000_000 });
  const failures: unknown[] = [];
  const writer = new Writer(database, { wal, onCopyFailure: (error) => failures.push(error) });
  closers.push(async () => {
    for (const { end } of syncs) end();
    await writer.idle();
    await wal.close();
    database.close();
    await rm(folder, { recursive: true });
  });
  const insert = database.prepare("INSERT INTO things (text) VALUES (?) RETURNING id");
  const read = database.prepare("SELECT count(*) AS n FROM things");
  const ended: string[] = [];
  const run = (name: string, work: () => unknown) =>
    writer.run(work).then(
      () => void ended.push(name),
      (error: Error) => void ended.push(`${name}: ${error.message}`),
    );
  const put = (name: string) => run(name, () => insert.get(name));
  return {
    path,
    database,
    wal,
    writer,
    syncs,
    failures,
    ended,
    run,
    put,
    /** Writes one, whose sync fails. */
    async putInVain(name: string) {
      const written = put(name);
      await turns();
      syncs.at(-1)?.fail();
      await written;
    },
    look: (name: string) => run(name, () => read.get()),
    count: () => Number(read.get()?.["n"]),
  };
}

const turns = async () => {
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
};

describe("a write", () => {
  it("is acknowledged once it is durable, and not before", async () => {
    const { put, syncs, ended, count } = await opened();
    const written = put("one");
    await turns();
    expect([count(), syncs.length, ended]).toEqual([1, 1, []]);
    syncs[0]?.end();
    await written;
    expect(ended).toEqual(["one"]);
  });

  it("is acknowledged if other writes of its transaction fail or write nothing", async () => {
    const { look, run, put, syncs, ended, writer } = await opened();
    const fails = run("second", () => {
      throw new Error("no");
    });
    const all = [look("first"), fails, look("third"), put("fourth")];
    await turns();
    for (const { end } of syncs) end();
    await Promise.all(all);
    expect(ended.toSorted()).toEqual(["first", "fourth", "second: no", "third"]);
    await writer.idle();
  });

  it("waits during a sync for the next one, which serves all waiting writes", async () => {
    const { put, syncs, ended } = await opened();
    const first = put("first");
    await turns();
    const others = [put("second")];
    await turns();
    others.push(put("third"));
    await turns();
    expect(syncs.length).toBe(1);
    syncs[0]?.end();
    await first;
    await turns();
    expect([syncs.length, ended]).toEqual([2, ["first"]]);
    syncs[1]?.end();
    await Promise.all(others);
    expect([syncs.length, ended]).toEqual([2, ["first", "second", "third"]]);
  });

  it("takes no further write into a long transaction, so that others have turns", async () => {
    using database = new DatabaseSync(":memory:");
    database.exec("CREATE TABLE things (text TEXT) STRICT");
    const insert = database.prepare("INSERT INTO things (text) VALUES (?)");
    const writer = new Writer(database);
    const written: string[] = [];
    const write = (name: string, ms: number) =>
      writer.run(() => {
        // As a disk does that is waited for.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
        insert.run(name);
        written.push(name);
      });
    const all = Promise.all(["a", "b", "c"].map((name) => write(name, 60)));
    expect(await maxInOneTurn(() => written.length, all)).toBe(1);
    await Promise.all(["d", "e", "f"].map((name) => write(name, 0)));
    expect(written).toEqual(["a", "b", "c", "d", "e", "f"]);
    expect(database.prepare("SELECT text FROM things").all()).toEqual(written.map((text) => ({ text })));
  });

  it("costs no sync without a change, but waits for the data it may have read", async () => {
    const { put, look, syncs, ended } = await opened();
    await look("nothing there");
    expect([syncs.length, ended]).toEqual([0, ["nothing there"]]);
    const written = put("one");
    await turns();
    const seen = look("one is there");
    await turns();
    expect(ended).toEqual(["nothing there"]);
    syncs[0]?.end();
    await Promise.all([written, seen]);
    expect([syncs.length, ended]).toEqual([1, ["nothing there", "one", "one is there"]]);
  });

  it("is rejected if it throws, and the other writes of its transaction succeed", async () => {
    const { writer, put, syncs, count } = await opened();
    const failed = expect(
      writer.run(() => {
        throw new Error("not this one");
      }),
    ).rejects.toThrow("not this one");
    const written = put("one");
    await turns();
    for (const { end } of syncs) end();
    await Promise.all([failed, written]);
    expect(count()).toBe(1);
  });
});

it("afterRollback is called for a failed write, and for no other", async () => {
  using database = new DatabaseSync(":memory:");
  const afterRollback = vi.fn();
  const writer = new Writer(database, { afterRollback });
  await writer.run(() => "done");
  expect(afterRollback).not.toHaveBeenCalled();
  const fail = () => {
    throw new Error("not this one");
  };
  await expect(writer.run(fail)).rejects.toThrow("not this one");
  await expect(writer.runInSteps(fail)).rejects.toThrow("not this one");
  expect(afterRollback).toHaveBeenCalledTimes(2);
});

describe("a transaction that cannot begin", () => {
  it("rejects all its writes at once, and the next ones are written", async () => {
    using database = new DatabaseSync(":memory:");
    database.exec("CREATE TABLE things (text TEXT) STRICT");
    const insert = database.prepare("INSERT INTO things (text) VALUES (?)");
    const begun = { times: 0, fails: true };
    const writer = new Writer(database, {
      before() {
        begun.times += 1;
        if (begun.fails) throw new Error("locked");
      },
    });
    const put = (name: string) => writer.run(() => insert.run(name));
    const refused = await Promise.allSettled(["a", "b", "c"].map(put));
    expect(refused.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(begun.times).toBe(1);
    begun.fails = false;
    await put("d");
    expect(database.prepare("SELECT text FROM things").all()).toEqual([{ text: "d" }]);
  });
});

describe("a failed sync", () => {
  it("acknowledges nothing, not even reads of its data", async () => {
    const { put, look, syncs, ended } = await opened();
    const written = put("one");
    await turns();
    const seen = look("one is there");
    await turns();
    syncs[0]?.fail();
    await Promise.all([written, seen]);
    expect(ended).toEqual(["one: EIO", "one is there: an earlier sync of the database failed"]);
  });

  it("makes the next write log everything again: another sync alone proves nothing", async () => {
    const { path, put, putInVain, look, syncs, ended, count } = await opened();
    await putInVain("one");
    const log = await readFile(`${path}-wal`);
    // Long ago: even with a coarse clock of the file system, a write is later.
    await utimes(`${path}-wal`, 0, 0);
    await look("nothing new");
    expect((await stat(`${path}-wal`)).mtimeMs).toBeGreaterThan(0);
    expect(await readFile(`${path}-wal`)).toEqual(log);
    const next = put("two");
    await turns();
    syncs[1]?.end();
    await next;
    expect([count(), ended]).toEqual([2, ["one: EIO", "nothing new", "two"]]);
  });

  it("keeps the log out of the database until it is durable", async () => {
    const { path, wal, writer, putInVain, count } = await opened();
    await putInVain("one");
    expect(wal.isBehind).toBe(true);
    await utimes(`${path}-wal`, 0, 0);
    const emptied = await writer.alone(async () => [(await stat(`${path}-wal`)).mtimeMs > 0, wal.isBehind]);
    expect([emptied, count()]).toEqual([[true, false], 1]);
  });
});

describe("work that runs alone", () => {
  it.each([
    { log: "of some pages", text: "short", copies: [] },
    { log: "that is longer", text: "long".repeat(50_000), copies: ["fulfilled", "fulfilled"] },
  ])("runs right after a log $log was copied, if that has much to empty", async ({ text, copies }) => {
    const { wal, writer, syncs, put } = await opened();
    const written = put(text);
    await turns();
    syncs[0]?.end();
    await written;
    const copy = vi.spyOn(wal, "copy");
    expect(await writer.alone(() => copy.mock.settledResults.map(({ type }) => type))).toEqual(copies);
  });

  it("does not run if the rest of a failed sync cannot be made durable", async () => {
    const { wal, writer } = await opened();
    const mend = vi.spyOn(wal, "mend").mockImplementation(() => {
      throw new Error("EIO");
    });
    const work = vi.fn();
    await expect(writer.alone(work)).rejects.toThrow("EIO");
    expect(work).not.toHaveBeenCalled();
    mend.mockRestore();
  });
});

describe("a writer becomes idle", () => {
  it("once waiting writes are written and durable", async () => {
    const { writer, put, syncs, ended } = await opened();
    const all = [put("one"), writer.idle().then(() => void ended.push("idle"))];
    await turns();
    expect([syncs.length, ended]).toEqual([1, []]);
    syncs[0]?.end();
    await Promise.all(all);
    expect(ended).toEqual(["one", "idle"]);
  });

  it("once the log is copied", async () => {
    const { wal, writer, put, syncs, ended } = await opened();
    const { promise: copied, resolve: finish } = Promise.withResolvers<void>();
    vi.spyOn(wal, "copy").mockReturnValue(copied);
    vi.spyOn(wal, "isLong", "get").mockReturnValue(true);
    const written = put("one");
    await turns();
    syncs[0]?.end();
    await written;
    const idle = writer.idle().then(() => void ended.push("idle"));
    await turns();
    expect(ended).toEqual(["one"]);
    finish();
    await idle;
    vi.restoreAllMocks();
  });

  it("once work in steps is finished", async () => {
    using database = new DatabaseSync(":memory:");
    const writer = new Writer(database);
    let left = 5;
    const done = writer.runInSteps(() => left-- > 0);
    await writer.idle();
    expect([left, database.isTransaction]).toEqual([-1, false]);
    await done;
  });
});

describe("the log", () => {
  it("is copied into the database and restarts while others write", async () => {
    const { path, writer, database, syncs } = await opened();
    const insert = database.prepare("INSERT INTO things (text) VALUES (?)");
    const endSyncs = setInterval(() => syncs.splice(0).forEach((sync) => void sync.end()), 1);
    closers.push(async () => clearInterval(endSyncs));
    const logs: number[] = [];
    for (let round = 0; round < 40; round++) {
      await writer.run(() => {
        for (let row = 0; row < 125; row++) insert.run(`${round} ${row} ${"x".repeat(2000)}`);
      });
      if (round % 10 === 9) await writer.idle();
      logs.push((await stat(`${path}-wal`)).size);
    }
    expect((await stat(path)).size).toBeGreaterThan(800_000);
    // Ten megabytes were written. How soon a busy machine copies them is its own affair.
    expect(Math.max(...logs)).toBeLessThan(5_000_000);
  });

  it("stays short even if a few rows are large", async () => {
    const { path, writer, database, syncs } = await opened();
    const insert = database.prepare("INSERT INTO things (text) VALUES (?)");
    const remove = database.prepare("DELETE FROM things");
    const endSyncs = setInterval(() => syncs.splice(0).forEach((sync) => void sync.end()), 1);
    closers.push(async () => clearInterval(endSyncs));
    for (let row = 0; row < 20; row++) {
      await writer.run(() => insert.run("x".repeat(750_000)));
      await writer.run(() => remove.run());
      await writer.idle();
    }
    expect((await stat(`${path}-wal`)).size).toBeLessThan(3_000_000);
  });

  it("stays if it cannot be copied, and the failure is reported", async () => {
    const { path, writer, database, syncs, failures } = await opened();
    await rm(path);
    const insert = database.prepare("INSERT INTO things (text) VALUES (?)");
    const written = writer.run(() => {
      for (let row = 0; row < 1000; row++) insert.run("x".repeat(2000));
    });
    await turns();
    for (const { end } of syncs) end();
    await written;
    await writer.idle();
    expect(failures).toHaveLength(1);
  });
});

describe("work in steps", () => {
  /** Three rows, one a turn; the process has other turns between. */
  const threeRows = (insert: (name: string) => unknown) => {
    let left = 3;
    return () => {
      insert(`step ${left}`);
      left -= 1;
      return left > 0;
    };
  };

  it("gives turns to everything but writes, which follow afterwards", async () => {
    const { database, writer, put, syncs, ended, count } = await opened();
    const insert = database.prepare("INSERT INTO things (text) VALUES (?)");
    const order: string[] = [];
    const steps = threeRows((name) => order.push(name) && insert.run(name));
    const done = writer.runInSteps(steps).then(() => void ended.push("steps"));
    const written = put("a write");
    for (let turn = 0; turn < 5; turn++) {
      await new Promise(setImmediate);
      order.push(`turn, ${count()} rows`);
    }
    expect(order.filter((what) => what.startsWith("step"))).toEqual(["step 3", "step 2", "step 1"]);
    for (const step of ["step 2", "step 1"]) expect(order[order.indexOf(step) - 1]).toMatch(/^turn/);
    expect([count(), ended]).toEqual([4, []]);
    for (const { end } of syncs) end();
    await turns();
    for (const { end } of syncs) end();
    await Promise.all([done, written]);
    expect(ended).toEqual(["steps", "a write"]);
    const texts = database.prepare("SELECT text FROM things ORDER BY id").all();
    expect(texts.map(({ text }) => text)).toEqual(["step 3", "step 2", "step 1", "a write"]);
  });

  it("may be one step only, and others may follow", async () => {
    const { database, writer, syncs, count } = await opened();
    const insert = database.prepare("INSERT INTO things (text) VALUES (?)");
    const both = ["one", "two"].map((name) => writer.runInSteps(() => Boolean(insert.run(name)) && false));
    await turns();
    await turns();
    for (const { end } of syncs) end();
    await turns();
    for (const { end } of syncs) end();
    await Promise.all(both);
    await writer.idle();
    expect(count()).toBe(2);
  });

  it("is written whole or not at all, and others are written after it", async () => {
    const { database, writer, put, syncs, ended } = await opened();
    const insert = database.prepare("INSERT INTO things (text) VALUES (?)");
    const steps = threeRows((name) => {
      if (name === "step 1") throw new Error("the last step fails");
      insert.run(name);
    });
    const failed = expect(writer.runInSteps(steps)).rejects.toThrow("the last step fails");
    const written = put("a write");
    await failed;
    await turns();
    for (const { end } of syncs) end();
    await written;
    expect(ended).toEqual(["a write"]);
    expect(database.prepare("SELECT text FROM things").all()).toEqual([{ text: "a write" }]);
  });

  it("makes work that must run alone wait", async () => {
    const { database, writer, syncs } = await opened();
    const insert = database.prepare("INSERT INTO things (text) VALUES (?)");
    const done = writer.runInSteps(threeRows((name) => insert.run(name)));
    await new Promise(setImmediate);
    expect(database.isTransaction).toBe(true);
    expect(await writer.alone(() => database.isTransaction)).toBe(false);
    for (const { end } of syncs) end();
    await done;
  });

  it("makes it wait even if the log cannot be copied, or SQLite itself copies it", async () => {
    const { path, database, writer, put, syncs, failures } = await opened();
    const endSyncs = setInterval(() => syncs.splice(0).forEach((sync) => void sync.end()), 1);
    closers.push(async () => clearInterval(endSyncs));
    const insert = database.prepare("INSERT INTO things (text) VALUES (?)");
    await put("long".repeat(50_000));
    await rm(path);
    for (const one of [writer, new Writer(database)]) {
      let left = 20;
      const done = one.runInSteps(() => insert.run("step") !== null && left-- > 0);
      await new Promise(setImmediate);
      expect(database.isTransaction).toBe(true);
      expect(await one.alone(() => [database.isTransaction, left])).toEqual([false, -1]);
      await done;
    }
    expect(failures).toHaveLength(1);
  });

  it("continues if the log cannot be copied meanwhile", async () => {
    const { path, database, writer, put, syncs, failures, count } = await opened();
    const insert = database.prepare("INSERT INTO things (text) VALUES (?)");
    const endSyncs = setInterval(() => syncs.splice(0).forEach((sync) => void sync.end()), 1);
    closers.push(async () => clearInterval(endSyncs));
    await rm(path);
    await writer.run(() => {
      for (let row = 0; row < 1000; row++) insert.run("x".repeat(2000));
    });
    const done = writer.runInSteps(() => insert.run("step") !== null && failures.length === 0);
    const written = put("a write");
    await Promise.all([done, written]);
    await writer.idle();
    const steps = database.prepare("SELECT count(*) AS n FROM things WHERE text = 'step'").get();
    expect([failures.length, count()]).toEqual([1, 1001 + Number(steps?.["n"])]);
  });

  it("ends before the log restarts", async () => {
    const { path, database, wal, writer, syncs } = await opened();
    const insert = database.prepare("INSERT INTO things (text) VALUES (?)");
    const endSyncs = setInterval(() => syncs.splice(0).forEach((sync) => void sync.end()), 1);
    closers.push(async () => clearInterval(endSyncs));
    const { mock } = vi.spyOn(wal, "copy");
    const copies = () => mock.settledResults.filter(({ type }) => type === "fulfilled").length;
    for (let round = 0; round < 20; round++) {
      const [before, ofRound] = [copies(), { turns: 0 }];
      // Steps that continue during the first copy of the log, and long enough for a second one.
      const step = () => {
        insert.run("step");
        const isFirstUnderWay = copies() === before && mock.calls.length > before;
        if (!isFirstUnderWay) ofRound.turns += 1;
        return copies() < before + 2 && ofRound.turns < 200;
      };
      const steps = writer.run(() => {
        for (let row = 0; row < 175; row++) insert.run(`${row} ${"x".repeat(4000)}`);
        return { ended: writer.runInSteps(step) };
      });
      await (await steps).ended;
      await writer.idle();
    }
    expect((await stat(`${path}-wal`)).size).toBeLessThan(5_000_000);
  });
});
