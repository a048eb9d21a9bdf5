import { statfs } from "node:fs/promises";
import type { Log, Ports } from "@gatepost/ingest";
import { probedHealth, type StoreHealth } from "@gatepost/query";
import { lacksInodes } from "@gatepost/sqlite";

/** ms for which a failed write means that nothing can be stored, unless a later write succeeds. */
const failureMs = 5000;

/** ms for which the result of a probe is reused. */
const probeMs = 1000;

/** With less free room (bytes) the disk counts as full: a report with its pictures has half a megabyte. */
const minFreeBytes = 1024 * 1024;

/** The ports by which reports are stored. */
type Stores = Pick<Ports, "pictures" | "index" | "quarantine">;

interface Deps {
  /** The data folder. */
  path: string;
  /** Writes something durably into the database. */
  write(): Promise<unknown>;
  /** Throws where a file of pictures was removed or replaced. */
  checkPictures(): Promise<void>;
  log: Log;
  clock(): number;
}

/** Knows whether reports can be stored: by the writes of reports, and by a small write of its own when it is asked. */
export class DiskHealth implements StoreHealth {
  readonly #deps: Deps;
  readonly #probed: StoreHealth;
  readonly #failures = new Map<keyof Stores, { at: number; reason: string }>();
  /** Why nothing can be stored, as it was logged last. */
  #said: string | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#probed = probedHealth({ probe: () => this.#probe(), clock: deps.clock, keepMs: probeMs });
  }

  /** The same stores. Each failure is noted, and forgotten when a later write succeeds. */
  watch(stores: Stores): Stores {
    const { pictures, index, quarantine } = stores;
    return {
      pictures: {
        put: (...args) => this.#noting("pictures", pictures.put(...args)),
        address: (...args) => pictures.address(...args),
      },
      index: { upsert: (...args) => this.#noting("index", index.upsert(...args)) },
      quarantine: { put: (...args) => this.#noting("quarantine", quarantine.put(...args)) },
    };
  }

  async reason(): Promise<string | null> {
    const reason = await this.#reason();
    this.#say(reason);
    return reason;
  }

  async #reason(): Promise<string | null> {
    const now = this.#deps.clock();
    // The absolute value, because the clock may have been set back since the failure.
    const failed = [...this.#failures.values()].find(({ at }) => Math.abs(now - at) < failureMs);
    return failed === undefined ? this.#probed.reason() : failed.reason;
  }

  async #noting<T>(store: keyof Stores, written: Promise<T>): Promise<T> {
    try {
      const result = await written;
      this.#failures.delete(store);
      if (this.#failures.size === 0) this.#say(null);
      return result;
    } catch (error) {
      const reason = this.#whyOf(error);
      this.#failures.set(store, { at: this.#deps.clock(), reason });
      this.#say(reason);
      throw error;
    }
  }

  /** Logs once in one sentence why nothing can be stored, until that changes: each failed report has only its cause. */
  #say(reason: string | null): void {
    if (reason === this.#said) return;
    this.#said = reason;
    const { log, path } = this.#deps;
    if (reason === null) log.info("reports can be stored again", { path });
    else
      log.error("nothing can be stored", {
        reason,
        path,
        todo: [...signs, unknown].find((one) => one[1] === reason)?.[2],
      });
  }

  async #probe(): Promise<string | null> {
    try {
      const { bavail, bsize } = await statfs(this.#deps.path);
      if (bavail * bsize < minFreeBytes) return full;
      // The database has its files already, so its write says nothing of the files that pictures need.
      if (this.#failures.size > 0 && lacksInodes(this.#deps.path)) return noInodes;
      await this.#deps.checkPictures();
      await this.#deps.write();
      return null;
    } catch (error) {
      return this.#whyOf(error);
    }
  }

  /** The reason without the path that system errors contain. */
  #whyOf(error: unknown): string {
    const text = error instanceof Error ? `${"code" in error ? error.code : ""} ${error.message}` : "";
    const [, reason] = signs.find(([sign]) => sign.test(text)) ?? unknown;
    return reason === full && lacksInodes(this.#deps.path) ? noInodes : reason;
  }
}

const full = "the disk is full";
const noInodes = "no file can be made on the disk, because its inodes are used up: remove files there";

/** By what an error says: why nothing can be stored, and what an operator does where that does not say it. */
type Sign = readonly [sign: RegExp, reason: string, todo?: string];

const signs: readonly Sign[] = [
  [/ENOSPC|EDQUOT|EFBIG|disk is full|disk full/i, full, "make room on it, or keep events for fewer days"],
  [/was replaced|ENOENT/, "a file of the data folder was removed or replaced: start again"],
  [
    /EROFS|EACCES|EPERM|readonly/i,
    "the data folder cannot be written to",
    "mount its disk for writing, and let the user that runs Gatepost own the folder",
  ],
  [
    /EMFILE|ENFILE/,
    "too many files and connections are open",
    "raise the limit of open files (LimitNOFILE, ulimit -n)",
  ],
  [
    /corrupt|malformed|not a database/i,
    "the database is damaged",
    "stop the server and restore a backup into an empty folder",
  ],
];

const unknown: Sign = [/^/, "the data folder takes no writes: its log says why", "look at the system's log, too"];
