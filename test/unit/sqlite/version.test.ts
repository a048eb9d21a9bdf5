import { Database } from "@gatepost/sqlite";
import { expect, it, onTestFinished } from "vitest";

/** Pretends that this Node has another SQLite until the test ends. */
function pretend(sqlite: string | undefined): void {
  const { versions } = process;
  Object.defineProperty(process, "versions", { value: { ...versions, sqlite }, configurable: true });
  onTestFinished(() => void Object.defineProperty(process, "versions", { value: versions, configurable: true }));
}

it.each([undefined, "3.51.2", "3.51", "3.46.1", "3.9.9", "2.99.99"])("refuses SQLite %s", (sqlite) => {
  pretend(sqlite);
  expect(() => new Database(":memory:")).toThrow("3.51.3 is needed");
});

it.each(["3.51.3", "3.51.10", "3.52.0", "3.53.4", "3.100.0", "4.0.0"])("opens a database with SQLite %s", (sqlite) => {
  pretend(sqlite);
  new Database(":memory:").close();
});
