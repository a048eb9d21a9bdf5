import { systemClock } from "@gatepost/simulator";
import type { Rehearsal } from "../rehearsal/rehearsal.ts";

/** ms between two times that a schedule fires: it is deployed with a minute, which would make the end wait for it. */
const every = 10_000;

/** Fires the schedules of a rehearsal, over and over. */
export class Sweeping {
  readonly counts = { sweeps: 0, "sweeps that failed": 0 };
  readonly #stopped = new AbortController();
  readonly #running: Promise<void>;

  constructor(rehearsal: Rehearsal) {
    this.#running = this.#run(rehearsal);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #run({ schedules, fire }: Rehearsal): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      for (const { status } of await Promise.allSettled(schedules.map(fire))) {
        this.counts[status === "fulfilled" ? "sweeps" : "sweeps that failed"] += 1;
      }
      await systemClock.sleep(every, signal);
    }
  }
}
