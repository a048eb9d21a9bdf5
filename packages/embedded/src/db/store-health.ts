import { statfs } from "node:fs/promises";
import type { Ports } from "@gatepost/ingest";
import { probedHealth, type StoreHealth } from "@gatepost/query";

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
  clock(): number;
}

/** Knows whether reports can be stored: by the writes of reports, and by a small write of its own when it is asked. */
export class DiskHealth implements StoreHealth {
  readonly #deps: Deps;
  readonly #probed: StoreHealth;
  readonly #failures = new Map<keyof Stores, { at: number; reason: string }>();

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
    const now = this.#deps.clock();
    // The absolute value, because the clock may have been set back since the failure.
    const failed = [...this.#failures.values()].find(({ at }) => Math.abs(now - at) < failureMs);
    return failed === undefined ? this.#probed.reason() : failed.reason;
  }

  async #noting<T>(store: keyof Stores, written: Promise<T>): Promise<T> {
    try {
      const result = await written;
      this.#failures.delete(store);
      return result;
    } catch (error) {
      this.#failures.set(store, { at: this.#deps.clock(), reason: whyOf(error) });
      throw error;
    }
  }

  async #probe(): Promise<string | null> {
    try {
      const { bavail, bsize } = await statfs(this.#deps.path);
      if (bavail * bsize < minFreeBytes) return full;
      await this.#deps.checkPictures();
      await this.#deps.write();
      return null;
    } catch (error) {
      return whyOf(error);
    }
  }
}

const full = "the disk is full";

const signs: [sign: RegExp, reason: string][] = [
  [/ENOSPC|EDQUOT|EFBIG|disk is full|disk full/i, full],
  [/was replaced|ENOENT/, "a file of the data folder was removed or replaced: start again"],
  [/EROFS|EACCES|EPERM|readonly/i, "the data folder cannot be written to"],
  [/EMFILE|ENFILE/, "too many files and connections are open"],
  [/corrupt|malformed|not a database/i, "the database is damaged"],
];

/** The reason without the path that system errors contain. */
function whyOf(error: unknown): string {
  const text = error instanceof Error ? `${"code" in error ? error.code : ""} ${error.message}` : "";
  return signs.find(([sign]) => sign.test(text))?.[1] ?? "the data folder takes no writes: its log says why";
}
