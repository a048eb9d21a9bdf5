import { describe, expect, it } from "vitest";
import { until } from "../../../unit/simulator/support.ts";
import { approve, ended, newPhoto, undo, world } from "./world.ts";

const otherLook = 700;

/** A box that asked for two photos of one person: first of another face, then of the person. */
async function askedTwice(version: "V2R4" | "V5R6" | "V6") {
  const here = await world({ gate: version });
  const box = here.box("gate");
  const [person] = box.site.people;
  if (person === undefined) throw new Error("nobody is registered");
  const older = await newPhoto(here, box, otherLook);
  const newer = await newPhoto(here, box, person.look);
  const photos = () => box.library.get(person.id).faces.map((face) => box.library.photoOf(face, person.id));
  const looks = () => box.library.get(person.id).faces.map(({ look }) => look);
  const outcome = async (id: string) => {
    const [at] = (await ended(here, id)).approval?.boxes ?? [];
    return [at?.state, at?.reason];
  };
  return { here, box, older, newer, photos, looks, outcome };
}

describe.each(["V2R4", "V5R6", "V6"] as const)("two orders for one person on %s", (version) => {
  it("an undo of the older fails until the newer is undone", async () => {
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

  it("the older that was cut off and overtaken is done when it is approved again", async () => {
    const { here, box, older, newer, looks, outcome } = await askedTwice(version);
    let writes = 0;
    // The first photo that is sent does not reach the box.
    box.library.settings.mishap = (_, { method, path }) => {
      const isWrite = method === "PUT" || path.endsWith("/replaceface");
      return isWrite && writes++ === 0 ? "reset-before" : null;
    };
    here.act({ random: () => 1 });
    await approve(here, older, {});
    await until(() => writes > 0);
    await approve(here, newer, {});
    expect(await outcome(newer)).toEqual(["done", null]);
    expect(await outcome(older)).toEqual(["failed", expect.stringContaining("approve this again")]);
    await approve(here, older, {});
    expect(await outcome(older)).toEqual(["done", null]);
    expect(looks()).toEqual([otherLook]);
  });

  it("the older that is approved again is written over the newer", async () => {
    const { here, older, newer, looks, outcome } = await askedTwice(version);
    here.act();
    for (const id of [older, newer, older]) {
      await approve(here, id, {});
      expect(await outcome(id)).toEqual(["done", null]);
    }
    expect(looks()).toEqual([otherLook]);
  });
});
