import { shipTo } from "@gatepost/embedded";
import { describe, expect, it } from "vitest";
import { timesOf } from "../../../../packages/embedded/src/backup/ship/stamps.ts";
import { erasePerson } from "../../../support/erase-person.ts";
import { openedByTests } from "../temporary.ts";
import { day, hour, shipping } from "./shipping.ts";

const { closers } = openedByTests();

/** A store that was shipped daily for five days, one passing a day. */
async function fiveDays() {
  const shipped = await shipping(closers);
  const { store, ship, advance } = shipped;
  const shipNoting = async () => {
    // As a server does each minute.
    await store.runtime.storeClock.note();
    await ship();
  };
  for (let number = 1; number <= 5; number++) {
    if (number > 1) advance(day);
    await store.pass(number);
    await shipNoting();
  }
  let restores = 0;
  return {
    ...shipped,
    async passAndShip(number: number) {
      await store.pass(number);
      await shipNoting();
    },
    eventsAt: async (at: number | null) => (await shipped.restored(`at-${++restores}`, at)).events,
    generations: () => shipped.bucket.keys("index/").filter((key) => key.endsWith("/base")),
  };
}

describe("a clock that was ahead for a while", () => {
  it("keeps the whole history, and --at restores the state of that time", async () => {
    const { advance, passAndShip, eventsAt, generations } = await fiveDays();
    const before = advance(hour);
    advance(365 * day);
    await passAndShip(6);
    expect(generations()).toHaveLength(6);
    expect(await eventsAt(before - 2 * day)).toBe(3);
    const after = advance(hour - 365 * day);
    await passAndShip(7);
    advance(60_000);
    await passAndShip(8);
    const now = advance(60_000);
    expect(await eventsAt(before - 2 * day)).toBe(3);
    expect(await eventsAt(before)).toBe(5);
    expect(await eventsAt(after)).toBe(7);
    expect(await eventsAt(now)).toBe(8);
    expect(await eventsAt(null)).toBe(8);
  });

  it("keeps nothing longer than data shipped by a right clock", async () => {
    const { store, bucket, advance, passAndShip, eventsAt, generations } = await fiveDays();
    advance(365 * day);
    await store.pass(6, "to be erased");
    await passAndShip(7);
    advance(hour - 365 * day);
    await erasePerson(store.runtime.eraser, "to be erased", null);
    await passAndShip(8);
    for (let number = 10; number < 20; number++) {
      advance(day + 1);
      await passAndShip(number);
    }
    expect(generations().length).toBeLessThan(10);
    expect(bucket.has("to be erased")).toBe(false);
    // Five at first, two more, and one a day.
    expect(await eventsAt(advance(1) - day)).toBe(16);
    expect(await eventsAt(null)).toBe(17);
  });

  it("is also corrected by a server that was restarted since", async () => {
    const { store, open, bucket, advance, passAndShip, eventsAt } = await fiveDays();
    advance(3 * day);
    await passAndShip(6);
    const now = advance(hour - 3 * day);
    await store.close();
    const next = await open("store", store.token, { follow: shipTo(bucket), clock: () => now });
    // It does not serve before its clock is trusted.
    await next.runtime.storeClock.trust();
    await next.pass(7);
    await next.runtime.follower?.tick();
    expect(await eventsAt(now + 1000)).toBe(7);
    expect(await eventsAt(now - 60_000)).toBe(5);
  });
});

it("names with the order in place of the time are read and continued", async () => {
  const { store, bucket, open, restored, advance, passAndShip, eventsAt } = await fiveDays();
  advance(60_000);
  await passAndShip(6);
  for (const [key, bytes] of [...bucket.objects].filter(([name]) => /^(index|rules)/.test(name))) {
    bucket.objects.delete(key);
    bucket.objects.set(key.replaceAll(/(\d{16})-\d{16}-/g, "$1-"), bytes);
  }
  expect(bucket.keys("").join()).toMatch(/index\/\d{16}-[0-9a-f]{8}\/\d{10}-\d{16}-[0-9a-f]{64}/);
  let now = advance(hour);
  expect(await eventsAt(now - hour - 1)).toBe(5);
  expect(await eventsAt(now - 2 * day)).toBe(3);
  await restored("again");
  const again = await open("again", store.token, { follow: shipTo(bucket), clock: () => now });
  for (let number = 10; number < 20; number++) {
    await again.pass(number);
    await again.runtime.storeClock.note();
    await again.runtime.follower?.tick();
    now += day + 1;
  }
  expect(await eventsAt(null)).toBe(16);
  expect(bucket.keys("index/").filter((key) => /^index\/\d{16}-[0-9a-f]{8}\//.test(key))).toEqual([]);
});

describe("times of names", () => {
  const key = (order: number, time?: number) =>
    `rules/${[order, ...(time === undefined ? [] : [time])].map((one) => String(one).padStart(16, "0")).join("-")}-none`;

  it("are the times of the clock, and rise with the order", () => {
    const keys = [key(1, 100), key(2, 900), key(3, 901), key(4, 200), key(5, 300), key(6)];
    const timeOf = timesOf(keys);
    expect(keys.map(timeOf)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(keys.slice(0, 5).map(timesOf(keys.slice(0, 5)))).toEqual([100, 198, 199, 200, 300]);
  });
});
