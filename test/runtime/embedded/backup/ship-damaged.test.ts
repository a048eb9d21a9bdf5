import { shipTo } from "@gatepost/embedded";
import { describe, expect, it } from "vitest";
import { readDeltaKey } from "../../../../packages/embedded/src/backup/ship/bucket.ts";
import { stampIn } from "../../../../packages/embedded/src/backup/ship/stamps.ts";
import { received } from "../../../support/reports.ts";
import { openedByTests } from "../temporary.ts";
import { day, hour, shipping } from "./shipping.ts";
import { picturesIn } from "./store.ts";

const { closers } = openedByTests();

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[30] = (copy[30] ?? 0) ^ 1;
  return copy;
}

/** Two days of which the second has six changes, one of whom is erased with the last. */
async function twoDays() {
  const shipped = await shipping(closers);
  const { store, ship, advance, bucket } = shipped;
  const first = await store.pass(1, "erased at last");
  await ship();
  const firstDay = advance(hour);
  advance(2 * day - hour);
  await ship();
  for (let number = 2; number <= 6; number++) {
    advance(60_000);
    await store.pass(number, `person-${number}`);
    await ship();
  }
  advance(60_000);
  await store.runtime.eraser.eraseEvent(first);
  await ship();
  const deltas = bucket
    .keys("index/")
    .sort()
    .flatMap((key) => readDeltaKey(key) ?? [])
    .slice(-6);
  return { ...shipped, firstDay, deltas, time: (index: number) => stampIn(deltas[index]?.key ?? "")?.time ?? 0 };
}

describe("a change of the last day that is missing or damaged", () => {
  it.each(["missing", "damaged"])(
    "(%s) makes a restore of the last moment fail, and the named moment is restored",
    async (how) => {
      const { bucket, deltas, time, restored, open, store } = await twoDays();
      const key = deltas[2]?.key ?? "";
      if (how === "missing") bucket.objects.delete(key);
      else bucket.objects.set(key, flipped(bucket.objects.get(key) ?? Buffer.alloc(0)));
      const before = new Date(time(1)).toISOString();
      const said = new RegExp(
        `(lacks change 3|damaged).* the state of ${before} is whole: restore that with --at ${before}`,
      );
      await expect(restored("last")).rejects.toThrow(said);
      await expect(restored("after", time(4))).rejects.toThrow(said);
      await expect(restored("before", time(1))).rejects.toThrow(
        new RegExp(`the erasures and revocations after ${before} are not known.*--later, or .*--partial`),
      );
      // A partial restore has data erased since, and reports this.
      const partial = await restored("partial", time(1), { isPartial: true });
      expect(partial).toMatchObject({ events: 3, unknownAfter: before });
      // The store knows what the bucket cannot say.
      expect(await restored("later", time(1), { later: store.path })).toMatchObject({ unknownAfter: null });
      expect(await picturesIn((await open("later")).runtime)).toEqual(["person-2", "person-3"]);
    },
  );

  it("leaves a restored folder that may not ship to the same place", async () => {
    const { bucket, deltas, time, restored, open, store } = await twoDays();
    bucket.objects.delete(deltas[2]?.key ?? "");
    await restored("partial", time(1), { isPartial: true });
    const next = await open("partial", store.token, { follow: shipTo(bucket) });
    await expect(next.runtime.follower?.tick()).rejects.toThrow(/has data that this data folder lacks/);
  });
});

describe("a database of the last day that cannot be read", () => {
  it.each(["base", "chunk"])("leaves the days before it restorable, also without its %s", async (what) => {
    const { bucket, restored, firstDay, ship, store, advance } = await twoDays();
    const before = new Set(bucket.keys(""));
    advance(day);
    for (let number = 20; number < 40; number++) await store.pass(number);
    await ship();
    const fresh = bucket.keys("").filter((key) => !before.has(key));
    bucket.objects.delete(
      fresh.find((key) => (what === "base" ? key.endsWith("/base") : key.startsWith("chunks/"))) ?? "",
    );
    if (what === "base") {
      // Without it a generation was never begun.
      expect(await restored("last")).toMatchObject({ events: 5 });
    } else await expect(restored("last")).rejects.toThrow(/lacks chunks.* is whole: restore that with --at/);
    if (what === "chunk") await expect(restored("first", firstDay)).rejects.toThrow(/lacks chunks.* are not known/);
    const first = await restored("first", firstDay, { isPartial: true });
    // The day between is whole, and knows of the erasure.
    expect(first).toMatchObject({ events: 1, takenOver: { erasures: 1, events: 1 } });
    expect(first.unknownAfter).toEqual(what === "base" ? null : expect.any(String));
  });

  it("is reported, also if the base of later changes is missing", async () => {
    const { bucket, restored, firstDay } = await twoDays();
    const base =
      bucket
        .keys("index/")
        .filter((key) => key.endsWith("/base"))
        .sort()
        .at(-1) ?? "";
    bucket.objects.delete(base);
    await expect(restored("last")).rejects.toThrow(/lacks index.*base; the state of .* is whole/);
    await expect(restored("first", firstDay)).rejects.toThrow(/lacks index.*base: the erasures .* are not known/);
  });

  it("is reported if its list of chunks is damaged; old data is still removed", async () => {
    const { bucket, restored, ship, advance } = await twoDays();
    const base =
      bucket
        .keys("index/")
        .filter((key) => key.endsWith("/base"))
        .sort()
        .at(-1) ?? "";
    bucket.objects.set(base, flipped(bucket.objects.get(base) ?? Buffer.alloc(0)));
    await expect(restored("last")).rejects.toThrow(/base of .* is damaged.* is whole: restore that with --at/);
    for (let passed = 0; passed < 10; passed++) {
      advance(day);
      await ship();
    }
    expect(bucket.objects.has(base)).toBe(false);
    expect(await restored("again")).toMatchObject({ events: 5 });
    await expect(restored("long ago", received)).rejects.toThrow(/has nothing of/);
  });
});
