import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../runtime/embedded/temporary.ts";

const sqlite = new URL("../../../packages/sqlite/src/index.ts", import.meta.url).href;

it("a process whose log was copied closes its database and removes the log", async () => {
  const { path, remove } = await temporaryFolder();
  const program = `
    import { existsSync } from "node:fs";
    import { DatabaseSync } from "node:sqlite";
    import { Wal } from ${JSON.stringify(sqlite)};
    const file = ${JSON.stringify(join(path, "a.db"))};
    const database = new DatabaseSync(file);
    database.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (n)");
    const wal = new Wal(database, file);
    await wal.copy();
    await wal.close();
    database.close();
    process.stdout.write(String(existsSync(file + "-wal")));`;
  await writeFile(join(path, "program.mjs"), program);
  const { status, stdout } = spawnSync(process.execPath, [join(path, "program.mjs")], { encoding: "utf8" });
  expect({ status, stdout }).toEqual({ status: 0, stdout: "false" });
  await remove();
});
