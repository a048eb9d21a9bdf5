import { describe, expect, it } from "vitest";
import type { BoxPerson } from "../../../../packages/bridge/src/people/dialect.ts";
import { isSeen, neverSeen, seenOf } from "../../../../packages/bridge/src/people/seen.ts";

const held: BoxPerson = {
  name: "王芳",
  type: "employee",
  permissionIds: ["day", "night"],
  record: {},
  imageId: "image 1",
  photo: Buffer.from("a photo"),
};
const isSeenAs = (now: BoxPerson | null, before: BoxPerson | null, id = "888031") =>
  isSeen(seenOf("888031", now), seenOf(id, before));

describe("the state of a person on a box is the same as before", () => {
  it.each<[string, Partial<BoxPerson>]>([
    ["if nothing changed", {}],
    ["if the box lists the groups in another order", { permissionIds: ["night", "day"] }],
    ["if the same photo has another id", { imageId: "image 2" }],
    ["if the photo is encoded anew and its id stays", { photo: Buffer.from("encoded anew") }],
  ])("%s", (_, change) => {
    expect(isSeenAs({ ...held, ...change }, held)).toBe(true);
  });

  it("if the person is not there", () => {
    expect(isSeenAs(null, null)).toBe(true);
  });
});

describe("the state of a person on a box is another one", () => {
  it.each<[string, Partial<BoxPerson>]>([
    ["if the name changed", { name: "Wang" }],
    ["if the type changed", { type: "vip" }],
    ["if a group went", { permissionIds: ["day"] }],
    ["if the photo changed", { imageId: "image 2", photo: Buffer.from("another") }],
    ["if the photo changed that has no id", { imageId: null, photo: Buffer.from("another") }],
  ])("%s", (_, change) => {
    const before = change.imageId === null ? { ...held, imageId: null } : held;
    expect(isSeenAs({ ...held, ...change }, before)).toBe(false);
  });

  it("if the person appeared or disappeared", () => {
    expect([isSeenAs(held, null), isSeenAs(null, held)]).toEqual([false, false]);
  });

  it("if it is of another person", () => {
    expect(isSeenAs(held, held, "888032")).toBe(false);
  });

  it("if nothing was ever seen", () => {
    expect([held, null].map((now) => isSeen(seenOf("888031", now), neverSeen))).toEqual([false, false]);
  });
});
