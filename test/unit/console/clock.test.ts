import { expect, it, vi } from "vitest";
import { openPage } from "./support.ts";

const hour = 3_600_000;

/** A page whose server has another clock, and can be reached or not. */
async function openOn() {
  const server = { isThere: true, asked: 0, begins: Date.now(), time: () => 0, meanwhile: () => {} };
  await openPage(({ path }) => {
    if (path !== "/v1/me") return 503;
    server.asked++;
    server.meanwhile();
    return server.isThere ? { key: {}, server: {}, now: new Date(server.time()).toISOString() } : 503;
  });
  const since = performance.now();
  server.time = () => server.begins + (performance.now() - since);
  const { now, runClock, serverTime } = await import("../../../packages/console/src/state/clock.ts");
  const { askTime } = await import("../../../packages/console/src/state/session.ts");
  await askTime();
  runClock(askTime);
  server.asked = 0;
  const off = () => Math.round(Math.abs(now.value - server.time()) / hour);
  const awayMs = () => Math.abs(serverTime() - server.time());
  return { server, off, askTime, awayMs };
}

it("has the server's time again after the clock of the browser was set", async () => {
  const { server, off } = await openOn();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([off(), server.asked]).toEqual([0, 0]);
  vi.setSystemTime(Date.now() + 24 * hour);
  await vi.advanceTimersByTimeAsync(2000);
  expect([off(), server.asked]).toEqual([0, 1]);
});

it("has the server's time when the browser's clock is set during the answer", async () => {
  const { server, askTime, awayMs } = await openOn();
  server.meanwhile = () => vi.setSystemTime(Date.now() - 24 * hour);
  await askTime();
  expect(awayMs()).toBeLessThan(2000);
});

it("asks until the server answers", async () => {
  const { server, off } = await openOn();
  server.isThere = false;
  vi.setSystemTime(Date.now() - 24 * hour);
  await vi.advanceTimersByTimeAsync(12_000);
  expect([off(), server.asked]).toEqual([24, 3]);
  server.isThere = true;
  await vi.advanceTimersByTimeAsync(6000);
  expect(off()).toBe(0);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.asked).toBe(4);
});
