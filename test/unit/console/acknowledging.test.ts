import { expect, it, onTestFinished, vi } from "vitest";
import { openPage, passing } from "./support.ts";

const event = passing("event-1", { type: "blacklist" });

/** A page on which a blacklisted person stands out, whose acknowledgement the server answers so. */
async function openOn(answer: number) {
  const page = await openPage(({ path }) => {
    if (path === "/v1/me") return { key: {}, server: {} };
    return path === "/v1/acknowledgements" ? answer : 204;
  });
  const { noteStanding, standing } = await import("../../../packages/console/src/state/live/standing.ts");
  const { isMarked } = await import("../../../packages/console/src/state/live/marked.ts");
  const { acknowledge } = await import("../../../packages/console/src/state/live/acknowledging.ts");
  noteStanding([event]);
  acknowledge([event], { reason: null, note: null });
  return { page, isMarked, standing: () => standing.value.map(({ id }) => id) };
}

it("a person whose acknowledgement the server refuses stands out again", async () => {
  const { isMarked, standing } = await openOn(409);
  expect(standing()).toEqual([]);
  await expect.poll(standing).toEqual(["event-1"]);
  expect(isMarked("event-1")).toBe(false);
});

it("an acknowledgement that the server has not taken is forgotten when the page closes", async () => {
  const { page, isMarked, standing } = await openOn(503);
  expect([standing(), isMarked("event-1")]).toEqual([[], true]);
  page.close();
  expect(isMarked("event-1")).toBe(false);
});

it("the undo of several acknowledgements ends ten seconds after the first", async () => {
  vi.useFakeTimers({ toFake: ["Date", "performance", "setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  await openOn(503);
  const { notice } = await import("../../../packages/console/src/state/notice.ts");
  const { see } = await import("../../../packages/console/src/state/live/acknowledging.ts");
  const begun = Date.now();
  const left = () => (notice.value?.undo?.until ?? 0) - begun;
  expect(left()).toBe(10_000);
  for (const [after, until] of [
    [1500, 10_000],
    [1500, 13_000],
    [1999, 13_000],
    [1, 15_000],
  ] as const) {
    vi.advanceTimersByTime(after);
    see([passing(`event-${Date.now()}`)]);
    expect(left()).toBe(until);
  }
});
