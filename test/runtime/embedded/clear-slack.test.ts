import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { Writer } from "@gatepost/sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clearSlack, openDatabase } from "../../../packages/embedded/src/db/database.ts";
import { temporaryDataFolder } from "./temporary.ts";

describe("a database whose unused parts are overwritten", () => {
  let folder: Awaited<ReturnType<typeof temporaryDataFolder>>;
  let database: DatabaseSync;
  beforeEach(async () => {
    folder = await temporaryDataFolder();
    database = openDatabase(join(folder.path, "gatepost.db"));
  });
  afterEach(async () => {
    database.close();
    await folder.remove();
  });

  /** Pages of which something is unused; `clear` is told how many are overwritten at once. */
  const slackOf = (count: number, clear: (pages: number) => void) => ({
    find: async () => Array.from({ length: count }, (_, page) => page + 1),
    clear: (pages: readonly number[]) => clear(pages.length),
    sync: async () => {},
  });

  it("lets other work have its turn between pages", async () => {
    let turns = 0;
    const inTurns: number[] = [];
    const slack = slackOf(1200, (pages) => {
      inTurns.push(turns);
      setImmediate(() => {
        turns += pages;
      });
    });
    const { signal } = new AbortController();
    expect(await clearSlack(database, new Writer(database), { slack, signal })).toBe(true);
    expect(inTurns).toEqual([0, 500, 1000]);
  });

  it("stays as it is from the moment of an interruption", async () => {
    const over = new AbortController();
    const cleared: number[] = [];
    const slack = slackOf(1200, (pages) => {
      cleared.push(pages);
      setImmediate(() => over.abort());
    });
    expect(await clearSlack(database, new Writer(database), { slack, signal: over.signal })).toBe(false);
    expect(cleared).toEqual([500]);
  });
});
