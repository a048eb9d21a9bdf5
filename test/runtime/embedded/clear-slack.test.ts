import { join } from "node:path";
import { Writer } from "@gatepost/sqlite";
import { expect, it } from "vitest";
import { clearSlack, openDatabase } from "../../../packages/embedded/src/db/database.ts";
import { temporaryFolder } from "./temporary.ts";

it("lets others have their turn between pages that are overwritten at once", async () => {
  const folder = await temporaryFolder();
  const database = openDatabase(join(folder.path, "gatepost.db"));
  let turns = 0;
  const inTurns: number[] = [];
  const slack = {
    find: async () => Array.from({ length: 1200 }, (_, page) => page + 1),
    clear(pages: readonly number[]) {
      inTurns.push(turns);
      setImmediate(() => {
        turns += pages.length;
      });
    },
    sync: async () => {},
  };
  const { signal } = new AbortController();
  expect(await clearSlack(database, new Writer(database), { slack, signal })).toBe(true);
  expect(inTurns).toEqual([0, 500, 1000]);
  database.close();
  await folder.remove();
});
