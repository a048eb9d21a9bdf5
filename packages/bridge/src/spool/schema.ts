import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { enterWalMode, migrate } from "@gatepost/sqlite";

/** One step for each version of the schema. A released step is never changed. Times are ms since 1970. */
const migrations: readonly string[] = [
  `
  -- What waits for the cloud, in the order in which it came. The body is last: whoever looks at the rest need not read it.
  CREATE TABLE reports (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    box TEXT NOT NULL,
    at INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    path TEXT NOT NULL,
    content_type TEXT NOT NULL,
    content_encoding TEXT,
    body BLOB NOT NULL
  ) STRICT;
  CREATE INDEX reports_by_box ON reports (box, id, at, bytes);

  -- What the cloud will never take, with what it said.
  CREATE TABLE refused (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    box TEXT NOT NULL,
    at INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    path TEXT NOT NULL,
    reason TEXT NOT NULL,
    body BLOB NOT NULL
  ) STRICT;

  CREATE TABLE counts (
    box TEXT NOT NULL,
    name TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (box, name)
  ) STRICT, WITHOUT ROWID;

  -- The passings of an SE5 that were taken lately, by the box's own clock: what its memory holds of them is not news.
  CREATE TABLE passings (
    box TEXT NOT NULL,
    at INTEGER NOT NULL,
    device TEXT NOT NULL,
    person TEXT NOT NULL
  ) STRICT;
  CREATE INDEX passings_by_box ON passings (box, at);

  -- Up to when, by an SE5's own clock, all that it saw was taken.
  CREATE TABLE marks (box TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `,
  `
  -- What is sent again must go as it came.
  ALTER TABLE refused ADD COLUMN content_type TEXT NOT NULL DEFAULT 'application/json';
  ALTER TABLE refused ADD COLUMN content_encoding TEXT;
  CREATE INDEX refused_by_box ON refused (box, id, bytes);
  `,
  `
  -- Which report of a box has failed last, and how often since another one was tried.
  CREATE TABLE failures (
    box TEXT PRIMARY KEY,
    report INTEGER NOT NULL,
    tries INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- What the clock said last, and for how many ms of running nothing is removed by its age, because it has jumped.
  CREATE TABLE clock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    noted_at INTEGER NOT NULL,
    held_ms INTEGER NOT NULL
  ) STRICT;
  `,
];

/** ms to wait for another program that has the file open, when it is opened. */
const busyTimeoutMs = 5000;

/** Opens a spool's file, for its owner alone, and brings it to this version's schema. */
export function openSpoolFile(file: string): DatabaseSync {
  closeSync(openSync(file, "a", 0o600));
  const database = new DatabaseSync(file, { timeout: busyTimeoutMs });
  try {
    enterWalMode(database);
    // A commit is on the disk before anything is acknowledged. Little memory for pages: bodies are read once.
    database.exec("PRAGMA synchronous = FULL; PRAGMA cache_size = -4000");
    // A log that was long leaves its room to others: it could not be copied on a disk that is full.
    database.exec("PRAGMA journal_size_limit = 4194304");
    migrate(database, migrations, { file: "the spool", program: "bridge" });
    // From here on the process must not stand still for the file: a writer tries again.
    database.exec("PRAGMA busy_timeout = 0");
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}
