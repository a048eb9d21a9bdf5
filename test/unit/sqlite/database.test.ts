import { Database } from "@gatepost/sqlite";
import { expect, it } from "vitest";

it("prepares a statement when it is first used", () => {
  using database = new Database(":memory:");
  const insert = database.prepare("INSERT INTO things VALUES (?, ?)");
  const named = database.prepare("SELECT name FROM things WHERE size = $size");
  expect(() => named.all({ $size: 3 })).toThrow("no such table: things");
  database.exec("CREATE TABLE things (name TEXT, size INTEGER)");
  expect(insert.run("小明", 3)).toEqual({ changes: 1, lastInsertRowid: 1 });
  expect(named.get({ $size: 3 })).toEqual({ name: "小明" });
  expect([...database.prepare("SELECT size FROM things").iterate()]).toEqual([{ size: 3 }]);
});

it("keeps the settings of a statement", () => {
  using database = new Database(":memory:");
  const statement = database.prepare("SELECT 1 AS one, ? AS other");
  statement.setReturnArrays(true);
  statement.setReadBigInts(true);
  expect(statement.all("a")).toEqual([[1n, "a"]]);
  expect(statement.all("b")).toEqual([[1n, "b"]]);
});
