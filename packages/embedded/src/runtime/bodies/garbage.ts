import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { minuteMs, secondMs } from "@gatepost/protocol";

const collect: () => void = (() => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
})();

/** Frees unused memory. V8 would wait until its heap has grown by as much again. */
export function collectGarbage(): void {
  // V8 keeps the text in which a pattern was found last, until one is found in another text.
  /a/.test("a");
  collect();
}

/** Growth by so many bytes is worth the time to look for garbage. */
const muchGrowth = 16 * 1024 * 1024;
const watchMs = 20;

let usedBefore = 0;

/** Frees unused memory whenever much was added during some work. */
export async function collectingGarbage<Result>(work: () => Promise<Result>): Promise<Result> {
  collectGrowth();
  const watch = setInterval(collectGrowth, watchMs);
  try {
    return await work();
  } finally {
    clearInterval(watch);
  }
}

function collectGrowth(): void {
  const used = usedBytes();
  if (used > usedBefore + muchGrowth) {
    collectGarbage();
    usedBefore = usedBytes();
  } else usedBefore = Math.min(used, usedBefore);
}

function usedBytes(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

/** ms of CPU that a box may use at once, and for each ms after. */
const burstMs = minuteMs / 2;
const refill = 0.5;

/** More boxes than there are: those that have used the least are forgotten. */
const maxHolders = 10_000;

/** The CPU that each box may use for its large bodies: half of a thread over a minute. */
export class CpuShares {
  readonly #clock: () => number;
  /** ms that were used and not refilled yet, and when that was. */
  readonly #used = new Map<string, { ms: number; at: number }>();

  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  /** ms that the holder may still use; negative after a body that took more. */
  left(holder: string): number {
    const used = this.#used.get(holder);
    return used === undefined ? burstMs : burstMs - Math.max(0, used.ms - (this.#clock() - used.at) * refill);
  }

  use(holder: string, ms: number): void {
    const used = burstMs - this.left(holder) + ms;
    this.#used.delete(holder);
    this.#used.set(holder, { ms: used, at: this.#clock() });
    const [oldest] = this.#used.keys();
    if (this.#used.size > maxHolders && oldest !== undefined) this.#used.delete(oldest);
  }

  /** Seconds until a holder has something left again that has `left` ms, which is not positive. */
  secondsUntil(left: number): number {
    return Math.ceil((1 - left) / refill / secondMs);
  }
}
