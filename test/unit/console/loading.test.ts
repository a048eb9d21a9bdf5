import { beforeEach, describe, expect, it, vi } from "vitest";
import { openPage } from "./support.ts";

const seconds = 1000;

describe("a page that asks again and again", () => {
  let hide: (isHidden: boolean) => void;
  let asked: number;
  beforeEach(async () => {
    ({ hide } = await openPage(() => 404));
    asked = 0;
  });
  const keep = async (every: number | ((value: number) => number)) => {
    const { keepLoaded } = await import("../../../packages/console/src/state/loading.ts");
    const nothing = { value: null, failure: null, isLoading: true, retryAt: null };
    const state: Parameters<typeof keepLoaded<number>>[0] = { value: nothing };
    return keepLoaded(state, async () => ++asked, { every });
  };

  it("asks nothing while the page is hidden, and at once when it is shown", async () => {
    const end = await keep(10 * seconds);
    await vi.advanceTimersByTimeAsync(20 * seconds);
    expect(asked).toBe(3);
    hide(true);
    await vi.advanceTimersByTimeAsync(3600 * seconds);
    expect(asked).toBe(3);
    hide(false);
    await vi.advanceTimersByTimeAsync(0);
    expect(asked).toBe(4);
    await vi.advanceTimersByTimeAsync(10 * seconds);
    expect(asked).toBe(5);
    end();
  });

  it("asks no sooner because it was hidden in between, and never once it is left", async () => {
    const end = await keep(10 * seconds);
    await vi.advanceTimersByTimeAsync(seconds);
    hide(true);
    hide(false);
    await vi.advanceTimersByTimeAsync(seconds);
    expect(asked).toBe(1);
    hide(true);
    await vi.advanceTimersByTimeAsync(20 * seconds);
    end();
    hide(false);
    await vi.advanceTimersByTimeAsync(20 * seconds);
    expect(asked).toBe(1);
  });

  it("asks as often as before after one refusal in between", async () => {
    const { keepLoaded } = await import("../../../packages/console/src/state/loading.ts");
    const { Refusal } = await import("@gatepost/client");
    const state: Parameters<typeof keepLoaded<number>>[0] = {
      value: { value: null, failure: null, isLoading: true, retryAt: null },
    };
    const facts = { status: 404, asked: "", code: null, isProblem: false, retryAfter: null };
    const ask = async () => {
      if (++asked === 2) throw new Refusal("Not Found", facts);
      return asked;
    };
    const end = keepLoaded(state, ask, { every: 10 * seconds });
    await vi.advanceTimersByTimeAsync(10 * seconds);
    expect([state.value.value, state.value.failure?.status]).toEqual([1, 404]);
    await vi.advanceTimersByTimeAsync(10 * seconds);
    expect([state.value.value, state.value.failure]).toEqual([3, null]);
    end();
  });

  it("waits for longer if the value asks for it", async () => {
    const end = await keep((value) => value * 10 * seconds);
    await vi.advanceTimersByTimeAsync(30 * seconds);
    expect(asked).toBe(3);
    await vi.advanceTimersByTimeAsync(20 * seconds);
    expect(asked).toBe(3);
    end();
  });

  it("asks for boxes every ten seconds, and for each 200 of them so much later", async () => {
    const { goodForMs } = await import("../../../packages/console/src/state/boxes/list-boxes.ts");
    const boxes = (length: number) => ({ boxes: { length }, isWhole: true }) as Parameters<typeof goodForMs>[0];
    expect([0, 1, 200, 201, 1000].map((length) => goodForMs(boxes(length)))).toEqual(
      [10, 10, 10, 20, 50].map((s) => s * seconds),
    );
  });
});
