import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { KeptFiles } from "../../../packages/bridge/src/acting/kept-files.ts";
import { ManualClock, temporary, until } from "../../unit/simulator/support.ts";
import { reportOf, running, spoolIn } from "./support.ts";

const day = 24 * 60 * 60_000;
const minute = 60_000;

/** A spool that keeps reports for 14 days, with three in it, whose clock and whose running time tests move apart. */
async function threeWaiting() {
  const folder = await temporary();
  const clock = new ManualClock();
  let ran = 0;
  const open = () => spoolIn(folder, { maxAge: 14 * day }, clock.now, () => ran);
  const spool = await open();
  await spool.expire();
  for (const body of ["a", "b", "c"]) await spool.append(reportOf("gate-1", body));
  const runs = async (ms: number, one = spool) => {
    for (let done = 0; done < ms; done += 30 * minute) {
      clock.move(30 * minute);
      ran += 30 * minute;
      await one.expire();
    }
  };
  return { spool, clock, runs, open };
}

it.each([
  ["was 20 days behind and is set right", 20 * day],
  ["goes 15 days ahead", 15 * day],
])("a clock that %s removes no waiting report until a day has run", async (_, jump) => {
  const { spool, clock, runs } = await threeWaiting();
  clock.move(jump);
  await spool.append(reportOf("gate-1", "d"));
  await spool.expire();
  expect(spool.counts.of("gate-1")).toMatchObject({ waiting: 4, "dropped-age": 0 });
  await runs(day - 30 * minute);
  expect(spool.counts.of("gate-1")).toMatchObject({ waiting: 4, "dropped-age": 0 });
  await runs(30 * minute);
  expect(spool.counts.of("gate-1")).toMatchObject({ waiting: 1, "dropped-age": 3 });
});

it("a clock jump between two runs removes no waiting report for a day either", async () => {
  const { spool, clock, runs, open } = await threeWaiting();
  await spool.close();
  clock.move(20 * day);
  const second = await open();
  await second.append(reportOf("gate-1", "d"));
  await second.expire();
  await runs(day / 2, second);
  await second.close();
  const third = await open();
  await third.expire();
  expect(third.counts.of("gate-1")).toMatchObject({ waiting: 4, "dropped-age": 0 });
  await runs(day / 2, third);
  expect(third.counts.of("gate-1")).toMatchObject({ waiting: 1, "dropped-age": 3 });
});

it("a clock that is set back also pauses removal for a day", async () => {
  const { spool, clock, runs } = await threeWaiting();
  expect(spool.mayRemove).toBe(true);
  clock.move(-20 * day);
  expect(spool.mayRemove).toBe(false);
  await runs(day + 30 * minute);
  expect(spool.mayRemove).toBe(true);
});

it("a bridge whose clock jumps keeps its reports and undo states, and logs it", async () => {
  const clock = new ManualClock();
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const folder = join(await temporary(), "spool");
  const path = join(folder, "acting", "kept");
  const { relay, status } = await running(
    { cloud: "http://127.0.0.1:1", folder, boxes: { "gate-1": null } },
    { clock, log },
  );
  new KeptFiles(path, clock.now).put("act_1", "gate-1", { generation: "C", personId: "7", before: null });
  const post = async () => (await fetch(`${relay("gate-1")}/RealTimeEvent`, { method: "POST", body: "{}" })).status;
  for (let posted = 0; posted < 3; posted++) expect(await post()).toBe(200);
  clock.move(20 * day);
  expect(await post()).toBe(200);
  await until(() => log.warn.mock.calls.some(([line]) => line.startsWith("the clock has jumped")));
  expect(status().boxes[0]).toMatchObject({ waiting: 4, "dropped-age": 0 });
  expect(readdirSync(path)).toHaveLength(1);
});
