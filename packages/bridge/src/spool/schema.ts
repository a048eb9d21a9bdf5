import { closeSync, openSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { Database, enterWalMode, migrate, type Schema } from "@gatepost/sqlite";

/** The file of a spool. Times are ms since 1970. */
const schema: Schema = {
  application: 0x73706f6c,
  steps: [
    `
    -- Reports that wait for the cloud, in the order of their arrival. The body is last: other columns are read without it.
    CREATE TABLE reports (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      box TEXT NOT NULL,
      at INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      path TEXT NOT NULL,
      content_type TEXT NOT NULL,
      content_encoding TEXT,
      pieces INTEGER,
      body BLOB NOT NULL
    ) STRICT;
    CREATE INDEX reports_by_box ON reports (box, id, at, bytes);
    CREATE INDEX reports_by_pieces ON reports (pieces) WHERE pieces IS NOT NULL;

    -- Reports that the cloud will never take, with its answer. They are sent again unchanged.
    CREATE TABLE refused (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      box TEXT NOT NULL,
      at INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      path TEXT NOT NULL,
      reason TEXT NOT NULL,
      content_type TEXT NOT NULL,
      content_encoding TEXT,
      pieces INTEGER,
      body BLOB NOT NULL
    ) STRICT;
    CREATE INDEX refused_by_box ON refused (box, id, bytes);
    CREATE INDEX refused_by_pieces ON refused (pieces) WHERE pieces IS NOT NULL;

    -- Large bodies. A report or dead letter that names one has an empty body itself.
    CREATE TABLE pieces (
      body INTEGER NOT NULL,
      number INTEGER NOT NULL,
      bytes BLOB NOT NULL,
      PRIMARY KEY (body, number)
    ) STRICT;

    CREATE TABLE counts (
      box TEXT NOT NULL,
      name TEXT NOT NULL,
      count INTEGER NOT NULL,
      PRIMARY KEY (box, name)
    ) STRICT, WITHOUT ROWID;

    -- The last report of a box that failed, and how often since another one was tried.
    CREATE TABLE failures (
      box TEXT PRIMARY KEY,
      report INTEGER NOT NULL,
      tries INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- The recent passings of an SE5, by the box's own clock: its memory gives them again.
    CREATE TABLE passings (
      box TEXT NOT NULL,
      at INTEGER NOT NULL,
      device TEXT NOT NULL,
      person TEXT NOT NULL
    ) STRICT;
    CREATE INDEX passings_by_box ON passings (box, at);

    -- The time, by an SE5's own clock, up to which all its passings were taken.
    CREATE TABLE marks (box TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

    -- The last time of the clock, and for how many ms of running nothing is removed by its age, because it has jumped.
    CREATE TABLE clock (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      noted_at INTEGER NOT NULL,
      held_ms INTEGER NOT NULL
    ) STRICT;
    `,
    `
    -- When a report that may have no time of its own was received; null for any other.
    ALTER TABLE reports ADD COLUMN receipt INTEGER;
    ALTER TABLE refused ADD COLUMN receipt INTEGER;
    `,
  ],
};

/** The end of a sentence about a spool that an earlier build wrote. */
export const wayOut = "start that build until nothing waits in its spool, and then start this one with an empty folder";

/** ms to wait for another program that has the file open, when it is opened. */
const busyTimeoutMs = 5000;

/** Opens a spool's file, for its owner alone, and brings it to this version's schema. */
export function openSpoolFile(file: string): DatabaseSync {
  closeSync(openSync(file, "a", 0o600));
  const database = new Database(file, { timeout: busyTimeoutMs });
  try {
    enterWalMode(database);
    // A commit is on the disk before anything is acknowledged. Little memory for pages: bodies are read once.
    database.exec("PRAGMA synchronous = FULL; PRAGMA cache_size = -4000");
    // A log that was long leaves its room to others: it could not be copied on a disk that is full.
    database.exec("PRAGMA journal_size_limit = 4194304");
    migrate(database, schema, { file: "the spool", program: "bridge", wayOut });
    // From here on the process must not block on the file: a writer tries again.
    database.exec("PRAGMA busy_timeout = 0");
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}
