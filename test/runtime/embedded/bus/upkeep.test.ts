import { afterEach, expect, it } from "vitest";
import { type After, upkeep } from "../../../../packages/embedded/src/runtime/upkeep.ts";
import { type ClockedRuntime, clockedRuntime, hour, minute, rule } from "./clocked-runtime.ts";

let deps: ClockedRuntime;
afterEach(() => deps.close());

/** Timers that a test lets go off. */
function heldTimers() {
  const held = new Set<{ ms: number; work: () => void }>();
  const after: After = (ms, work) => {
    const timer = { ms, work };
    held.add(timer);
    return () => held.delete(timer);
  };
  const elapse = () => {
    for (const timer of [...held]) {
      held.delete(timer);
      timer.work();
    }
  };
  return { after, elapse, pauses: () => [...held].map(({ ms }) => ms).sort((a, b) => a - b) };
}

/**
 * The bus, waiting actions; visitors; actions, lost pictures, alarms, retention; the reserve, silence, jobs, the audit log,
 * the clock; exports, old jobs; expired data.
 */
const everyPause = [
  1000,
  1000,
  5000,
  10_000,
  10_000,
  10_000,
  10_000,
  ...Array(6).fill(minute),
  10 * minute,
  10 * minute,
  hour,
];

/** At the start, expired rows are left for ten seconds. */
const firstPauses = [1000, 1000, 5000, ...Array(5).fill(10_000), ...everyPause.slice(7, -1)];

const stateOf = async () =>
  (await deps.runtime.reads.actionReader.list({}, { limit: 9, cursor: null })).items[0]?.state;

it("announces and delivers pending actions for a minute, until it is ended", async () => {
  deps = await clockedRuntime();
  const hook = await deps.subscriber();
  await deps.setRules([rule("a", hook.url)]);
  const { after, elapse, pauses } = heldTimers();
  const end = upkeep({ ...deps.runtime, audit: deps.runtime.reads.audit, after });
  await expect.poll(pauses).toEqual(firstPauses);
  await deps.stored("not announced");
  elapse();
  await expect.poll(pauses).toEqual(everyPause);
  expect([await stateOf(), hook.delivered.length]).toEqual(["pending", 0]);
  await deps.advance(minute);
  elapse();
  await expect.poll(() => hook.delivered.length).toBe(1);
  await expect.poll(stateOf).toBe("announced");
  await expect.poll(pauses).toEqual(everyPause);
  await end();
  expect(pauses()).toEqual([]);
  await deps.announce("later");
  await deps.runtime.bus.tick();
  expect(hook.delivered).toHaveLength(1);
});

it("announces at its start all actions that the previous process left pending", async () => {
  deps = await clockedRuntime();
  const hook = await deps.subscriber();
  await deps.setRules([rule("a", hook.url)]);
  await deps.stored("left behind");
  const end = deps.runtime.upkeep();
  await expect.poll(() => hook.delivered.length).toBe(1);
  await end();
});

it("continues if one of its tasks fails", async () => {
  deps = await clockedRuntime();
  let sweeps = 0;
  const sweep = async () => {
    sweeps += 1;
    throw new Error("the disk is full");
  };
  const failing = { sweep, setRight: async () => {}, applyDays: async () => {}, end() {} };
  const { after, elapse, pauses } = heldTimers();
  const end = upkeep({
    ...deps.runtime,
    audit: deps.runtime.reads.audit,
    retention: Object.assign(Object.create(deps.runtime.retention), failing),
    after,
  });
  await expect.poll(pauses).toEqual(firstPauses);
  for (const times of [1, 2]) {
    elapse();
    await expect.poll(() => sweeps).toBe(times);
    await expect.poll(pauses).toEqual(everyPause);
  }
  expect(deps.logged[0]).toMatchObject({
    level: "error",
    message: "the removal of expired rows failed, trying again",
  });
  await end();
});

it("interrupts long reads of the database at its end", async () => {
  deps = await clockedRuntime();
  const { promise: interrupted, resolve: end } = Promise.withResolvers<void>();
  const sweep = () => interrupted.then(() => ({ events: 0, packs: 0 }));
  const reading = { sweep, setRight: async () => {}, applyDays: () => interrupted, end };
  const retention = Object.assign(Object.create(deps.runtime.retention), reading);
  await upkeep({ ...deps.runtime, audit: deps.runtime.reads.audit, retention, after: heldTimers().after })();
});

it("logs a lasting failure once a minute, and another reason at once", async () => {
  deps = await clockedRuntime();
  let why = "the disk is full";
  let runs = 0;
  const tick = async () => {
    runs += 1;
    throw new Error(why);
  };
  const { after, elapse, pauses } = heldTimers();
  const follower = { tick, end: async () => {}, shipping: () => ({ since: 0, isFailing: true }) };
  const end = upkeep({ ...deps.runtime, audit: deps.runtime.reads.audit, follower, after });
  const said = () => deps.logged.filter(({ message }) => message === "shipping failed, trying again").length;
  const again = async () => {
    const before = runs;
    await expect.poll(pauses).toHaveLength(everyPause.length + 1);
    elapse();
    await expect.poll(() => runs).toBe(before + 1);
    await expect.poll(pauses).toHaveLength(everyPause.length + 1);
    return said();
  };
  expect([await again(), await again()]).toEqual([1, 1]);
  why = "no bucket";
  expect([await again(), await again()]).toEqual([2, 2]);
  await deps.advance(minute);
  expect(await again()).toBe(3);
  await end();
});

it("delivers undelivered entries after a restart, in order", async () => {
  deps = await clockedRuntime();
  const hook = await deps.subscriber();
  await deps.setRules([rule("a", hook.url)]);
  const entries = [await deps.announce("a"), await deps.announce("b"), await deps.announce("c")];
  await deps.restart();
  expect(hook.delivered).toEqual([]);
  const end = deps.runtime.upkeep();
  await expect.poll(() => hook.delivered.length).toBe(3);
  expect(hook.delivered.map(({ headers }) => headers["webhook-id"])).toEqual(entries.map(({ id }) => id));
  await end();
});
