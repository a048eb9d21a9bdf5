const firstPauseMs = 500;
const maxPauseMs = 30_000;

/** ms before the next try: 0.5 s, doubled with each failed try up to 30 s; up to half of it is taken off by chance. */
export function pauseBefore(tries: number, random: number): number {
  const pause = Math.min(maxPauseMs, firstPauseMs * 2 ** Math.min(tries, 16));
  return Math.round(pause * (0.5 + random / 2));
}

/** Bounds of what an answer may ask for: a timer of more than 24 days would fire at once. */
const minAskedMs = 500;
const maxAskedMs = 86_400_000;

/** ms before the next try, if an answer asks to wait so many seconds; else `otherwise`. */
export function pauseAsked(retryAfter: number | null, otherwise: number): number {
  return retryAfter === null ? otherwise : Math.min(Math.max(minAskedMs, retryAfter * 1000), maxAskedMs);
}

/** Resolves after so many ms, or at once when `signal` is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, Math.max(0, ms));
    signal?.addEventListener("abort", end);
  });
}
