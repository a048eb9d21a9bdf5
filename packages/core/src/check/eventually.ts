import { setTimeout as sleep } from "node:timers/promises";

interface Until {
  timeoutMs: number;
  /** ms between two looks. */
  pauseMs: number;
  /** If it is aborted, the search ends: `eventually` throws its reason. */
  ended?: AbortSignal;
}

/** The result of `look`, which is called again and again; null if it finds nothing in time. */
export async function eventually<Found>(
  look: () => Promise<Found | null>,
  { timeoutMs, pauseMs, ended }: Until,
): Promise<Found | null> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    ended?.throwIfAborted();
    const found = await look();
    if (found !== null || performance.now() > deadline) return found;
    await sleep(pauseMs);
  }
}
