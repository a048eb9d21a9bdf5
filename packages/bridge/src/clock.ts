import { setTimeout as sleepFor } from "node:timers/promises";

/** The time of the bridge; tests bring their own. */
export interface Clock {
  /** ms since 1970. */
  now(): number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: Date.now,
  async sleep(ms, signal) {
    try {
      await sleepFor(ms, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  },
};

/**
 * Runs something with a signal that aborts with `signal`, or after `ms`. `AbortSignal.any` would keep its timer in
 * memory until it is collected; here nothing is left at the end.
 */
export async function inTime<T>(ms: number, signal: AbortSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const timeout = new AbortController();
  const stop = () => timeout.abort(signal.reason);
  const timer = setTimeout(() => timeout.abort(new Error(`no answer within ${ms / 1000} s`)), ms);
  signal.addEventListener("abort", stop);
  try {
    signal.throwIfAborted();
    return await run(timeout.signal);
  } catch (error) {
    // The error of an aborted operation says only that it was aborted, so the reason is thrown.
    throw timeout.signal.aborted ? timeout.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
