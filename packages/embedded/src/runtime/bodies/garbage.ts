import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const collect: () => void = (() => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
})();

/** Frees what is not used any more. V8 would wait until its heap has grown by as much again. */
export function collectGarbage(): void {
  // V8 keeps the text in which a pattern was found last, until one is found in another text.
  /a/.test("a");
  collect();
}

/** Growth by so many bytes is worth the time to look for garbage. */
const muchGrowth = 16 * 1024 * 1024;
const watchMs = 20;

let usedBefore = 0;

/** Frees what is not used any more whenever much was added during some work. */
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
