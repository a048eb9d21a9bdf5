import { join } from "node:path";
import type { Log } from "@gatepost/core/log";
import type { Clock } from "../clock.ts";
import { makeFolder } from "../folder.ts";
import type { PersonLibrary } from "../people/library.ts";
import { supervise } from "../supervise.ts";
import { BoxWorker } from "./box-worker.ts";
import { CloudError, CloudOrders } from "./cloud-orders.ts";
import { KeptFiles } from "./kept-files.ts";
import { KeyCheck } from "./key-check.ts";
import { diskFailure, openOrders } from "./open-orders.ts";
import type { OrderSpool } from "./order-spool.ts";
import { automaticOrder, ordersIn, removalOrder } from "./orders.ts";
import { reportAll } from "./reports.ts";
import type { Order } from "./task.ts";
import { Watch } from "./watch.ts";

export interface ActingOptions {
  /**
   * `automatic`: photos that a box asks for are accepted without a person if the box says that the faces are the same.
   */
  mode: "review" | "automatic";
  /** The address of the cloud, and a read key that is limited to these boxes. */
  url: string;
  token: string;
  boxes: readonly string[];
  /** The person library of a box; null if it has none. */
  libraryOf(box: string): PersonLibrary | null;
  /** The folder with the orders and the old states kept for undos. */
  folder: string;
  clock: Clock;
  random: () => number;
  log: Log;
  /** ms between two requests for orders. */
  everyMs?: number | undefined;
  /** Whether the clock is trusted, so that old data may be removed or given up. */
  mayRemove?: (() => boolean) | undefined;
}

export interface RunningActing {
  /**
   * How many tasks wait; why the last request to the cloud or write to the disk failed (null: none failed); which boxes
   * no order can reach (null: none); and the loss at the start by a damaged file (null: none).
   */
  status(): { waiting: number; lastError: string | null; keyProblem: string | null; damage: string | null };
  stop(): Promise<void>;
}

/**
 * At each look, at least so many of the actions with waiting tasks or kept states are checked for whether they still
 * exist, in turn. All of them are checked within so many looks: in ten minutes.
 */
const asksPerLook = 5;
const looksForAll = 60;

/**
 * Carries out on boxes what people have approved: asks for orders every 10 s, stores each on disk before anything is
 * done, and tells the cloud the result.
 *
 * @example
 * const acting = startActing({ mode: "review", url, token, boxes: ["gate-1"], libraryOf, folder, clock, random, log });
 * await acting.stop();
 */
export function startActing(options: ActingOptions): RunningActing {
  const { url, token, boxes, folder, clock, log, everyMs = 10_000, mayRemove = () => true } = options;
  makeFolder(folder);
  const kept = new KeptFiles(join(folder, "kept"), clock.now, mayRemove);
  const { spool, damage } = openOrders(join(folder, "orders.db"), { now: clock.now, log });
  const cloud = new CloudOrders(url, token);
  const libraryBoxes = boxes.filter((box) => options.libraryOf(box) !== null);
  const key = new KeyCheck({ cloud, boxes: libraryBoxes, now: clock.now, log });
  const looking = new Looking({ ...options, mayRemove, spool, kept, cloud, key });
  const stopped = new AbortController();
  const workers = boxes.map((box) => {
    const deps = { spool, kept, cloud, libraryOf: options.libraryOf, now: clock.now, mayRemove };
    return new BoxWorker({ ...deps, box, clock, random: options.random, log, ended: () => looking.hurry() });
  });
  looking.wakeAll = () => workers.forEach((worker) => void worker.wake());
  const jobs = [
    supervise((signal) => looking.run(everyMs, signal), options, stopped.signal),
    ...workers.map((worker) => supervise((signal) => worker.run(signal), options, stopped.signal)),
  ];
  return {
    status: () => ({
      waiting: spool.waiting(),
      lastError: looking.lastError ?? workers.find((worker) => worker.diskFailure !== null)?.diskFailure ?? null,
      keyProblem: key.problem,
      damage,
    }),
    async stop() {
      stopped.abort();
      await Promise.all(jobs);
      spool.close();
    },
  };
}

interface LookingDeps extends ActingOptions {
  spool: OrderSpool;
  kept: KeptFiles;
  cloud: CloudOrders;
  key: KeyCheck;
  mayRemove(): boolean;
}

/** Takes orders from the cloud, and reports their results. */
class Looking {
  readonly #deps: LookingDeps;
  wakeAll: () => void = () => {};
  #hurry: () => void = () => {};
  #lastError: string | null = null;
  #asked = 0;
  readonly #watch = new Watch();

  constructor(deps: LookingDeps) {
    this.#deps = deps;
  }

  get lastError(): string | null {
    return this.#lastError;
  }

  /** Starts the next look at once. */
  hurry(): void {
    this.#hurry();
  }

  async run(everyMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const hurried = new AbortController();
      this.#hurry = () => hurried.abort();
      signal.addEventListener("abort", this.#hurry);
      await this.#look(signal);
      await this.#deps.clock.sleep(everyMs, hurried.signal);
      signal.removeEventListener("abort", this.#hurry);
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { log } = this.#deps;
    try {
      await this.#deps.key.look(signal);
      const failure = await reportAll({ ...this.#deps, now: this.#deps.clock.now }, signal);
      await this.#takeOrders(signal);
      await this.#forget(signal);
      if (failure !== null) throw failure;
      if (this.#lastError !== null) log.info("the cloud answers again");
      this.#lastError = null;
    } catch (error) {
      // Another bridge may have replaced this one meanwhile.
      this.#watch.end();
      if (signal.aborted) return;
      const why = error instanceof CloudError ? error.message : diskFailure(error);
      if (why === null) throw error;
      if (why !== this.#lastError) log.warn("no orders can be had", { why });
      this.#lastError = why;
    }
  }

  async #takeOrders(signal: AbortSignal): Promise<void> {
    const { spool, cloud, boxes, mode, clock, libraryOf } = this.#deps;
    const isOwn = (box: string) => boxes.includes(box);
    const orders: Order[] = (await cloud.ordered(signal)).flatMap((action) => ordersIn(action, isOwn));
    const { answeredAt } = cloud;
    const removals = (await cloud.removals(signal)).filter(({ box }) => isOwn(box));
    orders.push(...removals.map(removalOrder));
    if (mode === "automatic") {
      const asked = (await cloud.asked(signal)).flatMap((action) => automaticOrder(action, clock.now()) ?? []);
      orders.push(...asked.filter(({ box }) => isOwn(box) && libraryOf(box) !== null));
    }
    const watchedSince = this.#watch.look(answeredAt);
    const taken = orders.filter((order) => spool.take(order, watchedSince));
    if (taken.length > 0) this.wakeAll();
  }

  /** Forgets ended tasks, and actions that were erased in the cloud. */
  async #forget(signal: AbortSignal): Promise<void> {
    const { spool, kept, cloud, boxes, mayRemove } = this.#deps;
    // An undo of a forgotten order must not be taken for the undo of an order that was never carried out.
    if (mayRemove() && spool.prune(boxes) > 0) this.#watch.end();
    const refs = [...new Set([...kept.expire(), ...spool.waitingActions()])];
    const asks = Math.max(asksPerLook, Math.ceil(refs.length / looksForAll));
    const begin = refs.length === 0 ? 0 : this.#asked % refs.length;
    this.#asked = begin + asks;
    for (const ref of refs.slice(begin, begin + asks)) {
      if (await cloud.isThere(ref, signal)) continue;
      kept.removeAll(ref);
      spool.drop(ref);
    }
  }
}
