import { expect, it } from "vitest";
import type { BoxPerson } from "../../../../packages/bridge/src/people/dialect.ts";
import { Refused } from "../../../../packages/bridge/src/people/refused.ts";
import { undo } from "../../../../packages/bridge/src/people/undo.ts";

const [old, other] = [Buffer.from("the old photo"), Buffer.from("the new photo")];
const before = { record: { name: "王芳" }, imageId: "image 1", photo: old.toString("base64") };
const changed: BoxPerson = {
  name: "Wang",
  type: "employee",
  permissionIds: [],
  record: { name: "Wang" },
  imageId: "image 2",
  photo: other,
};

/** A box with one person, which takes photos and records, or only claims to take them. */
function boxWith(held: BoxPerson | null, { takesPhotos = true, takesRecords = true } = {}) {
  let now = held;
  const asked: string[] = [];
  return {
    asked,
    find: async () => now,
    async changePhoto(_: string, from: BoxPerson, photo: Buffer) {
      asked.push("photo");
      if (takesPhotos) now = { ...from, photo, imageId: "image 3" };
    },
    async restoreRecord(_: string, record: BoxPerson["record"]) {
      asked.push("record");
      if (now !== null && takesRecords) now = { ...now, record };
    },
  };
}

const { signal } = new AbortController();
const undone = (box: ReturnType<typeof boxWith>, kept: Partial<typeof before> | { photo: null } = {}) =>
  undo(box, "888031", { ...before, ...kept }, signal);

it("restores the photo and the record, each at most once", async () => {
  const box = boxWith(changed);
  for (const _ of ["at first", "again"]) expect(await undone(box)).toEqual({ state: "done", note: null });
  expect(box.asked).toEqual(["photo", "record"]);
});

it.each([
  ["record", { takesRecords: false }, "the box says that it took the old record, and has another"],
  ["photo", { takesPhotos: false }, "the box says that it took the old photo, and still has the new one"],
])("detects a %s that the box accepted but did not store", async (_, takes, why) => {
  await expect(undone(boxWith(changed, takes))).rejects.toThrow(new Refused(why));
});

it("accepts a re-encoded old photo by its new id", async () => {
  const box = boxWith(changed);
  const find = async () => {
    const held = await box.find();
    return held?.imageId === "image 3" ? { ...held, photo: Buffer.from("the old photo, encoded anew") } : held;
  };
  expect(await undo({ ...box, find }, "888031", before, signal)).toEqual({ state: "done", note: null });
});

it("restores only the record, with a reason, if the old photo is unknown", async () => {
  const box = boxWith(changed);
  await expect(undone(box, { photo: null })).rejects.toThrow("the box had not given out the old photo");
  expect(box.asked).toEqual(["record"]);
});

it.each([
  ["before it", 0],
  ["while it is undone", 1],
])("brings no one back who was removed %s", async (_, finds) => {
  const box = boxWith(changed);
  let found = 0;
  const find = async () => (found++ < finds ? box.find() : null);
  await expect(undo({ ...box, find }, "888031", before, signal)).rejects.toThrow("does not bring them back");
});
