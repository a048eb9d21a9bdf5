const firstPause = 500;
const longestPause = 30_000;

/** ms before the next try: 0.5 s, doubled with each that failed up to 30 s, and the half of it by chance. */
export function pauseBefore(tries: number, random: number): number {
  const pause = Math.min(longestPause, firstPause * 2 ** Math.min(tries, 16));
  return Math.round(pause * (0.5 + random / 2));
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
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end);
  });
}
