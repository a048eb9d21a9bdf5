import { existsSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Log } from "@gatepost/ingest";
import { hourMs } from "@gatepost/protocol";
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
  /** Whether the clock is believed, so that what is too old by it may be removed. */
  mayRemove?(): boolean;
}

/** What acting depends on in the file of the bridge. */
type Setting = Pick<BridgeConfig, "acting"> & {
  url: string;
  boxes: Pick<BridgeConfig["boxes"][number], "name" | "people">[];
};

/** Acts on boxes as long as the file of the bridge says so. */
export class Actor {
  readonly #folder: string;
  readonly #options: ActorOptions;
  #setting: Setting | null = null;
  #running: Pick<RunningActing, "stop"> & { status: RunningActing["status"] | null } = atRest;

  /** @param folder where orders and what is kept for an undo are, or will be */
  constructor(folder: string, options: ActorOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  /** Null where it does not act. */
  status() {
    const mode = this.#setting?.acting?.mode;
    const status = this.#running.status;
    return mode === undefined || status === null ? null : { mode, ...status() };
  }

  /** Begins anew where the file has changed in what concerns it. Must not be called again before it is done. */
  async set({ acting, cloud, boxes }: Pick<BridgeConfig, "acting" | "cloud" | "boxes">): Promise<void> {
    const setting: Setting = {
      ...(acting === undefined ? {} : { acting }),
      url: cloud.url,
      boxes: boxes.map(({ name, people }) => ({ name, ...(people === undefined ? {} : { people }) })),
    };
    if (isDeepStrictEqual(setting, this.#setting)) return;
    await this.stop();
    // What could not be begun is not what is set: it is begun when the file is read the next time.
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
      ...{ url, folder: this.#folder, clock, random, log },
      boxes: boxes.map(({ name }) => name),
      libraryOf: (box: string) => libraries.get(box) ?? null,
      ...(actEvery === undefined ? {} : { everyMs: actEvery }),
      ...(mayRemove === undefined ? {} : { mayRemove }),
    };
    return beginning(() => startActing(options), this.#options);
  }

  /** Where it does not act any more, what was kept for an undo and what waits go all the same once they are over. */
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
