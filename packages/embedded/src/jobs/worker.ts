import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import { failJob, type Job, type JobDeps, notBefore, runSlice, type SliceLimits } from "@gatepost/api";
import type { JobQueue } from "@gatepost/core/jobs";

const limits: SliceLimits = { events: 1000, records: 20, bytes: 64 * 1024 * 1024 };

/**
 * How many times in a row a slice may fail, and ms of the first pause after that. Each further pause is twice as long.
 */
const maxTries = 6;
const firstPauseMs = 500;

/** Does the jobs of one machine, a slice of each in turn. If the process ends, the next one continues them. */
export class JobWorker implements JobQueue {
  readonly #deps: () => JobDeps;
  readonly #limits: SliceLimits;
  readonly #pauseMs: number;
  readonly #stop = new AbortController();
  readonly #failures = new Map<string, number>();
  /** The slices that are being done, by their jobs. */
  readonly #slices = new Map<string, Promise<boolean>>();
  #running: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #isAskedAgain = false;

  /** @param deps called when there is work: they need this queue themselves */
  constructor(deps: () => JobDeps, limitsOfSlice: SliceLimits = limits, pauseMs = firstPauseMs) {
    this.#deps = deps;
    this.#limits = limitsOfSlice;
    this.#pauseMs = pauseMs;
  }

  /** Never rejects: its caller does not wait for the jobs. Jobs that failed now are tried again at the next call. */
  async push(): Promise<void> {
    this.#isAskedAgain = true;
    this.#running ??= this.#run()
      .catch((cause: unknown) => this.#deps().log.error("jobs could not be done, trying again", { cause }))
      .finally(() => {
        this.#running = null;
        if (this.#isAskedAgain && !this.#stop.signal.aborted) void this.push();
      });
  }

  async alone(id: string, slice: () => Promise<boolean>): Promise<boolean> {
    const other = this.#slices.get(id);
    if (other !== undefined) {
      // Its failure is logged by the code that began it.
      await Promise.allSettled([other]);
      return true;
    }
    const begun = slice();
    this.#slices.set(id, begun);
    try {
      return await begun;
    } finally {
      this.#slices.delete(id);
    }
  }

  /** Resolves once the slice in progress is noted. */
  async close(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    this.#isAskedAgain = false;
    for (;;) {
      const { jobs, clock } = this.#deps();
      const open = await jobs.store.unended();
      const now = clock();
      const dueAt = (job: Job) => notBefore(job, now);
      const due = open.filter((job) => dueAt(job) <= now);
      if (due.length === 0) return this.#pushAt(open.map(dueAt), now);
      for (const { id } of due) {
        if (this.#stop.signal.aborted) return;
        await this.#slice(id);
        await nextTurn();
      }
    }
  }

  /** Continues at the earliest of some times (ms since 1970), if there are any. */
  #pushAt(times: readonly number[], now: number): void {
    clearTimeout(this.#timer);
    if (times.length === 0 || this.#stop.signal.aborted) return;
    this.#timer = setTimeout(() => void this.push(), Math.min(...times) - now).unref();
  }

  async #slice(id: string): Promise<void> {
    const deps = this.#deps();
    try {
      await this.alone(id, () => runSlice(id, deps, this.#limits));
      this.#failures.delete(id);
    } catch (cause) {
      const failures = (this.#failures.get(id) ?? 0) + 1;
      this.#failures.set(id, failures);
      deps.log.error("a job failed, trying again", { id, cause });
      if (failures >= maxTries) await failJob(id, deps, cause);
      else await pause(this.#pauseMs * 2 ** (failures - 1), null, { signal: this.#stop.signal }).catch(() => {});
    }
  }
}
