import { describe, expect, it } from "vitest";
import { approve, ended, newPhoto, undo, world } from "./world.ts";

const otherLook = 700;

/** A box that asked for two photos of one person: first of another face, then of their own. */
async function askedTwice(version: "V2R4" | "V5R6" | "V6") {
  const here = await world({ gate: version });
  const box = here.box("gate");
  const [person] = box.site.people;
  if (person === undefined) throw new Error("nobody is registered");
  const older = await newPhoto(here, box, otherLook);
  const newer = await newPhoto(here, box, person.look);
  const photos = () => box.library.get(person.id).faces.map((face) => box.library.photoOf(face, person.id));
  const outcome = async (id: string) => {
    const [at] = (await ended(here, id)).approval?.boxes ?? [];
    return [at?.state, at?.reason];
  };
  return { here, older, newer, photos, outcome };
}

describe.each(["V2R4", "V5R6", "V6"] as const)("two orders for one person on %s", (version) => {
  it("an undo of the older takes nothing of the newer away, and is done once that is undone", async () => {
    const { here, older, newer, photos, outcome } = await askedTwice(version);
    here.act();
    const before = photos();
    await approve(here, older, {});
    expect(await outcome(older)).toEqual(["done", null]);
    await approve(here, newer, {});
    expect(await outcome(newer)).toEqual(["done", null]);
    const after = photos();
    await undo(here, older);
    expect(await outcome(older)).toEqual(["failed", expect.stringContaining("changed since by another order")]);
    expect(photos()).toEqual(after);
    for (const id of [newer, older]) {
      await undo(here, id);
      expect(await outcome(id)).toEqual(["done", null]);
    }
    expect(photos()).toEqual(before);
  });
});
