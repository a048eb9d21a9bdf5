import { closeSync, fdatasync, fdatasyncSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { Copier } from "./copier.ts";

/** Makes a file's bytes durable. */
type Datasync = (file: number) => Promise<void>;

/** Bytes that are written again at once. */
const pieceBytes = 1024 * 1024;

/** Bytes of the log from which on it is copied into the database, and that it keeps where it begins anew. */
const bytesACopy = 4 * 1024 * 1024;

/**
 * The write-ahead log of a database that one process has for itself. SQLite would sync it with each commit, and copy it
 * into the database now and then, and the process would stand still meanwhile. Here threads do both: what was committed
 * is durable only after `sync`.
 */
export class Wal {
  readonly #datasync: Datasync;
  readonly #copier: Copier;
  readonly #file: number;
  #isBehind = false;
  #isLost = false;
  #bytes = 0;
  #onCommit: () => void = () => {};
  /** The log is not copied again before it has so many bytes: while another program reads it, it cannot begin anew. */
  #copyAt = bytesACopy;

  /** Takes over from SQLite. The database must be in WAL mode, and what was committed before durable. */
  constructor(database: DatabaseSync, path: string, datasync: Datasync = promisify(fdatasync)) {
    this.#datasync = datasync;
    // The file of the log is there once something was read.
    database.exec(`PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = ${bytesACopy};
      PRAGMA synchronous = NORMAL; SELECT count(*) FROM sqlite_schema`);
    this.#file = openSync(`${path}-wal`, "r+");
    this.#copier = new Copier(path);
  }

  /** Has a function called after each transaction that has changed something, before anything else is written. */
  set onCommit(onCommit: () => void) {
    this.#onCommit = onCommit;
  }

  /** Notes that a transaction has changed something. A log that began anew was cut to what it keeps. */
  noteChange(): void {
    this.#isBehind = true;
    this.#bytes = fstatSync(this.#file).size;
    if (this.#bytes <= bytesACopy) this.#copyAt = bytesACopy;
    this.#onCommit();
  }

  /** Whether something was committed that is not durable yet. */
  get isBehind(): boolean {
    return this.#isBehind || this.#isLost;
  }

  /** Whether it has grown so long that it should be copied. */
  get isLong(): boolean {
    return this.#bytes > this.#copyAt;
  }

  /**
   * Makes durable what a failed sync left behind; throws where that fails. The system takes what it could not write for
   * written, so a second sync alone would say nothing: the log is written once more, as the system still reads it. Until
   * then nothing of it may get into the database: after a power cut, a log that lacks its end would undo a part of that.
   */
  mend(): void {
    if (!this.#isLost) return;
    const piece = Buffer.alloc(pieceBytes);
    for (let at = 0; ; ) {
      const read = readSync(this.#file, piece, 0, pieceBytes, at);
      if (read === 0) break;
      at += writeSync(this.#file, piece, 0, read, at);
    }
    fdatasyncSync(this.#file);
    this.#isLost = false;
  }

  /** Resolves once everything is durable that was committed before the call. */
  async sync(): Promise<void> {
    if (this.#isLost) throw new Error("an earlier sync of the database failed");
    this.#isBehind = false;
    try {
      await this.#datasync(this.#file);
    } catch (error) {
      this.#isLost = true;
      throw error;
    }
  }

  /**
   * Copies what is in the log into the database. The log begins anew where nothing is written meanwhile. Rejects where it
   * cannot be made durable before.
   */
  async copy(): Promise<void> {
    this.mend();
    this.#copyAt = this.#bytes + bytesACopy;
    await this.#copier.copy();
  }

  /** To be called before the database is closed, so that SQLite can remove the log then. */
  async close(): Promise<void> {
    closeSync(this.#file);
    await this.#copier.close();
  }
}
