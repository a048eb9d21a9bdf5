import { erasedName } from "@gatepost/core/erasure";
import { Writer } from "@gatepost/sqlite";
import { expect, it } from "vitest";
import { openDatabase } from "../../../packages/embedded/src/db/database.ts";
import { SqliteSuppression } from "../../../packages/embedded/src/erasure/suppression.ts";
import { received } from "../../support/reports.ts";

const person = "erased elsewhere";
const theirs = new Uint8Array(32).fill(7);
const name = erasedName({ person, box: null }, theirs);

it("erasures of another store are known, also after a failed shared transaction", async () => {
  using database = openDatabase(":memory:");
  const open = () => new SqliteSuppression(database, { clock: () => received, lifetime: () => 1 });
  const [writer, suppression] = [new Writer(database), open()];
  const adopted = writer.run(() => suppression.adopt(theirs, [{ name, box: null, at: received }]));
  const failing = writer.run(() => {
    throw new Error("of somebody else");
  });
  await expect(failing).rejects.toThrow("of somebody else");
  expect(await adopted).toBe(true);
  await suppression.settled();
  // As a server does that is started again.
  for (const one of [suppression, open()]) expect(await one.suppressedSince(person, [null])).toBe(received);
});

it("erasures are named by the own key if adopting another store's failed", async () => {
  using database = openDatabase(":memory:");
  const [writer, suppression] = [
    new Writer(database),
    new SqliteSuppression(database, { clock: () => received, lifetime: () => 1 }),
  ];
  const failing = writer.run(() => {
    suppression.adopt(theirs, [{ name, box: null, at: received }]);
    throw new Error("the disk is full");
  });
  await expect(failing).rejects.toThrow("the disk is full");
  await writer.run(() => suppression.note({ person, box: null }, null, received));
  const started = new SqliteSuppression(database, { clock: () => received, lifetime: () => 1 });
  expect(await started.suppressedSince(person, [null])).toBe(received);
});
