import { afterEach, describe, expect, it, vi } from "vitest";
import { Retries } from "../../../packages/aws/src/runtime/clients.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const pausesOf = async (errorType: string, { maxAttempts = 3, limit = 700 } = {}) => {
  const retries = new Retries({ maxAttempts, limit });
  let token = await retries.acquireInitialRetryToken("dynamodb");
  const pauses: number[] = [];
  try {
    for (;;) {
      token = await retries.refreshRetryTokenForRetry(token, { errorType });
      pauses.push(token.getRetryDelay());
    }
  } catch {
    return pauses;
  }
};

describe("a call that was throttled, or failed on its way,", () => {
  it.each(["THROTTLING", "TRANSIENT"])("is tried three times in all (%s)", async (errorType) => {
    expect(await pausesOf(errorType)).toHaveLength(2);
    expect(await pausesOf(errorType, { maxAttempts: 2 })).toHaveLength(1);
  });

  it("waits longer each time, and together less than a third of its limit", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.999999);
    const [first = 0, second = 0] = await pausesOf("THROTTLING");
    expect(second).toBeCloseTo(2 * first);
    expect(first + second).toBeGreaterThan(200);
    expect(first + second).toBeLessThan(700 / 3);
  });

  it("does not wait as long as others that were refused with it", async () => {
    const firsts = await Promise.all(Array.from({ length: 50 }, async () => (await pausesOf("THROTTLING"))[0]));
    expect(new Set(firsts).size).toBeGreaterThan(40);
    expect(Math.min(...firsts.map(Number))).toBeLessThan(35);
  });
});

it.each(["CLIENT_ERROR", "SERVER_ERROR"])("a call that failed for good (%s) is not tried again", async (errorType) => {
  expect(await pausesOf(errorType)).toEqual([]);
});

describe("a client that fails again and again", () => {
  const retry = async (retries: Retries, times: number): Promise<number> => {
    let made = 0;
    for (let n = 0; n < times; n += 1) {
      const token = await retries.acquireInitialRetryToken("dynamodb");
      const retried = retries.refreshRetryTokenForRetry(token, { errorType: "TRANSIENT" });
      made += await retried.then(
        () => 1,
        () => 0,
      );
    }
    return made;
  };

  it("makes fifty retries, and then one for two successes", async () => {
    const retries = new Retries({ maxAttempts: 3, limit: 700 });
    expect(await retry(retries, 200)).toBe(50);
    for (let n = 0; n < 20; n += 1) retries.recordSuccess();
    expect(await retry(retries, 200)).toBe(10);
  });

  it("saves up no more than fifty retries", async () => {
    const retries = new Retries({ maxAttempts: 3, limit: 700 });
    for (let n = 0; n < 1000; n += 1) retries.recordSuccess();
    expect(await retry(retries, 200)).toBe(50);
  });
});
