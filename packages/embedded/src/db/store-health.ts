import { statfs } from "node:fs/promises";
import type { RecordListener, ReportStore } from "@gatepost/core/arrivals";
import type { GatepostError } from "@gatepost/core/errors";
import { probedHealth, type StoreHealth } from "@gatepost/core/health";
import type { Log } from "@gatepost/core/log";
import { BrokenRow } from "@gatepost/protocol";
import { lacksInodes } from "@gatepost/sqlite";
import { diskIsFull, inodesAreUsedUp, lackOfRoom, reasonOf, todoFor } from "./store-faults.ts";

/** ms for which a failed write means that nothing can be stored, unless a later write succeeds. */
const failureMs = 5000;

/** ms for which the result of a probe is reused. */
const probeMs = 1000;

/** With less free room (bytes) the disk counts as full: a report with its pictures has half a megabyte. */
const minFreeBytes = 1024 * 1024;

interface Deps {
  /** The data folder. */
  path: string;
  /** Writes something durably into the database. */
  write(): Promise<unknown>;
  /** Throws if a file of pictures was removed or replaced. */
  checkPictures(): Promise<void>;
  log: Log;
  clock(): number;
}

/** Knows whether reports can be stored: by the writes of reports, and by a small test write when it is asked. */
export class DiskHealth implements StoreHealth {
  readonly #deps: Deps;
  readonly #probed: StoreHealth;
  readonly #concerns: (() => readonly string[])[] = [];
  readonly #failures = new Map<ReportStore, { at: number; reason: string }>();
  /** Why nothing can be stored, as it was logged last. */
  #logged: string | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#probed = probedHealth({ probe: () => this.#probe(), clock: deps.clock, keepMs: probeMs });
  }

  /** Notes each failed write of a report, and forgets it when a later write to that store succeeds. */
  noteFailures(): RecordListener {
    return {
      stored: (store) => {
        this.#failures.delete(store);
        if (this.#failures.size === 0) this.#logChange(null);
      },
      failed: (store, _, cause) => {
        // A row of one event that cannot be read keeps no other report from being stored.
        if (!(cause instanceof BrokenRow) || cause.event === null) this.#noteFailure(store, cause);
      },
    };
  }

  async reason(): Promise<string | null> {
    const reason = await this.#reason();
    this.#logChange(reason);
    return reason;
  }

  concerns(): readonly string[] {
    return this.#concerns.flatMap((source) => source());
  }

  /** Adds a source of concerns, which is asked each time. */
  addConcerns(source: () => readonly string[]): void {
    this.#concerns.push(source);
  }

  toldOf(failure: unknown): GatepostError | null {
    return lackOfRoom(failure);
  }

  async #reason(): Promise<string | null> {
    const now = this.#deps.clock();
    // The absolute value, because the clock may have been set back since the failure.
    const failed = [...this.#failures.values()].find(({ at }) => Math.abs(now - at) < failureMs);
    return failed === undefined ? this.#probed.reason() : failed.reason;
  }

  #noteFailure(store: ReportStore, error: unknown): void {
    const reason = this.#whyOf(error);
    this.#failures.set(store, { at: this.#deps.clock(), reason });
    this.#logChange(reason);
  }

  /** Logs a reason, or that there is none any more, once until it changes: each failed report logs only its cause. */
  #logChange(reason: string | null): void {
    if (reason === this.#logged) return;
    this.#logged = reason;
    const { log, path } = this.#deps;
    if (reason === null) log.info("reports can be stored again", { path });
    else log.error("nothing can be stored", { reason, path, todo: todoFor(reason) });
  }

  async #probe(): Promise<string | null> {
    try {
      const { bavail, bsize } = await statfs(this.#deps.path);
      if (bavail * bsize < minFreeBytes) return diskIsFull;
      // A write to the database makes no file, so it does not show that pictures cannot make theirs.
      if (this.#failures.size > 0 && lacksInodes(this.#deps.path)) return inodesAreUsedUp;
      await this.#deps.checkPictures();
      await this.#deps.write();
      return null;
    } catch (error) {
      return this.#whyOf(error);
    }
  }

  /** Without inodes, too, errors say that the disk is full. */
  #whyOf(error: unknown): string {
    const reason = reasonOf(error);
    return reason === diskIsFull && lacksInodes(this.#deps.path) ? inodesAreUsedUp : reason;
  }
}
