import { join } from "node:path";
import { expect, it } from "vitest";
import { temporary } from "../../../unit/simulator/support.ts";
import { versions } from "../people/support.ts";
import { actUnsaid, approve, ended, newPhoto, stranger, undo, world } from "./world.ts";

it.each(versions)(
  "an undo does not report success for another bridge's registration, on generation %s",
  async (_, version) => {
    const here = await world({ gate: version });
    const box = here.box("gate");
    const { id } = await stranger(here, box);
    // The first bridge has done it, and has not said so yet, when the second one takes the order.
    const first = actUnsaid(here, box);
    await approve(here, id, { name: "Ada", type: "employee" });
    await expect.poll(() => box.named("Ada")).toBe(1);
    await first.stop();
    here.act({ folder: join(await temporary(), "second") });
    expect((await ended(here, id)).state).toBe("done");
    expect(box.named("Ada")).toBe(1);
    await undo(here, id);
    const { state, approval } = await ended(here, id);
    expect([state, approval?.boxes[0]?.reason, box.named("Ada")]).toEqual([
      "failed",
      expect.stringContaining("as on another bridge"),
      1,
    ]);
  },
);

it.each(versions)(
  "an undo does not report success for another bridge's photo, on generation %s",
  async (_, version) => {
    const here = await world({ gate: version });
    const box = here.box("gate");
    const id = box.library.all()[0]?.id ?? "";
    const photo = () => box.library.get(id).faces.map((face) => box.library.photoOf(face, id));
    const old = photo();
    const asked = await newPhoto(here, box, 700);
    const first = actUnsaid(here, box);
    await approve(here, asked, {});
    await expect.poll(photo).not.toEqual(old);
    const taken = photo();
    await first.stop();
    here.act({ folder: join(await temporary(), "second") });
    expect((await ended(here, asked)).state).toBe("done");
    await undo(here, asked);
    const { state, approval } = await ended(here, asked);
    expect([state, approval?.boxes[0]?.reason]).toEqual(["failed", expect.stringContaining("as on another bridge")]);
    expect(photo()).toEqual(taken);
  },
);
