import { closeSync, fdatasync, fdatasyncSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { isBusy } from "./codes.ts";
import { Copier } from "./copier.ts";
import { requireRoomToCopy } from "./room-to-copy.ts";

/** More than processes that begin at the same moment need. */
const maxTries = 20;

/**
 * Lets a database write to a log first (WAL mode), which its file then records for good. If another process does the
 * same at that moment, SQLite fails at once, even if the database has a timeout. So this function waits for the lock of
 * a write, which respects the timeout, and then tries again.
 */
export function enterWalMode(database: DatabaseSync): void {
  for (let tries = 1; ; tries++) {
    try {
      database.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (!isBusy(error) || tries === maxTries) throw error;
    }
    database.exec("BEGIN EXCLUSIVE; ROLLBACK");
  }
}

/** Makes the bytes of a file durable. */
type Datasync = (file: number) => Promise<void>;

/** Bytes that are written again at once. */
const pieceBytes = 1024 * 1024;

interface WalOptions {
  datasync?: Datasync;
  /** With so many bytes the log is copied into the database. It keeps as many when it begins again. */
  bytesACopy?: number;
}

/**
 * With more, fewer copies would hold up the syncs of reports. But the log must fit into the reserved room on the disk
 * (reserve.ts): otherwise nothing could be erased on a full disk.
 */
const usualBytesACopy = 4 * 1024 * 1024;

/**
 * The write-ahead log of a database that only one process uses. SQLite would sync it with each commit, and sometimes
 * copy it into the database, and block the process meanwhile. Here threads do both: a commit is durable only after
 * `sync`.
 */
export class Wal {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #datasync: Datasync;
  readonly #bytesACopy: number;
  readonly #copier: Copier;
  readonly #file: number;
  #isBehind = false;
  #isLost = false;
  #bytes: number;
  #onCommit: () => void = () => {};
  /** The log is copied again only when it has so many bytes: while another program reads it, it cannot begin again. */
  #copyAt: number;

  /** Takes over from SQLite. The database must be in WAL mode, and all earlier commits durable. */
  constructor(
    database: DatabaseSync,
    path: string,
    { datasync = promisify(fdatasync), bytesACopy = usualBytesACopy }: WalOptions = {},
  ) {
    this.#database = database;
    this.#path = path;
    this.#datasync = datasync;
    this.#bytesACopy = bytesACopy;
    // The log has a file only after a first read.
    database.exec(`PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = ${bytesACopy};
      PRAGMA synchronous = NORMAL; SELECT count(*) FROM sqlite_schema`);
    this.#file = openSync(`${path}-wal`, "r+");
    // A log that is not empty was left: the disk has no room for its content, or another program reads it.
    this.#bytes = fstatSync(this.#file).size;
    this.#copyAt = this.#bytes + bytesACopy;
    this.#copier = new Copier(path);
  }

  /**
   * Sets a function that is called after each transaction that has changed something, before anything else is written.
   */
  set onCommit(onCommit: () => void) {
    this.#onCommit = onCommit;
  }

  /** Notes that a transaction has changed something. A log that began again was cut to the bytes it keeps. */
  noteChange(): void {
    this.#isBehind = true;
    this.#bytes = fstatSync(this.#file).size;
    if (this.#bytes <= this.#bytesACopy) this.#copyAt = this.#bytesACopy;
    this.#onCommit();
  }

  /** Whether a commit is not durable yet. */
  get isBehind(): boolean {
    return this.#isBehind || this.#isLost;
  }

  /** Whether the log is so long that it should be copied. */
  get isLong(): boolean {
    return this.#bytes > this.#copyAt;
  }

  /** Whether the caller should have a thread copy the log before emptying it. Starting the thread takes time, too. */
  get isWorthThread(): boolean {
    return this.#bytes > this.#bytesACopy / 16;
  }

  /**
   * Call this before the log is copied. Throws if a failed sync cannot be made good, or the disk has no room for the
   * pages that the log adds to the database.
   */
  prepareCopy(): void {
    this.mend();
    this.requireRoom();
  }

  /** Throws NoRoomToCopy if the disk has no room for the pages that the log adds to the database. */
  requireRoom(): void {
    requireRoomToCopy(this.#database, this.#path);
  }

  /**
   * Makes the data of a failed sync durable; throws if that fails. After a failed sync the system treats the bytes as
   * written, so another sync alone would prove nothing: the log is written once more, as the system still reads it.
   * Until then it must not be copied into the database: after a power cut, a log without its end would undo a part of
   * that.
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

  /** Resolves once everything committed before the call is durable. */
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
   * Copies the log into the database. The log begins again if nothing is written meanwhile. Rejects if it cannot first
   * be made durable, or the disk has no room for it.
   */
  async copy(): Promise<void> {
    this.#copyAt = this.#bytes + this.#bytesACopy;
    this.prepareCopy();
    await this.#copier.copy();
  }

  /** Call this before the database is closed, so that SQLite can then remove the log. */
  async close(): Promise<void> {
    closeSync(this.#file);
    await this.#copier.close();
  }
}
