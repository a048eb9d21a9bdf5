import type { Log } from "@gatepost/core/log";
import { minuteMs } from "@gatepost/protocol";
import { maxPauseMs, pauseMs } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import { whyOf } from "../why.ts";
import { type ActDeps, type Acted, act } from "./act.ts";
import { CloudError } from "./cloud-orders.ts";
import { diskFailure } from "./open-orders.ts";
import { firstPauseMs, Pauses } from "./pauses.ts";
import { giveUpAfterMs, type Task } from "./task.ts";

export interface BoxWorkerOptions extends ActDeps {
  box: string;
  clock: Clock;
  random: () => number;
  log: Log;
  /** Whether the clock is believed. Nothing is given up before. */
  mayRemove?(): boolean;
  /** Called when a task has ended: the cloud should hear of it soon. */
  ended(): void;
}

/** ms for one try at one box, with all its requests. */
const timeoutMs = 3 * minuteMs;

/** Carries out the tasks of one box, one after the other, each until it has ended. */
export class BoxWorker {
  readonly #options: BoxWorkerOptions;
  readonly #pauses: Pauses;
  #wake: () => void = () => {};
  #diskFailure: string | null = null;

  constructor(options: BoxWorkerOptions) {
    this.#options = options;
    this.#pauses = new Pauses(options.random);
  }

  /** Why writing to the bridge's own disk failed in the last try; null if it did not. */
  get diskFailure(): string | null {
    return this.#diskFailure;
  }

  /** Tells the worker that there is a new task. */
  wake(): void {
    this.#wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { spool, box, clock } = this.#options;
    while (!signal.aborted) {
      const now = clock.now();
      const next = spool.next(box, this.#pauses.refs(now));
      const waitMs = next === null ? this.#pauses.restMs(now) : next.dueAt - now;
      // No pause is longer than the longest one. If it seems longer, the clock was set back.
      const isDue = next !== null && (waitMs <= 0 || waitMs > maxPauseMs);
      if (!isDue) await this.#rest(Math.min(waitMs, this.#pauses.restMs(now)), signal);
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
    const { clock } = this.#options;
    try {
      const acted = await this.#acted(task, signal);
      if (signal.aborted) return;
      this.#note(task, acted);
      this.#pauses.end(task.ref);
    } catch (error) {
      const failure = diskFailure(error);
      if (failure === null) throw error;
      this.#notice(failure);
      this.#pauses.pause(task.ref, clock.now());
    }
  }

  #notice(failure: string | null): void {
    if (failure !== null && failure !== this.#diskFailure) {
      this.#options.log.error("acting waits for the disk", { box: this.#options.box, why: failure });
    }
    this.#diskFailure = failure;
  }

  /** Notes the result of a try. Throws if the disk fails. */
  #note(task: Task, acted: Acted): void {
    const { spool, kept, box, log, clock } = this.#options;
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

  async #acted(task: Task, signal: AbortSignal): Promise<Acted> {
    const until = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      const acted = await act(task, this.#options, until);
      this.#notice(null);
      return acted;
    } catch (error) {
      const failure = diskFailure(error);
      if (failure !== null) this.#notice(failure);
      if (failure !== null) return { state: "later", reason: failure };
      if (error instanceof CloudError || until.aborted) return { state: "later", reason: `${whyOf(error)}.` };
      throw error;
    }
  }

  /** Tries again after a pause, which doubles each time. After a week the task has failed. */
  #postpone(task: Task, reason: string): void {
    const { spool, box, clock, log, random, mayRemove = () => true } = this.#options;
    const now = clock.now();
    if (now - task.takenAt > giveUpAfterMs && mayRemove()) {
      spool.note(task, "failed", `${reason} It was given up after 7 days.`, now);
      this.#options.ended();
      return;
    }
    spool.note(task, "waiting", reason, Math.round(now + pauseMs(firstPauseMs, task.tries, random)));
    if (task.kind === "remove") spool.holdBack(task, reason);
    if (task.reason !== reason) log.warn("not done yet, trying again", { action: task.ref, box, why: reason });
  }
}
