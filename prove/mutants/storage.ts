import type { Mutant } from "./mutant.ts";

const embedded = "packages/embedded/src";

/** How many states of a scene are looked at, at most. The first that does not hold ends it. */
export const byPower = (scene: string, states = 200) => [
  ...["--only", "power", "--scene", scene],
  ...["--states", String(states), "--first"],
];

/** Syncs, and the order of writes: the base of the data folder. */
export const storageMutants: readonly Mutant[] = [
  {
    name: "pack-not-synced",
    file: `${embedded}/pictures/pack.ts`,
    text: "await this.#file.datasync();\n    this.check();\n    this.#end = end;",
    becomes: "this.#end = end;",
    why: "the row of a picture is durable before its bytes",
    caughtBy: byPower("working-day"),
  },
  {
    name: "pack-sync-not-awaited",
    file: `${embedded}/pictures/pack.ts`,
    text: "await this.#file.datasync();\n    this.check();\n    this.#end = end;",
    becomes: "void new Promise((late) => setTimeout(late, 5)).then(() => this.#file.datasync());\n    this.#end = end;",
    why: "a report is acknowledged before its pictures are synced",
    caughtBy: byPower("working-day"),
  },
  {
    name: "pack-name-not-synced",
    file: `${embedded}/pictures/pack.ts`,
    text: "    syncFolder(dirname(path));\n",
    becomes: "",
    why: "a new pack has its bytes and no name",
    caughtBy: byPower("first-start"),
  },
  {
    name: "pack-written-from-its-beginning",
    file: `${embedded}/pictures/pack.ts`,
    text: "await this.#write(pictures, this.#end);",
    becomes: "await this.#write(pictures, 0);",
    why: "pictures are written over others",
    caughtBy: byPower("working-day"),
  },
  {
    name: "zeros-not-synced",
    file: `${embedded}/pictures/pack.ts`,
    text: "await this.#write([Buffer.alloc(within)], position);\n    await this.#file.datasync();",
    becomes: "await this.#write([Buffer.alloc(within)], position);",
    why: "an erased picture is back after a power cut, and nothing knows of it",
    caughtBy: byPower("working-day", 400),
  },
  {
    name: "log-not-synced",
    file: "packages/sqlite/src/wal.ts",
    text: "      await this.#datasync(this.#file);\n",
    becomes: "      await Promise.resolve(this.#file);\n",
    why: "a commit is not durable when it is acknowledged",
    caughtBy: byPower("working-day"),
  },
  {
    name: "answer-before-the-log-is-synced",
    file: "packages/sqlite/src/writer.ts",
    text: "        if (wal.isBehind) await wal.sync();\n        resolveAll(committed);\n",
    becomes: "        resolveAll(committed);\n        if (wal.isBehind) await wal.sync();\n",
    why: "a commit is acknowledged while it is being synced",
    caughtBy: byPower("working-day", 400),
  },
  {
    name: "small-commit-not-synced",
    file: "packages/sqlite/src/transactions.ts",
    text: "if (this.#changed() !== changed) wal?.noteChange();",
    becomes: "if (this.#changed() > changed + 1) wal?.noteChange();",
    why: "a revocation, which changes one row, is not durable",
    caughtBy: byPower("working-day", 400),
  },
  {
    name: "failed-sync-only-repeated",
    file: "packages/sqlite/src/wal.ts",
    text: "at += writeSync(this.#file, piece, 0, read, at);",
    becomes: "at += read;",
    why: "the system counts failed writes as done, and a second sync of the log reports nothing",
    caughtBy: byPower("failing-sync", 400),
  },
  {
    name: "copy-of-the-log-not-synced",
    file: "packages/sqlite/src/copier-thread.ts",
    text: 'const copy = database.prepare("PRAGMA wal_checkpoint(PASSIVE)");',
    becomes:
      'database.exec("PRAGMA synchronous = OFF");\nconst copy = database.prepare("PRAGMA wal_checkpoint(PASSIVE)");',
    why: "the log begins anew before its content is durable",
    caughtBy: byPower("long-log", 600),
  },
  {
    name: "deleted-rows-stay",
    file: `${embedded}/db/database.ts`,
    text: "PRAGMA secure_delete = ON",
    becomes: "PRAGMA secure_delete = OFF",
    why: "erased data stays in free pages",
    caughtBy: byPower("working-day", 400),
  },
  {
    name: "log-not-emptied",
    file: `${embedded}/db/database.ts`,
    text: 'emptyingLog = "PRAGMA wal_checkpoint(TRUNCATE)"',
    becomes: 'emptyingLog = "PRAGMA wal_checkpoint(PASSIVE)"',
    why: "erased data stays in the log",
    caughtBy: byPower("working-day", 400),
  },
  {
    name: "folder-name-not-synced",
    file: "packages/sqlite/src/folder.ts",
    text: "  syncFolder(above);\n",
    becomes: "",
    why: "a new data folder is lost with all that is in it",
    caughtBy: byPower("first-start"),
  },
  {
    name: "failed-commit-said-to-be-done",
    file: "packages/sqlite/src/writer.ts",
    text: "      return done;\n    } catch (error) {\n      this.#transactions.undo();\n      throw error;\n",
    becomes:
      '      return done;\n    } catch {\n      this.#transactions.undo();\n      const result = { outcome: "created", enqueued: false, event: null, revision: 1 };\n      return jobs.map((job) => ({ ...job, result }));\n',
    why: "writes that a failing disk did not take are acknowledged",
    caughtBy: ["--only", "power", "--scene", "working-day", "--at", "pwrite64", "--states", "240", "--first"],
  },
  {
    name: "migration-without-transaction",
    file: "packages/sqlite/src/migrate.ts",
    text: `[...steps.slice(version, reached), numbers, "COMMIT"]`,
    becomes: `["COMMIT", ...steps.slice(version, reached), numbers]`,
    why: "a cut in the middle of the first start leaves a schema that no version has",
    caughtBy: byPower("first-start", 400),
  },
  {
    name: "version-before-its-migration",
    file: "packages/sqlite/src/migrate.ts",
    text: `[...steps.slice(version, reached), numbers, "COMMIT"]`,
    becomes: `[numbers, "COMMIT; BEGIN IMMEDIATE", ...steps.slice(version, reached), "COMMIT"]`,
    why: "a cut between the two leaves a database with a version that is too new",
    caughtBy: byPower("first-start", 600),
  },
  {
    name: "first-keys-not-synced",
    file: "packages/cli/src/first-keys.ts",
    text: "  await handle.sync();\n",
    becomes: "",
    why: "the file of the first keys is empty, and the keys are lost",
    caughtBy: byPower("first-start", 400),
  },
  {
    name: "name-of-first-keys-not-synced",
    file: "packages/cli/src/first-keys.ts",
    text: "  await rename(unfinished, firstKeysFile(data));\n  syncFolder(data);\n",
    becomes: "  await rename(unfinished, firstKeysFile(data));\n",
    why: "the file of the first keys is lost, and so are the keys",
    caughtBy: byPower("first-start", 400),
  },
  {
    name: "first-keys-handed-over-late",
    file: "packages/cli/src/start.ts",
    text: `  const { lines, admin } = await handOver(first, { base, data: runtime.folder.path });
  await setupCodes.add(first.code);
  const made = await Promise.all([
    keyAdmin.create({ scope: "ingest", box: firstBox, tokenHash: hashToken(first.ingest) }),
    ...(admin === null ? [] : [keyAdmin.create({ scope: "admin", box: null, tokenHash: hashToken(admin) })]),
  ]);`,
    becomes: `  const made = await Promise.all([
    keyAdmin.create({ scope: "ingest", box: firstBox, tokenHash: hashToken(first.ingest) }),
  ]);
  const { lines } = await handOver(first, { base, data: runtime.folder.path });
  await setupCodes.add(first.code);`,
    why: "a start that ends in between leaves unknown keys",
    caughtBy: byPower("first-start", 400),
  },
];
