import { stat } from "node:fs/promises";
import { join } from "node:path";
import { reservedBytes } from "@gatepost/sqlite";
import { expect, it, vi } from "vitest";
import { Pipelines } from "../../../packages/bridge/src/pipelines.ts";
import { SubscribedTerminals } from "../../../packages/bridge/src/relay/subscribed-terminals.ts";
import { upkeep } from "../../../packages/bridge/src/upkeep.ts";
import { atEnd, ManualClock, temporary, until } from "../../unit/simulator/support.ts";
import { reportOf, spoolIn } from "./support.ts";

const minute = 60_000;
const day = 24 * 60 * minute;
/** The number of jobs that sleep when there is no work. */
const jobs = 3;

/** A spool of ten bytes at most that has lost one report, and whose upkeep has begun. */
async function keptUp() {
  const folder = await temporary();
  const clock = new ManualClock();
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const spool = await spoolIn(folder, { maxBytes: 10 }, clock.now);
  const lose = () => spool.append(reportOf("gate-1", "x".repeat(10)));
  for (let appended = 0; appended < 2; appended++) await lose();
  const subscribed = new SubscribedTerminals();
  const pipelines = new Pipelines({ spool, clock, random: () => 0, log, settle: 0, lookEvery: minute, subscribed });
  const wake = vi.spyOn(pipelines, "wake");
  atEnd(upkeep(spool, pipelines, { clock, log }));
  await until(() => clock.sleepers === jobs);
  const passes = async (ms: number) => {
    clock.move(ms);
    await until(() => clock.sleepers === jobs);
  };
  return { folder, clock, log, spool, lose, passes, wake };
}

it("logs each lost report once, and none that an earlier run lost", async () => {
  const { log, lose, passes } = await keptUp();
  await passes(minute);
  expect(log.error).not.toHaveBeenCalled();
  for (let lost = 0; lost < 2; lost++) await lose();
  for (let minutes = 0; minutes < 3; minutes++) await passes(minute);
  await lose();
  await passes(minute);
  expect(log.error.mock.calls.map(([, facts]) => facts)).toEqual([{ reports: 2 }, { reports: 1 }]);
});

it("logs once that the clock has jumped, until it is trusted again", async () => {
  const { log, passes } = await keptUp();
  await passes(20 * day);
  for (let minutes = 0; minutes < 3; minutes++) await passes(minute);
  expect(log.warn).toHaveBeenCalledOnce();
});

it("wakes the senders when another program has written into the spool, and not each second", async () => {
  const { folder, clock, passes, wake } = await keptUp();
  for (let seconds = 0; seconds < 3; seconds++) await passes(1000);
  expect(wake).not.toHaveBeenCalled();
  await (await spoolIn(folder, {}, clock.now)).append(reportOf("gate-1", "new"));
  for (let seconds = 0; seconds < 3; seconds++) await passes(1000);
  expect(wake).toHaveBeenCalledOnce();
});

it("reserves room for the writes that a full disk must still take", async () => {
  const { folder } = await keptUp();
  expect((await stat(join(folder, "reserve"))).size).toBe(reservedBytes);
});
