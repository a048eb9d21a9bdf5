import { type Random, seededFor, whole } from "../../packages/simulator/src/random.ts";
import type { Recording } from "./recording.ts";

/** The calls that may fail: those that write, and those that sync. */
const names = ["fsync", "fdatasync", "pwrite64", "pwritev", "ftruncate", "rename", "unlink"];

/** The disk fails, or it is full. */
const errors = ["EIO", "ENOSPC"];

/** One call of a scene that fails. */
export interface Failing {
  of: Recording;
  /** In the syntax of `strace --inject`. */
  fault: string;
}

/**
 * Every call of the recorded scenes that may fail. The scenes take turns; the calls of one scene are in random order.
 *
 * @param at the name of the only call; null for all
 */
export function* failingCalls(
  recordings: readonly Recording[],
  { seed, at }: { seed: number; at: string | null },
): Generator<Failing> {
  const queues = recordings.map((of) => faultsOf(of, at, seededFor(seed, `faults of ${of.scene.name}`)));
  for (let turn = 0; queues.some((queue) => turn < queue.length); turn++) {
    yield* queues.flatMap((queue) => queue[turn] ?? []);
  }
}

function faultsOf(of: Recording, at: string | null, random: Random): Failing[] {
  const faults = [...of.counts].flatMap(([name, count]) =>
    names.includes(name) && (at === null || name === at)
      ? errors.flatMap((error) =>
          Array.from({ length: count }, (_, n) => ({ of, fault: `${name}:error=${error}:when=${n + 1}` })),
        )
      : [],
  );
  return faults
    .map((fault) => ({ fault, place: whole(0, 2 ** 31, random) }))
    .sort((a, b) => a.place - b.place)
    .map(({ fault }) => fault);
}
