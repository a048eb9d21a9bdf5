/** In this an answer begins, also one that the server has much to read for. */
const maxMs = 60_000;

/**
 * Fetches, and gives up what is only read where no answer has begun within a minute. On a line that is dead though
 * nobody closed it, a browser waits for a quarter of an hour, and what a page shows would be as old. What changes
 * something is waited for: it may have been done.
 */
export async function fetchInTime(url: string, init: RequestInit): Promise<Response> {
  if ((init.method ?? "GET") !== "GET") return fetch(url, init);
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new DOMException("no answer came", "TimeoutError")), maxMs);
  const signals = [late.signal, init.signal].filter((signal) => signal instanceof AbortSignal);
  try {
    return await fetch(url, { ...init, signal: AbortSignal.any(signals) });
  } finally {
    clearTimeout(timer);
  }
}
