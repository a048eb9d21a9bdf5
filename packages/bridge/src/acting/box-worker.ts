import type { Log } from "@gatepost/ingest";
import type { Clock } from "../clock.ts";
import { whyOf } from "../why.ts";
import { type ActDeps, act } from "./act.ts";
import { CloudError } from "./cloud-orders.ts";
import { giveUpAfterMs, type Task } from "./task.ts";

export interface BoxWorkerOptions extends ActDeps {
  box: string;
  clock: Clock;
  random: () => number;
  log: Log;
  /** Whether the clock is believed: nothing is given up before. */
  mayRemove?(): boolean;
  /** Called when a task has ended: the cloud is to hear of it soon. */
  ended(): void;
}

/** ms for one try at one box, with all that is asked of it. */
const timeoutMs = 3 * 60_000;
const firstPauseMs = 1000;
const maxPauseMs = 60_000;

/** Does at one box what is ordered, one task after the other, each until it has ended. */
export class BoxWorker {
  readonly #options: BoxWorkerOptions;
  #wake: () => void = () => {};

  constructor(options: BoxWorkerOptions) {
    this.#options = options;
  }

  /** Tells it that something new is to be done. */
  wake(): void {
    this.#wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { spool, box, clock } = this.#options;
    while (!signal.aborted) {
      const next = spool.next(box);
      const waitMs = next === null ? maxPauseMs : next.dueAt - clock.now();
      // Nothing waits for longer than the longest pause, unless the clock was set back.
      const isDue = next !== null && (waitMs <= 0 || waitMs > maxPauseMs);
      if (!isDue) await this.#rest(waitMs, signal);
      else await this.#try(next.task, signal);
    }
  }

  async #rest(ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    signal.addEventListener("abort", this.#wake);
    await this.#options.clock.sleep(ms, woken.signal);
    signal.removeEventListener("abort", this.#wake);
  }

  async #try(task: Task, signal: AbortSignal): Promise<void> {
    const { spool, kept, box, log, clock } = this.#options;
    const acted = await this.#acted(task, signal);
    if (signal.aborted) return;
    const facts = { action: task.ref, box, kind: task.kind };
    if (acted.state === "gone") {
      spool.drop(task.ref);
      kept.removeAll(task.ref);
      log.info("not done: the action was erased", facts);
      return;
    }
    if (acted.state === "later") {
      this.#postpone(task, acted.reason);
      return;
    }
    const reason = acted.state === "done" ? acted.note : acted.reason;
    spool.note(task, acted.state, reason, clock.now());
    if (task.kind === "remove" && acted.state === "done") spool.failFor(task);
    if (task.kind !== "remove" && task.kind !== "undo" && acted.state === "done") spool.overtake(task);
    log.info("acted on a box", { ...facts, state: acted.state, reason });
    this.#options.ended();
  }

  async #acted(task: Task, signal: AbortSignal): Promise<Awaited<ReturnType<typeof act>>> {
    const until = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      return await act(task, this.#options, until);
    } catch (error) {
      if (error instanceof CloudError || until.aborted) return { state: "later", reason: `${whyOf(error)}.` };
      throw error;
    }
  }

  /** Tries it again after a pause that doubles; after a week it has failed. */
  #postpone(task: Task, reason: string): void {
    const { spool, box, clock, log, random, mayRemove = () => true } = this.#options;
    const now = clock.now();
    if (now - task.takenAt > giveUpAfterMs && mayRemove()) {
      spool.note(task, "failed", `${reason} It was given up after 7 days.`, now);
      this.#options.ended();
      return;
    }
    const pause = Math.min(maxPauseMs, firstPauseMs * 2 ** Math.min(task.tries, 10)) * (0.5 + random() / 2);
    spool.note(task, "waiting", reason, Math.round(now + pause));
    if (task.kind === "remove") spool.holdBack(task, reason);
    if (task.reason !== reason) log.warn("not done yet, trying again", { action: task.ref, box, why: reason });
  }
}
