import { describe, expect, it } from "vitest";
import type { Held } from "../../../../packages/bridge/src/people/dialect.ts";
import { isSeen, neverSeen, seenOf } from "../../../../packages/bridge/src/people/seen.ts";

const held: Held = {
  ...{ name: "王芳", type: "employee", permissionIds: ["day", "night"], record: {} },
  ...{ imageId: "image 1", photo: Buffer.from("a photo") },
};
const isSeenAs = (now: Held | null, before: Held | null, id = "888031") =>
  isSeen(seenOf("888031", now), seenOf(id, before));

describe("the state of a person on a box is the same as before", () => {
  it.each<[string, Partial<Held>]>([
    ["where nothing changed", {}],
    ["where the box lists the groups in another order", { permissionIds: ["night", "day"] }],
    ["where the same photo has another id", { imageId: "image 2" }],
    ["where the photo is encoded anew and its id stays", { photo: Buffer.from("encoded anew") }],
  ])("%s", (_, change) => {
    expect(isSeenAs({ ...held, ...change }, held)).toBe(true);
  });

  it("where the person is not there", () => {
    expect(isSeenAs(null, null)).toBe(true);
  });
});

describe("it is another one", () => {
  it.each<[string, Partial<Held>]>([
    ["where the name changed", { name: "Wang" }],
    ["where the type changed", { type: "vip" }],
    ["where a group went", { permissionIds: ["day"] }],
    ["where the photo changed", { imageId: "image 2", photo: Buffer.from("another") }],
    ["where the photo changed that has no id", { imageId: null, photo: Buffer.from("another") }],
  ])("%s", (_, change) => {
    const before = change.imageId === null ? { ...held, imageId: null } : held;
    expect(isSeenAs({ ...held, ...change }, before)).toBe(false);
  });

  it("where the person came or went", () => {
    expect([isSeenAs(held, null), isSeenAs(null, held)]).toEqual([false, false]);
  });

  it("where it is that of somebody else", () => {
    expect(isSeenAs(held, held, "888032")).toBe(false);
  });

  it("where nothing was ever seen", () => {
    expect([held, null].map((now) => isSeen(seenOf("888031", now), neverSeen))).toEqual([false, false]);
  });
});
