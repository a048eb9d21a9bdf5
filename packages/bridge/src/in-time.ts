/**
 * Runs something with a signal that aborts with `signal`, or after `ms`. `AbortSignal.any` would keep its timer in
 * memory until it is collected; here nothing is left at the end.
 */
export async function inTime<T>(ms: number, signal: AbortSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const own = new AbortController();
  const stop = () => own.abort(signal.reason);
  const timer = setTimeout(() => own.abort(new Error(`no answer within ${ms / 1000} s`)), ms);
  signal.addEventListener("abort", stop);
  try {
    signal.throwIfAborted();
    return await run(own.signal);
  } catch (error) {
    // The error of an aborted operation says only that it was aborted, so the reason is thrown.
    throw own.signal.aborted ? own.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
