import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { examine, type Runtime, restore } from "@gatepost/embedded";
import { locatePicture } from "@gatepost/protocol";
import { expect, it } from "vitest";
import { filesWith } from "../../../support/files-with.ts";
import { jpeg } from "../../../support/pictures.ts";
import { history, received } from "../../../support/reports.ts";
import { openedByTests } from "../temporary.ts";
import { day, shipping } from "./shipping.ts";

const { closers } = openedByTests();

/** A store that keeps scenes for a week, with a passing. */
async function keepingScenes() {
  const shipped = await shipping(closers);
  const { store } = shipped;
  await store.runtime.reads.retentionEditor.set({ eventDays: 90, quarantineDays: 90, sceneDays: 7 });
  const pass = async (number: number) => {
    const [scene, face] = ["scene", "face"].map((kind) => jpeg(`the ${kind} of ${number}`).toString("base64"));
    const pictures = { spot_pic: scene ?? "", recognize_face: face ?? "" };
    expect(await store.post(history({ identity_id: `${number}`, timestamp: received + number }, pictures))).toBe(200);
  };
  await pass(1);
  return { ...shipped, pass, packs: (path = store.path) => readdir(join(path, "pictures")) };
}

/** The scenes that a store shows, and has. */
async function scenesIn({ reads }: Runtime): Promise<string[]> {
  const { items } = await reads.events.list({}, { limit: 9, cursor: null });
  const found = items.flatMap((event) => locatePicture(event, "scene") ?? []);
  const read = await Promise.all(found.map((one) => reads.pictures.get(one)));
  return read.map((bytes) => bytes?.toString("latin1").match(/the scene of \d+/)?.[0] ?? "lost").sort();
}

it("a backup has the packs of scenes, also the next one", async () => {
  const { store, pass, packs, backUp, restore: from, open, place } = await keepingScenes();
  await backUp(store, "copy");
  await pass(2);
  await backUp(store, "copy");
  expect(await from("copy", "again")).toMatchObject({ pictures: 4, missing: [] });
  expect(await packs(place("again"))).toEqual(await packs());
  const again = await open("again", store.token);
  expect(await scenesIn(again.runtime)).toEqual(["the scene of 1", "the scene of 2"]);
  await again.close();
  const found = await examine(place("again"), { isDeep: true, now: () => received });
  expect(found.filter(({ check, state }) => ["pictures", "orphans"].includes(check) && state !== "ok")).toEqual([]);
});

it("a bucket has the packs of scenes, and none that have ended", async () => {
  const { store, pass, packs, ship, advance, bucket, place, open } = await keepingScenes();
  await ship();
  await pass(2);
  await ship();
  expect(bucket.keys("pictures/").map((key) => key.split("/")[1])).toContain("2026-03-scenes");
  const again = await restore({ from: { bucket, at: null }, data: place("again"), later: null, isPartial: false });
  expect(again).toMatchObject({ pictures: 4, missing: [] });
  expect(await packs(place("again"))).toEqual(await packs());
  expect(await scenesIn((await open("again", store.token)).runtime)).toHaveLength(2);
  await store.runtime.retention.sweep(advance(60 * day));
  expect(await packs()).toEqual(["2026-03.pack"]);
  await ship();
  const later = await restore({ from: { bucket, at: null }, data: place("later"), later: null, isPartial: false });
  expect(later).toMatchObject({ pictures: 2, missing: [] });
  expect(await filesWith("the scene of", place("later"))).toEqual([]);
});
