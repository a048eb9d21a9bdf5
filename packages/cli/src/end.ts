import { Interrupted } from "./failure.ts";

const asked = Promise.withResolvers<void>();
let isHeard = false;

/** Resolves when the process is asked to end; asked again, it goes on ending. From then on it does not end by itself. */
export function endAsked(): Promise<void> {
  if (!isHeard) for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => asked.resolve());
  isHeard = true;
  return asked.promise;
}

/** Aborted when the process is asked to end: whoever has it sees to that. */
export function endSignal(): AbortSignal {
  const ending = new AbortController();
  void endAsked().then(() => ending.abort());
  return ending.signal;
}

/** What `work` comes to. Throws Interrupted as soon as the process is asked to end, so that what was made is removed. */
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
