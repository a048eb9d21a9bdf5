import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openRuntime } from "@gatepost/embedded";
import { describe, expect, it, onTestFinished } from "vitest";
import { keptLog } from "../../unit/http/support.ts";
import { temporaryDataFolder } from "./temporary.ts";

/** Opens a data folder again after its database was changed by this SQL. */
async function reopenedAfter(sql: string): Promise<unknown> {
  const folder = await temporaryDataFolder();
  onTestFinished(folder.remove);
  const options = { data: folder.path, log: keptLog().log };
  await (await openRuntime(options)).close();
  const database = new DatabaseSync(join(folder.path, "gatepost.db"));
  database.exec(sql);
  database.close();
  try {
    await (await openRuntime(options)).close();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
}

const definition =
  "AFTER DELETE ON events BEGIN DELETE FROM reports WHERE id BETWEEN old.made * 8 AND old.made * 8 + 7; END";

describe("a start", () => {
  it("refuses a trigger that was replaced under its own name", async () => {
    const replaced = `DROP TRIGGER reports_go_with_events;
      CREATE TRIGGER reports_go_with_events ${definition.replace("+ 7", "+ 0")}`;
    expect(await reopenedAfter(replaced)).toBe(
      "its database has another trigger reports_go_with_events of events than Gatepost makes: restore a backup into an empty folder",
    );
  });

  it("refuses a missing index and a table of another program", async () => {
    expect(await reopenedAfter("DROP INDEX events_by_time")).toMatch(/lacks index events_by_time/);
    expect(await reopenedAfter("CREATE TABLE notes (x)")).toMatch(/has an unknown object: table notes/);
  });

  it("takes the same definition with other quotes, blanks and comments, and statistics", async () => {
    const same = `DROP TRIGGER reports_go_with_events;
      CREATE TRIGGER "reports_go_with_events" /* as before */ ${definition.replace("FROM reports", `FROM\t"reports" -- all\n`)};
      ANALYZE`;
    expect(await reopenedAfter(same)).toBeNull();
  });
});
