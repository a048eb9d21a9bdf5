import { DatabaseSync } from "node:sqlite";
import { Reader } from "@gatepost/sqlite";
import { expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../../runtime/embedded/temporary.ts";
import { turnsOf } from "../../support/turns.ts";

/** Counts to half a million: it takes a thread long enough for others to have many turns. */
const long = `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 500000)
  SELECT count(*) AS count FROM numbers`;

async function opened() {
  const folder = await temporaryFolder();
  onTestFinished(folder.remove);
  const path = `${folder.path}/read.db`;
  const database = new DatabaseSync(path);
  onTestFinished(() => database.close());
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE things (name TEXT, size INTEGER)");
  const reader = new Reader(path);
  onTestFinished(() => reader.close());
  return { path, database, reader };
}

it("reads rows that were committed before the query, and writes nothing", async () => {
  const { database, reader } = await opened();
  expect(await reader.all("SELECT * FROM things", [])).toEqual([]);
  database.exec("INSERT INTO things VALUES ('小明', 3), (NULL, 4)");
  expect(await reader.all("SELECT * FROM things WHERE size > ?", [2])).toEqual([
    { name: "小明", size: 3 },
    { name: null, size: 4 },
  ]);
  await expect(reader.all("DELETE FROM things", [])).rejects.toThrow("the database could not be read");
});

it("leaves the process its turns during a long query", async () => {
  const { reader } = await opened();
  await reader.all("SELECT 1", []);
  const [rows, turns] = await turnsOf(reader.all(long, []));
  expect(rows).toEqual([{ count: 500_000 }]);
  expect(turns).toBeGreaterThan(20);
});

it("continues after a query that fails", async () => {
  const { reader } = await opened();
  const failure = await reader.all("SELECT * FROM others", []).catch((error: unknown) => error);
  expect(failure).toMatchObject({ cause: { message: "no such table: others" } });
  expect(await reader.all("SELECT ? AS one", ["1"])).toEqual([{ one: "1" }]);
});

it("makes queries wait for a quiet task, and the task wait for a query", async () => {
  const { database, reader } = await opened();
  const order: string[] = [];
  const note = (name: string) => () => void order.push(name);
  const quiet = Promise.withResolvers<void>();
  await Promise.all([
    reader.all(long, []).then(note("first query")),
    reader.quietly(async () => {
      // A reader would prevent it from emptying the log.
      const { busy } = database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get() ?? {};
      order.push(`emptied ${busy}`);
      quiet.resolve();
    }),
    quiet.promise.then(() => reader.all("SELECT 1", [])).then(note("second query")),
  ]);
  expect(order).toEqual(["first query", "emptied 0", "second query"]);
  await expect(reader.quietly(() => Promise.reject(new Error("no disk")))).rejects.toThrow("no disk");
  expect(await reader.all("SELECT 1 AS one", [])).toEqual([{ one: 1 }]);
});

it("refuses queries if many wait, and runs the program's own queries first", async () => {
  const { reader } = await opened();
  const order: string[] = [];
  const asked = Array.from({ length: 40 }, (_, number) =>
    reader.all("SELECT ? AS number", [number]).then(
      () => order.push("read"),
      ({ message }: Error) => order.push(message),
    ),
  );
  const first = reader.allFirst("SELECT 1", []).then(() => order.push("first"));
  await Promise.all([...asked, first]);
  const refused = order.filter((what) => what === "too many queries wait for the database");
  // One is being read, and 32 wait.
  expect([refused.length, order.filter((what) => what === "read").length]).toEqual([7, 33]);
  expect(order.indexOf("first")).toBeLessThanOrEqual(8);
  expect(await reader.all("SELECT 1 AS one", [])).toEqual([{ one: 1 }]);
});

it("reports an unreadable file, and reads it once that is possible", async () => {
  const folder = await temporaryFolder();
  onTestFinished(folder.remove);
  const path = `${folder.path}/later.db`;
  const reader = new Reader(path);
  onTestFinished(() => reader.close());
  await expect(reader.all("SELECT 1", [])).rejects.toThrow();
  new DatabaseSync(path).close();
  expect(await reader.all("SELECT 1 AS one", [])).toEqual([{ one: 1 }]);
});
