import { hash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it } from "vitest";
import { PackSource } from "../../../../packages/embedded/src/backup/packs.ts";
import { PictureParts } from "../../../../packages/embedded/src/backup/ship/parts.ts";
import { MemoryBucket } from "./store.ts";

const month = "2026-03";
const bytes = 8;

/** Pictures of one month, each of which is a number; they are found by the SHA-256 of it. */
function pictures() {
  const database = new DatabaseSync(":memory:");
  database.exec(`CREATE TABLE pictures (month TEXT, sha256 TEXT, position INTEGER, bytes INTEGER, lost TEXT,
    PRIMARY KEY (month, sha256)) STRICT, WITHOUT ROWID`);
  const insert = database.prepare("INSERT INTO pictures VALUES (?, ?, ?, ?, NULL)");
  let pack: Buffer[] = [];
  return {
    database,
    add(text: string) {
      const data = Buffer.from(text.padEnd(bytes));
      insert.run(month, hash("sha256", data), pack.length * bytes, bytes);
      pack.push(data);
    },
    removePack() {
      database.exec("DELETE FROM pictures");
      pack = [];
    },
    source: new PackSource(async () => ({
      size: pack.length * bytes,
      read: async (position, length) => Buffer.concat(pack).subarray(position, position + length),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    })),
  };
}

/** A number, padded, whose SHA-256 begins with a digit. */
function textWith(digit: string): string {
  for (let number = 0; ; number++) {
    const text = `${digit}-${number}`;
    if (hash("sha256", text.padEnd(bytes)).startsWith(digit)) return text;
  }
}

it("sends pictures written while the rows of a month are read, for any SHA-256", async () => {
  const { database, add, source } = pictures();
  const bucket = new MemoryBucket();
  const parts = new PictureParts(database, { bucket, packs: source });
  for (let number = 0; number < 2500; number++) add(`${number}`);
  const [first, last] = [textWith("0"), textWith("f")];
  // Behind the first rows that are read, and before the others.
  const arriving = nextTurn().then(() => {
    add(first);
    add(last);
  });
  await parts.complete();
  await arriving;
  await parts.ship();
  expect([bucket.has(first.padEnd(bytes)), bucket.has(last.padEnd(bytes))]).toEqual([true, true]);
});

it("sends a month again whose pack was removed and begun anew", async () => {
  const { database, add, source, removePack } = pictures();
  const bucket = new MemoryBucket();
  const parts = new PictureParts(database, { bucket, packs: source });
  add("first");
  add("second");
  await parts.complete();
  removePack();
  await parts.ship();
  add("replayed");
  await parts.ship();
  expect(bucket.has("replayed")).toBe(true);
});
