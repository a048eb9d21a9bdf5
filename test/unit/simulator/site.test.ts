import { Site } from "@gatepost/simulator";
import { expect, it } from "vitest";
import { faults, ManualClock, noFaults, passings } from "./support.ts";

const site = (seed: number, clock = new ManualClock()) =>
  new Site({ seed, box: "gate-1", devices: 3, strangers: 0.3, actions: 0.5, faults: noFaults(), clock });

it("a run is the same for the same seed", () => {
  const run = (seed: number) => {
    const where = site(seed);
    return Array.from({ length: 20 }, () => where.next());
  };
  expect(run(4)).toEqual(run(4));
  expect(run(4)).not.toEqual(run(5));
});

it("1001 is asked for strangers only, 1002 for others", () => {
  const all = passings(300);
  for (const { person, wantAction } of all) {
    if (wantAction !== "0") expect(wantAction).toBe(person.type === 4 ? "1001" : "1002");
  }
  expect(new Set(all.map(({ wantAction }) => wantAction))).toEqual(new Set(["0", "1001", "1002"]));
});

it("a stranger's id is a text that looks like the time", () => {
  const stranger = site(1).nextStranger();
  expect(stranger.person.id).toBe(`${Math.floor(stranger.at / 1000)}.${stranger.person.id.split(".")[1]}`);
});

it("a box whose clock jumps gives other times, at most an hour away", () => {
  const clock = new ManualClock();
  const jumping = new Site({
    seed: 1,
    box: "gate-1",
    devices: 1,
    strangers: 0,
    actions: 0,
    faults: faults({ clock: 0.5 }),
    clock,
  });
  const skews = Array.from({ length: 100 }, () => jumping.next().at - clock.now());
  expect(skews.filter((skew) => skew !== 0).length).toBeGreaterThan(20);
  expect(Math.max(...skews.map(Math.abs))).toBeLessThanOrEqual(3_600_000);
});

it("the boxes of a place know the same people by the same ids", () => {
  const [gate, garage] = ["gate-1", "garage"].map(
    (box) =>
      new Site({ seed: 7, box, devices: 1, strangers: 0, actions: 0, faults: faults({}), clock: new ManualClock() }),
  );
  expect(garage?.people).toEqual(gate?.people);
  expect(garage?.devices).not.toEqual(gate?.devices);
});

it("people have names as people write them", () => {
  const names = site(1).people.map(({ name }) => name);
  expect(names.filter((name) => !/^(?:\p{Script=Han}{2,3}|\p{Lu}\p{Ll}+ \p{Lu}\p{Ll}+)$/u.test(name))).toEqual([]);
  expect(new Set(names.map((name) => name.includes(" ")))).toEqual(new Set([true, false]));
});
