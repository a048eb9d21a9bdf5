/**
 * Runs something under a signal that aborts with `signal`, or after `ms`. A composed signal would stay in memory, with
 * its timer, until somebody collects it: of this nothing is left when it is over.
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
    // What is interrupted says that, and not why.
    throw own.signal.aborted ? own.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
