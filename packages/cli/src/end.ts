import { onShutdownSignal } from "@gatepost/http";
import { Interrupted } from "./failure.ts";

const asked = Promise.withResolvers<void>();
let isHeard = false;

/** Resolves when the process is asked to end. From the first call on, no signal for that ends it by itself any more. */
export function endAsked(): Promise<void> {
  if (!isHeard) onShutdownSignal(asked.resolve);
  isHeard = true;
  return asked.promise;
}

/** Aborted when the process is asked to end. */
export function endSignal(): AbortSignal {
  const ending = new AbortController();
  void endAsked().then(() => ending.abort());
  return ending.signal;
}

/** The result of `work`. Throws Interrupted as soon as the process is asked to end, so that the caller can clean up. */
export async function unlessEnded<Result>(work: Promise<Result>, ended: AbortSignal): Promise<Result> {
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(new Interrupted());
  if (ended.aborted) stop();
  ended.addEventListener("abort", stop);
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    ended.removeEventListener("abort", stop);
  }
}
