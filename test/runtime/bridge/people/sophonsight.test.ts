import { openPeople } from "@gatepost/bridge";
import { type Mishap, PlatformPeople } from "@gatepost/simulator";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { atEnd } from "../../../unit/simulator/support.ts";
import { face, Order, order, otherFace, untilEnded } from "./support.ts";

const access = { appkey: "7ea24d0a", secret: "a secret of the platform" };

const timeoutMs = 60_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

/** The platform does what it was asked and never answers, and the time for its answer is over at once. */
function silentAfter(): Mishap {
  setImmediate(() => vi.advanceTimersByTime(timeoutMs));
  return "silence-after";
}

async function platform(changes: { secret?: string } = {}) {
  const there = new PlatformPeople(access);
  const served = await there.serve({ host: "127.0.0.1", port: 0 });
  atEnd(() => served.close());
  const config = { sophonsight: `http://127.0.0.1:${served.port}`, department: "d1", ...access, ...changes };
  const open = () => openPeople(config, { timeoutMs });
  return { there, open, people: open() };
}

const employee = { ...order, type: "employee" } as const;
const note = expect.stringMatching(/does not say whether/);

it("registers an employee under the event's id, and an undo removes them", async () => {
  const { there, people } = await platform();
  const tried = new Order();
  expect(await people.register(employee, tried.attempt())).toEqual({ state: "done", note });
  expect([...there.employees]).toEqual([[order.personId, { name: order.name, department: "d1", photo: face }]]);
  if (tried.kept === null) throw new Error("nothing was kept");
  expect(await people.undo(tried.kept, tried.undoing())).toEqual({ state: "done", note });
  expect(there.employees.size).toBe(0);
});

it("replaces a photo together with the name, and notes that this cannot be undone", async () => {
  const { there, people } = await platform();
  await people.register(employee, new Order().attempt());
  const tried = new Order();
  const update = { personId: order.personId, name: "王芳", photo: otherFace };
  expect(await people.updatePhoto(update, tried.attempt())).toEqual({ state: "done", note });
  expect(there.employees.get(order.personId)?.photo).toEqual(otherFace);
  if (tried.kept === null) throw new Error("nothing was kept");
  expect(await people.undo(tried.kept, tried.undoing())).toMatchObject({ state: "failed" });
  expect(there.employees.size).toBe(1);
  const nameless = await people.updatePhoto({ ...update, name: null }, new Order().attempt());
  expect(nameless).toMatchObject({ state: "failed" });
});

it.each(["visitor", "blacklist"] as const)("makes no employee of a %s", async (type) => {
  const { there, people } = await platform();
  expect(await people.register({ ...order, type }, new Order().attempt())).toMatchObject({ state: "failed" });
  expect(there.employees.size).toBe(0);
});

it("keeps no undo state of an order that was refused at once", async () => {
  const { there, people } = await platform();
  const { people: stranger } = await platform({ secret: "another" });
  const tried = new Order();
  expect(await stranger.register(employee, tried.attempt())).toMatchObject({ state: "failed" });
  expect(tried.kept).toBeNull();
  // After a lost answer, the outcome is unknown.
  there.mishap = silentAfter;
  const lost = new Order();
  expect(await people.register(employee, lost.attempt())).toMatchObject({ state: "later" });
  const { people: changed } = await platform({ secret: "another" });
  expect(await changed.register(employee, lost.attempt())).toMatchObject({ state: "failed" });
  expect(lost.kept).not.toBeNull();
});

it("removes no one by a state kept from a box before the platform", async () => {
  const { there, people } = await platform();
  const tried = new Order();
  await people.register(employee, tried.attempt());
  const kept = { generation: "C" as const, personId: order.personId, before: null };
  const reason = "The kept state is of generation C.";
  expect(await people.undo(kept, tried.undoing())).toEqual({ state: "failed", reason });
  expect(there.employees.size).toBe(1);
});

it("changes nothing if the state for an undo could not be kept", async () => {
  const { there, people } = await platform();
  const failing = () => ({ ...new Order().attempt(), keep: () => Promise.reject(new Error("disk full")) });
  await expect(people.register(employee, failing())).rejects.toThrow("disk full");
  expect(there.employees.size).toBe(0);
  await people.register(employee, new Order().attempt());
  const update = { personId: order.personId, name: "王芳", photo: otherFace };
  await expect(people.updatePhoto(update, failing())).rejects.toThrow("disk full");
  expect(there.employees.get(order.personId)?.photo).toEqual(face);
});

it("refuses a too long id, and reports a wrong secret without it", async () => {
  const { people } = await platform();
  const long = { ...employee, personId: "x".repeat(101) };
  expect(await people.register(long, new Order().attempt())).toMatchObject({ state: "failed" });
  const { people: stranger } = await platform({ secret: "another" });
  const reason = "Sophonsight refuses it: 401 TOKEN ERROR.";
  expect(await stranger.register(employee, new Order().attempt())).toEqual({ state: "failed", reason });
});

const mishaps: [string, () => Mishap][] = [
  ["a server error", () => "server-error"],
  ["a reset before it is done", () => "reset-before"],
  ["a reset after it is done", () => "reset-after"],
  ["silence", silentAfter],
];

it.each(mishaps)("has the person once after %s at any request", async (_, mishap) => {
  for (let lost = 0; lost < 3; lost++) {
    const { there, open } = await platform();
    there.mishap = (number) => (number === lost ? mishap() : null);
    const step = (people: ReturnType<typeof open>, one: Order) => people.register(employee, one.attempt());
    expect(await untilEnded(open, step)).toMatchObject({ state: "done" });
    expect(there.employees.size).toBe(1);
    expect(there.employees.get(order.personId)?.photo).toEqual(face);
  }
});
