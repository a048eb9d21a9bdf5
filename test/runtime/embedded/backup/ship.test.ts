import fs, { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { restore, shipTo } from "@gatepost/embedded";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { refuseOlder, writeShipped } from "../../../../packages/embedded/src/backup/ship/shipped.ts";
import { erasePerson } from "../../../support/erase-person.ts";
import { received } from "../../../support/reports.ts";
import { openedByTests, temporaryFolder } from "../temporary.ts";
import { hour, shipping } from "./shipping.ts";
import { eventsOf, MemoryBucket, passing, picturesIn, stores } from "./store.ts";

const { closers } = openedByTests();
afterEach(() => vi.restoreAllMocks());

/** Takes the pictures of a store, or the last bytes of them. Returns the function that restores them. */
async function lose({ path }: { path: string }, { lastBytes = Number.POSITIVE_INFINITY } = {}) {
  const pack = join(path, "pictures", "2026-03.pack");
  const whole = await readFile(pack);
  const lost = Buffer.from(whole).fill(0, Math.max(0, whole.length - lastBytes));
  await writeFile(pack, lost, { flag: "r+" });
  return () => writeFile(pack, whole, { flag: "r+" });
}

describe("shipping", () => {
  it("has all data durable before the tick, also after the log was emptied", async () => {
    const { open, store, ship, restored } = await shipping(closers);
    await store.pass(1);
    await ship();
    for (let number = 2; number < 30; number++) {
      await store.pass(number);
      if (number % 7 === 0) await ship();
      // Empties the log, which begins anew.
      if (number % 5 === 0) await store.runtime.eraser.finish();
    }
    await ship();
    expect(await restored("again")).toMatchObject({ events: 29, pictures: 29, missing: [] });
    const again = await open("again");
    expect(await eventsOf(again.runtime)).toEqual(await eventsOf(store.runtime));
    expect(await picturesIn(again.runtime)).toHaveLength(29);
  });

  it("has a complete state if reports are stored at the same time", async () => {
    const { open, store, ship, bucket, restored } = await shipping(closers);
    let passed = 1;
    await store.pass(passed);
    const put = bucket.put.bind(bucket);
    vi.spyOn(bucket, "put").mockImplementation(async (key, bytes) => {
      if (passed < 30) expect(await store.post(passing(++passed))).toBe(200);
      await put(key, bytes);
    });
    while (passed < 30) await ship();
    await ship();
    expect(await restored("again")).toMatchObject({ events: 30, missing: [] });
    expect(await picturesIn((await open("again")).runtime)).toHaveLength(30);
  });

  it("sends a picture again that was lost for a while", async () => {
    const { open, store, ship, restored } = await shipping(closers);
    await store.pass(1);
    await store.pass(2);
    const putBack = await lose(store);
    expect(await picturesIn(store.runtime)).toEqual([]);
    await store.pass(3);
    await ship();
    await putBack();
    expect(await picturesIn(store.runtime)).toHaveLength(3);
    await ship();
    expect(await restored("again")).toMatchObject({ pictures: 3, missing: [] });
    expect(await picturesIn((await open("again")).runtime)).toHaveLength(3);
  });

  it("sends a picture that was lost before it was shipped, once found", async () => {
    const { store, ship, restored } = await shipping(closers);
    await store.pass(1);
    await ship();
    await store.pass(2);
    const putBack = await lose(store, { lastBytes: 200 });
    expect(await picturesIn(store.runtime)).toEqual(["person-1"]);
    // Its place is before the end of the pictures shipped then.
    await store.pass(3);
    await ship();
    await putBack();
    expect(await picturesIn(store.runtime)).toHaveLength(3);
    await ship();
    expect(await restored("again")).toMatchObject({ pictures: 3, missing: [] });
  });

  it("keeps a picture that is lost here, and ships the one in its place", async () => {
    const { open, store, ship, bucket, restored } = await shipping(closers);
    for (const number of [1, 2, 3]) await store.pass(number);
    await ship();
    await store.close();
    await rm(join(store.path, "pictures", "2026-03.pack"));
    let now = received + 1000;
    const next = await open("store", store.token, { follow: shipTo(bucket), clock: () => now });
    await next.runtime.follower?.tick();
    expect(await picturesIn(next.runtime)).toEqual([]);
    await restored("found");
    expect(await picturesIn((await open("found")).runtime)).toHaveLength(3);
    // In the place of the first ones.
    await next.pass(4);
    await next.runtime.follower?.tick();
    await restored("soon");
    expect(await picturesIn((await open("soon")).runtime)).toEqual(["person-3", "person-4"]);
    now += 7 * hour;
    await next.runtime.follower?.tick();
    expect([1, 2, 3, 4].map((number) => bucket.has(`face ${number}`))).toEqual([true, true, true, true]);
    await restored("before", received + 500);
    expect(await picturesIn((await open("before")).runtime)).toEqual(["person-1", "person-2", "person-3"]);
  });

  it("continues after a restart, and each start ships the whole database", async () => {
    const { open, store, ship, bucket, restored } = await shipping(closers);
    await store.pass(1);
    await ship();
    await store.pass(2);
    await store.close();
    const next = await open("store", store.token, { follow: shipTo(bucket) });
    await next.pass(3);
    await next.runtime.follower?.tick();
    expect(bucket.keys("index/").filter((key) => key.endsWith("/base"))).toHaveLength(2);
    await restored("again");
    expect(await (await open("again")).ids()).toHaveLength(3);
  });

  it("is restored to the newest state, also after the clock went back", async () => {
    const { open, store, ship, bucket, restored, advance } = await shipping(closers);
    await store.pass(1);
    await ship();
    advance(-2 * hour);
    await store.pass(2);
    await ship();
    await store.pass(3);
    await store.close();
    const next = await open("store", store.token, { follow: shipTo(bucket), clock: () => received - 3 * hour });
    await next.runtime.follower?.tick();
    await next.pass(4);
    await next.runtime.follower?.tick();
    await restored("again");
    expect(await (await open("again")).ids()).toHaveLength(4);
  });

  it("sends no part of the database that is in the bucket already", async () => {
    const { store, ship, bucket, advance } = await shipping(closers);
    await store.pass(1);
    await ship();
    const chunks = bucket.keys("chunks/");
    advance(24 * hour);
    await ship();
    expect(bucket.keys("index/").filter((key) => key.endsWith("/base"))).toHaveLength(2);
    expect(bucket.keys("chunks/")).toEqual(chunks);
  });

  it("waits while the bucket is unreachable, and then continues", async () => {
    const { open, store, ship, bucket, restored } = await shipping(closers);
    await store.pass(1);
    await ship();
    bucket.failure = new Error("503");
    for (const number of [2, 3]) {
      await store.pass(number);
      await expect(ship()).rejects.toThrow("503");
    }
    bucket.failure = null;
    await ship();
    await restored("again");
    expect(await picturesIn((await open("again")).runtime)).toHaveLength(3);
  });

  it("ships data that the bucket refused, and data stored meanwhile", async () => {
    const { store, ship, bucket, restored } = await shipping(closers);
    await store.pass(1);
    await ship();
    // It changes other pages than a report that is understood.
    await store.post("no JSON");
    const put = vi.spyOn(bucket, "put").mockImplementation(async (key) => {
      if (key.startsWith("index/")) expect(await store.post(passing(2))).toBe(200);
      throw new Error("503");
    });
    await expect(ship()).rejects.toThrow("503");
    put.mockRestore();
    await ship();
    expect(await restored("again")).toMatchObject({ events: 2, quarantine: 1, pictures: 2, missing: [] });
  });

  it("has all data of the moment when the server stopped", async () => {
    const { store, ship, restored } = await shipping(closers);
    await store.pass(1);
    await ship();
    await store.pass(2);
    await store.close();
    expect(await restored("again")).toMatchObject({ events: 2, pictures: 2, missing: [] });
  });

  it("begins anew if the bucket took no base, and leaves no copy", async () => {
    const { store, ship, bucket, restored } = await shipping(closers);
    await store.pass(1);
    const put = bucket.put.bind(bucket);
    const refusing = vi.spyOn(bucket, "put").mockImplementation(async (key, bytes) => {
      if (key.endsWith("/base")) throw new Error("503");
      await put(key, bytes);
    });
    await expect(ship()).rejects.toThrow("503");
    expect(existsSync(join(store.path, "ship.db"))).toBe(false);
    refusing.mockRestore();
    await store.pass(2);
    await ship();
    expect(existsSync(join(store.path, "ship.db"))).toBe(false);
    await store.pass(3);
    await ship();
    expect(await restored("again")).toMatchObject({ events: 3, pictures: 3, missing: [] });
  });

  it("ships the whole database if more changed meanwhile than may wait", async () => {
    const { store, ship, bucket, restored } = await shipping(closers, undefined, { maxHeldBytes: 100_000 });
    const bases = () => bucket.keys("index/").filter((key) => key.endsWith("/base")).length;
    await store.pass(1);
    await ship();
    bucket.failure = new Error("503");
    for (let number = 2; number < 100; number++) await store.pass(number);
    await expect(ship()).rejects.toThrow("503");
    bucket.failure = null;
    await ship();
    expect(bases()).toBe(2);
    await store.pass(100);
    await ship();
    expect(bases()).toBe(2);
    expect(await restored("again")).toMatchObject({ events: 100, pictures: 100, missing: [] });
  });

  it("ships the whole database if a change in the log was unreadable", async () => {
    const { store, ship, bucket, restored } = await shipping(closers);
    await store.pass(1);
    await ship();
    const reading = vi.spyOn(fs, "readSync").mockImplementation(() => {
      throw Object.assign(new Error("EIO: i/o error, read"), { code: "EIO" });
    });
    syncBuiltinESMExports();
    onTestFinished(() => {
      reading.mockRestore();
      syncBuiltinESMExports();
    });
    await store.runtime.reads.keyAdmin.create({ scope: "read", box: null, tokenHash: "0".repeat(64) });
    expect(reading).toHaveBeenCalled();
    reading.mockRestore();
    syncBuiltinESMExports();
    await store.pass(2);
    await ship();
    expect(await restored("again")).toMatchObject({ events: 2, pictures: 2, missing: [] });
    expect(bucket.keys("index/").filter((key) => key.endsWith("/base"))).toHaveLength(2);
  });

  it("reports since when nothing was shipped, also in metrics", async () => {
    const { store, ship, bucket, advance } = await shipping(closers);
    const { reads } = store.runtime;
    const begun = received;
    expect(await reads.server.shipping()).toEqual({ since: begun, isFailing: false });
    await store.pass(1);
    const shipped = advance(5000);
    await ship();
    bucket.failure = new Error("503");
    await store.pass(2);
    advance(16 * 60_000);
    await expect(ship()).rejects.toThrow("503");
    expect(await reads.server.shipping()).toEqual({ since: shipped, isFailing: true });
    const lines = (await reads.metrics.text()).split("\n");
    expect(lines).toContain(`gatepost_ship_timestamp_seconds ${shipped / 1000}`);
    expect(lines).toContain("gatepost_ship_failing 1");
    bucket.failure = null;
    await ship();
    expect(await reads.server.shipping()).toMatchObject({ isFailing: false });
  });

  it("delays no stop if the bucket does not answer, and continues at the next start", async () => {
    const { open } = await stores(closers);
    const bucket = new MemoryBucket();
    const store = await open("other", null, { follow: shipTo(bucket, { timeoutMs: 1 }) });
    const put = vi.spyOn(bucket, "put").mockImplementation(() => bucket.unanswered());
    await store.pass(1);
    const end = store.runtime.upkeep();
    await expect.poll(() => put.mock.calls.length).toBeGreaterThan(0);
    await end();
    await store.close();
    put.mockRestore();
    const next = await open("other", store.token, { follow: shipTo(bucket) });
    await next.runtime.follower?.tick();
    expect(bucket.has("face 1")).toBe(true);
  });

  it("is complete if the bucket stored an object and its answer was lost", async () => {
    const { open, store, ship, bucket, restored } = await shipping(closers);
    await store.pass(1);
    await ship();
    await store.pass(2);
    const put = vi.spyOn(bucket, "put").mockImplementation(async (key, bytes) => {
      bucket.objects.set(key, Buffer.from(bytes));
      if (key.startsWith("index/")) throw new Error("no answer");
    });
    await expect(ship()).rejects.toThrow("no answer");
    await store.pass(3);
    await expect(ship()).rejects.toThrow("no answer");
    put.mockRestore();
    await store.pass(4);
    await ship();
    // Of three changes of one number the last counts.
    expect(await restored("meanwhile")).toMatchObject({ events: 4, pictures: 4, missing: [] });
    await store.pass(5);
    await ship();
    expect(await restored("again")).toMatchObject({ events: 5, pictures: 5, missing: [] });
    expect(await picturesIn((await open("again")).runtime)).toHaveLength(5);
  });

  it("refuses an older data folder: it must use another prefix or be restored", async () => {
    const { open, store, ship, bucket, restored, backUp, restore } = await shipping(closers);
    await store.pass(1);
    await ship();
    await backUp(store, "yesterday");
    await store.pass(2);
    await ship();
    await restore("yesterday", "older");
    const older = await open("older", store.token, { follow: shipTo(bucket) });
    await older.pass(3);
    await expect(older.runtime.follower?.tick()).rejects.toThrow(
      /has data that this data folder lacks.* another prefix/,
    );
    await restored("again");
    const again = await open("again", store.token, { follow: shipTo(bucket) });
    expect(await picturesIn(again.runtime)).toEqual(["person-1", "person-2"]);
    await again.pass(4);
    await again.runtime.follower?.tick();
    await restored("last");
    expect(await (await open("last")).ids()).toHaveLength(3);
  });

  it("continues in a restored folder, also if a day could not be begun", async () => {
    const { open, store, ship, bucket, restored, advance } = await shipping(closers);
    await store.pass(1);
    await ship();
    await store.pass(2);
    await ship();
    advance(24 * hour);
    let passed = 2;
    const put = bucket.put.bind(bucket);
    const spy = vi.spyOn(bucket, "put").mockImplementation(async (key, bytes) => {
      if (key.endsWith("/base")) throw new Error("503");
      if (key.startsWith("chunks/")) await store.pass(++passed);
      await put(key, bytes);
    });
    await expect(ship()).rejects.toThrow("503");
    expect(passed).toBeGreaterThan(2);
    spy.mockRestore();
    await restored("again");
    const again = await open("again", store.token, { follow: shipTo(bucket) });
    expect(await picturesIn(again.runtime)).toEqual(["person-1", "person-2"]);
    for (const number of [10, 11]) {
      await again.pass(number);
      await again.runtime.follower?.tick();
    }
    await restored("last");
    const last = await open("last", store.token, { follow: shipTo(bucket) });
    await last.runtime.follower?.tick();
    expect(await last.ids()).toHaveLength(4);
  });

  it("loses nothing to an old server that still runs after a takeover", async () => {
    const { open, store, ship, bucket, restored, advance } = await shipping(closers);
    await store.pass(1);
    await ship();
    await restored("successor");
    const successor = await open("successor", store.token, { follow: shipTo(bucket) });
    await successor.pass(2);
    await successor.runtime.follower?.tick();
    advance(7 * hour);
    await expect(ship()).rejects.toThrow(/has data that this data folder lacks/);
    await restored("last");
    expect(await picturesIn((await open("last")).runtime)).toEqual(["person-1", "person-2"]);
  });

  it("refuses a data folder that is slightly older, as of a disk snapshot", async () => {
    const { path, remove } = await temporaryFolder();
    closers.push(remove);
    const { store, ship, bucket } = await shipping(closers);
    await ship();
    for (const number of [1, 2]) {
      await store.pass(number);
      await ship();
    }
    const generation = bucket.keys("index/").at(-1)?.split("/")[1] ?? "";
    for (const changes of [0, 1]) {
      await writeShipped(path, { generation, changes });
      await expect(refuseOlder(bucket, path)).rejects.toThrow(/has data that this data folder lacks/);
    }
    await writeShipped(path, { generation, changes: 2 });
    await refuseOlder(bucket, path);
  });

  it("keeps its history if the bucket stops answering while it is listed", async () => {
    const { store, ship, bucket, restored, advance } = await shipping(closers);
    for (let days = 0; days < 9; days++) {
      advance(24 * hour);
      await store.pass(days);
      await ship();
    }
    const get = bucket.get.bind(bucket);
    const silent = vi.spyOn(bucket, "get").mockImplementation((key) => {
      return key.endsWith("/base") ? Promise.reject(new Error("503")) : get(key);
    });
    const before = bucket.keys("chunks/");
    advance(6 * hour);
    await expect(ship()).rejects.toThrow("503");
    expect(bucket.keys("chunks/")).toEqual(before);
    silent.mockRestore();
    await ship();
    expect(await restored("again")).toMatchObject({ events: 9, missing: [] });
    expect(await restored("then", advance(0) - 3 * 24 * hour)).toMatchObject({ missing: [] });
  });

  it("refuses a prefix that contains another store", async () => {
    const { bucket, ship, store, open } = await shipping(closers);
    await store.pass(1);
    await ship();
    const other = await open("other", null, { follow: shipTo(bucket) });
    await expect(other.runtime.follower?.tick()).rejects.toThrow(/has another store in it/);
  });

  it("keeps the rules unchanged", async () => {
    const { place, store, ship, restored, advance } = await shipping(closers);
    const rules = join(store.path, "rules.json");
    await writeFile(rules, "[]");
    await ship();
    const before = advance(1000);
    advance(1000);
    await writeFile(rules, "[ ]");
    await ship();
    await restored("then", before);
    await restored("now");
    expect(await readFile(join(place("then"), "rules.json"), "utf8")).toBe("[]");
    expect(await readFile(join(place("now"), "rules.json"), "utf8")).toBe("[ ]");
  });

  it("keeps the rules, also if they do not change for long", async () => {
    const { bucket, place, store, ship, restored, advance } = await shipping(closers);
    await writeFile(join(store.path, "rules.json"), "[]");
    await ship();
    await writeFile(join(store.path, "rules.json"), "[ ]");
    for (let days = 0; days < 10; days++) {
      advance(24 * hour);
      await store.pass(days);
      await ship();
    }
    expect(bucket.keys("rules/")).toHaveLength(1);
    await restored("again");
    expect(await readFile(join(place("again"), "rules.json"), "utf8")).toBe("[ ]");
  });

  it("ships all other data if the rules cannot be read, and logs that", async () => {
    const { place, store, ship, restored, advance } = await shipping(closers);
    const rules = join(store.path, "rules.json");
    await writeFile(rules, "[]");
    await ship();
    await rm(rules);
    await mkdir(rules);
    await store.pass(1);
    advance(5000);
    await expect(ship()).rejects.toThrow(/rules\.json is no ordinary file/);
    expect(store.runtime.follower?.shipping().isFailing).toBe(true);
    expect(await restored("again")).toMatchObject({ events: 1 });
    expect(await readFile(join(place("again"), "rules.json"), "utf8")).toBe("[]");
  });

  it("restores without damaged rules if that is requested", async () => {
    const { bucket, place, store, ship, restored } = await shipping(closers);
    await writeFile(join(store.path, "rules.json"), "[]");
    await store.pass(1);
    await ship();
    bucket.objects.set(bucket.keys("rules/")[0] ?? "", Buffer.from("()"));
    await expect(restored("again")).rejects.toThrow(
      /rules\/.* is damaged: .*; restore without any rules with --partial/,
    );
    expect(await restored("again", null, { isPartial: true })).toMatchObject({ events: 1, missing: [] });
    expect(existsSync(join(place("again"), "rules.json"))).toBe(false);
  });
});

describe("an erasure while pictures are shipped leaves no moment that names erased data:", () => {
  /** A person of March and a person of April, who is erased as soon as a picture of March is written. */
  async function twoMonths() {
    const shipped = await shipping(closers);
    const { store, bucket, ship, advance } = shipped;
    advance(Date.UTC(2026, 2, 31, 23) - received);
    let restores = 0;
    const expectMarchAlone = async () => {
      const to = `again-${++restores}`;
      await shipped.restored(to);
      const again = await shipped.open(to);
      expect(await again.ids()).toEqual(await store.ids());
      expect(await picturesIn(again.runtime)).toEqual(await picturesIn(store.runtime));
    };
    return {
      ...shipped,
      async passOfApril() {
        advance(2 * hour);
        return store.pass(2, "to be erased");
      },
      async shipErasing(event: string) {
        const put = bucket.put.bind(bucket);
        const spy = vi.spyOn(bucket, "put").mockImplementation(async (key, bytes) => {
          if (key.startsWith("pictures/2026-03/")) await store.runtime.eraser.eraseEvent(event);
          await put(key, bytes);
          // The state if the machine is lost at this moment.
          const isBegun = bucket.keys("index/").some((one) => one.endsWith("/base"));
          if (isBegun && key.startsWith("index/")) await expectMarchAlone();
        });
        await ship();
        expect(await store.ids()).not.toContain(event);
        spy.mockRestore();
      },
      expectMarchAlone,
    };
  }

  it("neither with the whole database", async () => {
    const { store, passOfApril, shipErasing, expectMarchAlone } = await twoMonths();
    await store.pass(1);
    await shipErasing(await passOfApril());
    await expectMarchAlone();
  });

  it("nor with changes of it", async () => {
    const { store, ship, passOfApril, shipErasing, expectMarchAlone } = await twoMonths();
    await ship();
    await store.pass(1);
    await shipErasing(await passOfApril());
    await expectMarchAlone();
  });

  it("nor when erased data is removed", async () => {
    const { store, ship, advance, passOfApril, shipErasing, expectMarchAlone } = await twoMonths();
    await store.pass(1);
    await ship();
    await store.pass(3);
    const event = await passOfApril();
    await ship();
    advance(7 * hour);
    await shipErasing(event);
    await expectMarchAlone();
  });
});

it("a picture leaves the bucket only after index changes that no longer name it", async () => {
  const { store, ship, bucket, restored, advance } = await shipping(closers);
  const erased = await store.pass(1);
  await store.pass(2);
  await ship();
  advance(6 * hour);
  const [list, put] = [bucket.list.bind(bucket), bucket.put.bind(bucket)];
  // The bucket is listed when all earlier changes have been shipped.
  vi.spyOn(bucket, "list").mockImplementation(async function* (prefix) {
    if (prefix === "pictures/") await store.runtime.eraser.eraseEvent(erased);
    yield* list(prefix);
  });
  vi.spyOn(bucket, "put").mockImplementation(async (key, bytes) => {
    if (key.startsWith("index/")) throw new Error("503");
    await put(key, bytes);
  });
  await expect(ship()).rejects.toThrow("503");
  vi.restoreAllMocks();
  expect(await restored("before")).toMatchObject({ events: 2, missing: [] });
  await ship();
  expect(await restored("after")).toMatchObject({ events: 1, missing: [] });
  expect(bucket.has("face 1")).toBe(false);
});

describe("a restore of a moment", () => {
  it("has the data of that moment, and no data erased since", async () => {
    const { open, place, store, ship, restored, advance } = await shipping(closers);
    const [first] = [await store.pass(1, "erased later")];
    await ship();
    advance(60_000);
    await store.pass(2, "stays");
    await ship();
    const then = advance(1000);
    advance(60_000);
    await store.runtime.eraser.eraseEvent(first);
    await store.pass(3, "came later");
    await ship();
    expect(await restored("again", then)).toMatchObject({ takenOver: { erasures: 1, events: 1 } });
    // The last state is not left beside the restored one.
    const left = (await readdir(place("again"))).filter((name) => /^(?:last|later|shipped)/.test(name));
    expect(left).toEqual([]);
    const again = await open("again", store.token);
    expect(await picturesIn(again.runtime)).toEqual(["stays"]);
    expect(await again.post(passing(1, "erased later"))).toBe(200);
    expect(await again.ids()).toHaveLength(1);
    await expect(restored("before", received - hour)).rejects.toThrow(/has nothing of .* it goes back to/);
  });

  it("has no erased data, before or after the last moment, with --later", async () => {
    const { open, store, ship, restored, advance } = await shipping(closers);
    const [first, second] = [await store.pass(1), await store.pass(2)];
    await store.pass(3, "stays");
    await ship();
    const then = advance(1000);
    advance(1000);
    await store.runtime.eraser.eraseEvent(first);
    await ship();
    await store.runtime.eraser.eraseEvent(second);
    expect(await restored("again", then, { later: store.path })).toMatchObject({
      takenOver: { erasures: 2, events: 2 },
    });
    expect(await picturesIn((await open("again")).runtime)).toEqual(["stays"]);
  });

  it("has no data that the bucket knows as erased, also with an uninformed --later", async () => {
    const { open, place, store, backUp, ship, restored, advance } = await shipping(closers);
    const first = await store.pass(1);
    await store.pass(2, "stays");
    await ship();
    const then = advance(1000);
    advance(1000);
    await backUp(store, "earlier");
    await store.runtime.eraser.eraseEvent(first);
    await ship();
    await restored("again", then, { later: place("earlier") });
    expect(await picturesIn((await open("again")).runtime)).toEqual(["stays"]);
  });

  it("refuses damaged or missing objects in the bucket, and leaves nothing", async () => {
    const { store, ship, bucket, restored, advance } = await shipping(closers);
    await store.pass(1);
    await ship();
    for (const number of [2, 3, 4]) {
      advance(5000);
      await store.pass(number);
      await ship();
    }
    const deltas = bucket
      .keys("index/")
      .filter((key) => !key.endsWith("/base"))
      .sort();
    expect(deltas.length).toBeGreaterThan(2);
    const [, second = ""] = deltas;
    for (const [key, said] of [
      [second, /lacks change 2/],
      [bucket.keys("chunks/")[0] ?? "", /lacks chunks/],
      [bucket.keys("pictures/")[0] ?? "", /missing from the backup or damaged in it/],
    ] as const) {
      const held = bucket.objects.get(key) ?? Buffer.alloc(0);
      bucket.objects.delete(key);
      await expect(restored("again")).rejects.toThrow(said);
      const flipped = Buffer.from(held);
      flipped[held.length >> 1] = (flipped[held.length >> 1] ?? 0) ^ 1;
      bucket.objects.set(key, flipped);
      await expect(restored("again")).rejects.toThrow(/damaged|should have/);
      bucket.objects.set(key, held);
    }
    expect(await restored("again")).toMatchObject({ events: 4 });
    await expect(
      restore({
        from: { bucket: new MemoryBucket(), at: null },
        data: `${store.path}-x`,
        later: null,
        isPartial: false,
      }),
    ).rejects.toThrow(/nothing was shipped/);
  });
});

describe("erased data", () => {
  it("is removed from a copy that a killed shipping process left, also without shipping", async () => {
    const { store, open } = await shipping(closers);
    await store.close();
    const copy = join(store.path, "ship.db");
    await writeFile(copy, "of somebody");
    await open("store", store.token);
    expect(existsSync(copy)).toBe(false);
  });

  it("is removed from a part whose upload was not answered", async () => {
    const { store, ship, bucket, advance } = await shipping(closers);
    await store.pass(1, "stays");
    await ship();
    await store.pass(2, "to be erased");
    bucket.silence = new Error("no answer");
    await expect(ship()).rejects.toThrow("no answer");
    bucket.silence = null;
    expect(bucket.has("face 2")).toBe(true);
    await store.pass(3);
    await erasePerson(store.runtime.eraser, "to be erased", null);
    await ship();
    advance(7 * hour);
    await ship();
    expect([bucket.has("face 1"), bucket.has("face 2"), bucket.has("face 3")]).toEqual([true, false, true]);
  });

  it("leaves packs in the bucket within six hours, its index within eight days", async () => {
    const { open, store, ship, bucket, restored, advance } = await shipping(closers);
    await store.pass(1, "to be erased");
    await store.pass(2, "stays");
    await ship();
    expect([bucket.has("face 1"), bucket.has("to be erased")]).toEqual([true, true]);
    await erasePerson(store.runtime.eraser, "to be erased", null);
    advance(7 * hour);
    await ship();
    expect([bucket.has("face 1"), bucket.has("face 2")]).toEqual([false, true]);
    for (let day = 0; day < 9; day++) {
      advance(24 * hour + 1);
      await ship();
    }
    expect([bucket.has("to be erased"), bucket.has("stays")]).toEqual([false, true]);
    await restored("again");
    expect(await picturesIn((await open("again")).runtime)).toEqual(["stays"]);
  });
});
