import { expect, it, onTestFinished, vi } from "vitest";
import { fetchInTime } from "../../../packages/console/src/state/loading.ts";

/** A line on which nothing arrives and which no side closes. Returns the end of each request that was begun on it. */
function deadLine() {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", (_: string, { signal }: RequestInit) => {
    return new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  });
  onTestFinished(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });
  return (init: RequestInit) => {
    const came: { error: unknown } = { error: null };
    void fetchInTime("/v1/boxes", init).catch((error: unknown) => {
      came.error = error;
    });
    return came;
  };
}

it("fails a read, to be repeated, if no answer begins in a minute", async () => {
  const begin = deadLine();
  const read = begin({ method: "GET" });
  await vi.advanceTimersByTimeAsync(59_000);
  expect(read.error).toBe(null);
  await vi.advanceTimersByTimeAsync(1000);
  // Not an AbortError, which means that no one waits for it any more.
  expect(read.error).toMatchObject({ name: "TimeoutError" });
});

it("waits for a change, and gives up a cancelled request at once", async () => {
  const begin = deadLine();
  const changing = begin({ method: "POST" });
  const leaving = new AbortController();
  const read = begin({ signal: leaving.signal });
  leaving.abort();
  await vi.advanceTimersByTimeAsync(120_000);
  expect([changing.error, read.error]).toEqual([null, leaving.signal.reason]);
});

it("lets an answer that has begun take any time", async () => {
  deadLine();
  let signal: AbortSignal | null | undefined;
  vi.stubGlobal("fetch", (_: string, init: RequestInit) => {
    signal = init.signal;
    return Promise.resolve(new Response("{}"));
  });
  await fetchInTime("/v1/boxes", {});
  await vi.advanceTimersByTimeAsync(120_000);
  expect(signal?.aborted).toBe(false);
});
