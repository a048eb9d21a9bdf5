import { existsSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Log } from "@gatepost/core/log";
import { hourMs, omitAbsent } from "@gatepost/protocol";
import type { Clock } from "../clock.ts";
import type { BridgeConfig } from "../config/schema.ts";
import { openPeople } from "../people/open.ts";
import { supervise } from "../supervise.ts";
import { type RunningActing, startActing } from "./acting.ts";
import { beginning } from "./beginning.ts";
import { KeptFiles } from "./kept-files.ts";
import { openOrders } from "./open-orders.ts";

interface ActorOptions {
  clock: Clock;
  random: () => number;
  log: Log;
  actEvery?: number;
  /** Whether the clock is trusted, so that old data may be removed. */
  mayRemove?(): boolean;
}

/** The settings of the bridge that concern acting. */
type Setting = Pick<BridgeConfig, "acting"> & {
  url: string;
  boxes: Pick<BridgeConfig["boxes"][number], "name" | "people">[];
};

/** Acts on boxes while the configuration of the bridge enables it. */
export class Actor {
  readonly #folder: string;
  readonly #options: ActorOptions;
  #setting: Setting | null = null;
  #running: Pick<RunningActing, "stop"> & { status: RunningActing["status"] | null } = atRest;

  /** @param folder for orders and the old states kept for undos; it need not exist yet */
  constructor(folder: string, options: ActorOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  /** Null if it does not act. */
  status() {
    const mode = this.#setting?.acting?.mode;
    const status = this.#running.status;
    return mode === undefined || status === null ? null : { mode, ...status() };
  }

  /** Restarts if the settings for acting have changed. Do not call it again before it has resolved. */
  async set({ acting, cloud, boxes }: Pick<BridgeConfig, "acting" | "cloud" | "boxes">): Promise<void> {
    const setting: Setting = {
      ...omitAbsent({ acting }),
      url: cloud.url,
      boxes: boxes.map(({ name, people }) => ({ name, ...omitAbsent({ people }) })),
    };
    if (isDeepStrictEqual(setting, this.#setting)) return;
    await this.stop();
    // After a failed start, nothing counts as set: it is started when the file is read again.
    this.#setting = null;
    this.#running = acting === undefined ? this.#forget() : this.#start({ ...setting, acting });
    this.#setting = setting;
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = atRest;
    await running.stop();
  }

  #start({ acting, url, boxes }: Setting & { acting: NonNullable<Setting["acting"]> }): RunningActing {
    const { clock, random, log, actEvery, mayRemove } = this.#options;
    const libraries = new Map(
      boxes.map(({ name, people }) => [name, people && openPeople(people, { now: clock.now })]),
    );
    const options = {
      ...acting,
      url,
      folder: this.#folder,
      clock,
      random,
      log,
      boxes: boxes.map(({ name }) => name),
      libraryOf: (box: string) => libraries.get(box) ?? null,
      everyMs: actEvery,
      mayRemove,
    };
    return beginning(() => startActing(options), this.#options);
  }

  /** After acting is switched off, kept states and waiting tasks are still removed when they are over. */
  #forget(): typeof atRest {
    const { clock, log, mayRemove = () => true } = this.#options;
    const stopped = new AbortController();
    const job = supervise(
      async (signal) => {
        while (!signal.aborted) {
          if (mayRemove()) forgetIn(this.#folder, { now: clock.now, log });
          await clock.sleep(hourMs, signal);
        }
      },
      this.#options,
      stopped.signal,
    );
    return {
      status: null,
      async stop() {
        stopped.abort();
        await job;
      },
    };
  }
}

function forgetIn(folder: string, { now, log }: { now: () => number; log: Log }): void {
  const [kept, orders] = [join(folder, "kept"), join(folder, "orders.db")];
  if (existsSync(kept)) new KeptFiles(kept, now).expire();
  if (!existsSync(orders)) return;
  const { spool } = openOrders(orders, { now, log });
  try {
    spool.prune([]);
  } finally {
    spool.close();
  }
}

const atRest: { status: RunningActing["status"] | null; stop(): Promise<void> } = {
  status: null,
  stop: async () => {},
};
