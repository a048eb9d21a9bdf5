import { expect, it } from "vitest";
import type { BoxPerson } from "../../../../packages/bridge/src/people/dialect.ts";
import { contentDigest } from "../../../../packages/bridge/src/people/seen.ts";
import { tookPhoto } from "../../../../packages/bridge/src/people/taken.ts";

const [sent, encodedAnew, old] = [Buffer.from("sent"), Buffer.from("sent, encoded anew"), Buffer.from("old")];
const person = { name: "", type: "employee", permissionIds: [], record: {} } as const;
const has = (imageId: string | null, photo: Buffer | null): BoxPerson => ({ ...person, imageId, photo });
const began = (imageId: string | null, photo: Buffer | null, record: string | null = "r") => ({
  record,
  imageId,
  photo: photo && contentDigest(photo),
});

it.each([
  ["the very bytes", has("1", sent), began("1", old), true],
  ["another picture id", has("2", encodedAnew), began("1", old), true],
  ["the same picture id, and other bytes", has("1", encodedAnew), began("1", old), false],
  ["other bytes, where the box gives no ids", has(null, encodedAnew), began(null, old), true],
  ["the old bytes, where the box gives no ids", has(null, old), began(null, old), false],
  ["nothing of a photo", has(null, null), began(null, old), false],
  ["a first photo of somebody who had none, encoded anew", has("1", encodedAnew), began(null, null), true],
  ["a first picture id of somebody who had none", has("1", null), began(null, null), true],
  ["no photo of somebody who had none", has(null, null), began(null, null), false],
  ["a photo of somebody who is new", has("1", encodedAnew), began(null, null, null), true],
])("%s", (_, held, before, isTaken) => {
  expect(tookPhoto(held, sent, before)).toBe(isTaken);
});
