import { describe, expect, it } from "vitest";
import { Bandwidth } from "../../../packages/bridge/src/cloud/bandwidth.ts";

const hour = 3_600_000;
const { signal } = new AbortController();

/** A bandwidth on a clock that the test sets, and how long each send waits. */
function limited(perSecond: number) {
  let now = Date.UTC(2026, 2, 1, 12);
  let waited = 0;
  const clock = {
    now: () => now,
    async sleep(ms: number) {
      waited += ms;
      now += ms;
    },
  };
  const bandwidth = new Bandwidth(perSecond, clock);
  const set = (ms: number) => {
    now += ms;
  };
  /** ms that it waits for so many bytes. */
  const take = async (bytes: number) => {
    waited = 0;
    await bandwidth.take(bytes, signal);
    return waited;
  };
  return { set, take };
}

describe("the bandwidth of a bridge", () => {
  it.each([8 * hour, 30_000])("without a limit, never waits after the clock was set back by %s ms", async (ms) => {
    const { set, take } = limited(Number.POSITIVE_INFINITY);
    await take(1000);
    set(-ms);
    for (let n = 0; n < 5; n += 1) expect(await take(1000)).toBe(0);
  });

  it("is the same before and after the clock was set back", async () => {
    const { set, take } = limited(1000);
    expect(await take(2000)).toBe(0);
    expect(await take(2000)).toBe(1000);
    set(-8 * hour);
    expect(await take(2000)).toBe(2000);
    expect(await take(2000)).toBe(2000);
  });

  it("also applies to a body that takes longer than ten minutes", async () => {
    const { take } = limited(1000);
    await take(1_000_000);
    expect(await take(1)).toBe(999_000);
  });
});
