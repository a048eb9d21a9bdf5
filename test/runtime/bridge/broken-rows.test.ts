import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { temporary } from "../../unit/simulator/support.ts";
import { reportOf, spoolIn } from "./support.ts";

const columns = "box, at, bytes, path, content_type, content_encoding, body";

/** A spool whose table of waiting reports keeps to no types, with one row of these values. */
async function spoolWith(values: string) {
  const folder = await temporary();
  const before = await spoolIn(folder);
  await before.append(reportOf("gate-1"));
  await before.close();
  using database = new DatabaseSync(join(folder, "spool.db"));
  database.exec(`DROP TABLE reports; CREATE TABLE reports (id INTEGER PRIMARY KEY, ${columns}, pieces, receipt)`);
  database.exec(`INSERT INTO reports (${columns}) VALUES (${values})`);
  return spoolIn(folder);
}

it.each([
  ["without its body", "'gate-1', 1, 2, '/', 'application/json', NULL, NULL", "body: expected Uint8Array"],
  ["of a path that is a number", "'gate-1', 1, 2, 7, 'application/json', NULL, x'7b7d'", "path: expected string"],
])("a spooled report %s is an error that names it", async (_, values, fault) => {
  const spool = await spoolWith(values);
  expect(() => spool.next("gate-1")).toThrow(new Error(`spooled report 1 is not as this version stores it: ${fault}`));
});

it("an empty spool is not a broken one", async () => {
  const spool = await spoolIn(await temporary());
  const { counts } = spool;
  expect([spool.next("gate-1"), spool.bytes, counts.dropped(), counts.lastRefusal("gate-1")]).toEqual([
    null,
    0,
    0,
    null,
  ]);
  expect(counts.of("gate-1")).toMatchObject({ waiting: 0, bytes: 0, oldest: null, aside: 0 });
});
