import { afterEach, expect, it } from "vitest";
import { type After, upkeep } from "../../../packages/embedded/src/upkeep.ts";
import { hour, type MovedMachine, minute, movedMachine, rule } from "./moved.ts";

let on: MovedMachine;
afterEach(() => on.close());

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

const stateOf = async () => (await on.machine.reads.events.actions(null, { limit: 9, cursor: null })).items[0]?.state;

it("announces what was left pending for a minute, delivers it, and goes on until it is ended", async () => {
  on = await movedMachine();
  const hook = await on.subscriber();
  await on.setRules([rule("a", hook.url)]);
  await on.stored("left behind");
  const { after, elapse, pauses } = heldTimers();
  const end = upkeep({ ...on.machine, after });
  await expect.poll(pauses).toEqual([1000, 10_000, hour]);
  expect([await stateOf(), hook.delivered.length]).toEqual(["pending", 0]);
  await on.advance(minute);
  elapse();
  await expect.poll(() => hook.delivered.length).toBe(1);
  await expect.poll(stateOf).toBe("announced");
  await expect.poll(pauses).toEqual([1000, 10_000, hour]);
  await end();
  expect(pauses()).toEqual([]);
  await on.announce("later");
  await on.machine.bus.tend();
  expect(hook.delivered).toHaveLength(1);
});

it("announces at its start what the process before left pending", async () => {
  on = await movedMachine();
  const hook = await on.subscriber();
  await on.setRules([rule("a", hook.url)]);
  await on.stored("left behind");
  await on.advance(minute);
  const end = on.machine.upkeep();
  await expect.poll(() => hook.delivered.length).toBe(1);
  await end();
});

it("goes on where one of its tasks fails", async () => {
  on = await movedMachine();
  const failing = { sweep: () => Promise.reject(new Error("the disk is full")) };
  const { after, elapse, pauses } = heldTimers();
  const end = upkeep({ ...on.machine, retention: Object.assign(Object.create(on.machine.retention), failing), after });
  await expect.poll(pauses).toEqual([1000, 10_000, hour]);
  elapse();
  await expect.poll(() => on.logged.length).toBe(2);
  expect(on.logged[0]).toMatchObject({
    level: "error",
    message: "the removal of what has expired failed, trying again",
  });
  await end();
});

it("takes up after a restart what was not delivered, in order", async () => {
  on = await movedMachine();
  const hook = await on.subscriber();
  await on.setRules([rule("a", hook.url)]);
  const entries = [await on.announce("a"), await on.announce("b"), await on.announce("c")];
  await on.restart();
  expect(hook.delivered).toEqual([]);
  const end = on.machine.upkeep();
  await expect.poll(() => hook.delivered.length).toBe(3);
  expect(hook.delivered.map(({ headers }) => headers["webhook-id"])).toEqual(entries.map(({ id }) => id));
  await end();
});
