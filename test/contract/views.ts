import { Views } from "@gatepost/core/views";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OpenedItems } from "./items.ts";

/** Saved views, on any driver of the record store. */
export function viewsContract(name: string, open: () => Promise<OpenedItems>): void {
  describe(`${name} keeps the promises of a store of views:`, () => {
    let opened: OpenedItems;
    let views: Views;
    beforeEach(async () => {
      opened = await open();
      views = new Views(opened.items);
    });
    afterEach(() => opened.close());

    const [ann, ben] = ["acc_a", "acc_b"];
    const view = (text: string, isForEverybody = false) => ({
      name: text,
      address: `#/events?q=${text}`,
      isForEverybody,
    });
    const namesOf = async (caller: string) => (await views.list(caller)).map((one) => one.name);

    it("lists a caller's views and the shared ones, by name", async () => {
      await views.add(view("夜间"), ann);
      await views.add(view("Gate 10"), ann);
      await views.add(view("Gate 2", true), ben);
      await views.add(view("mine"), ben);
      await expect.poll(() => namesOf(ann)).toEqual(["Gate 2", "Gate 10", "夜间"]);
      await expect.poll(() => namesOf(ben)).toEqual(["Gate 2", "mine"]);
    });

    it("changes the given members of a view alone", async () => {
      const { id } = await views.add(view("a"), ann);
      expect(await views.change(id, { name: "b" }, ann)).toEqual({ id, ...view("a"), name: "b" });
      expect(await views.change(id, { address: "#/live" }, ann)).toEqual({
        id,
        name: "b",
        address: "#/live",
        isForEverybody: false,
      });
      expect(await views.get(id, ann)).toMatchObject({ name: "b", address: "#/live" });
    });

    it("hides a caller's views from others", async () => {
      const { id } = await views.add(view("a"), ann);
      expect(await views.get(id, ben)).toBeNull();
      expect(await views.change(id, { name: "b" }, ben)).toBeNull();
      expect(await views.remove(id, ben)).toBe(false);
      expect(await views.remove(id, ann)).toBe(true);
      expect(await views.remove(id, ann)).toBe(false);
      expect(await views.change(id, { name: "b" }, ann)).toBeNull();
    });

    it("finds no record of another kind", async () => {
      await opened.items.write({ pk: "acc_a", set: { owner: ann } });
      expect(await views.get("acc_a", ann)).toBeNull();
      expect(await views.remove("acc_a", ann)).toBe(false);
      expect(await opened.items.get("acc_a")).not.toBeNull();
    });

    it("keeps 64 views of a caller, and 64 shared ones", async () => {
      for (const isForEverybody of [false, true]) {
        for (let count = 0; count < 64; count++) await views.add(view(`${count}`, isForEverybody), ann);
        await expect
          .poll(() => views.add(view("more", isForEverybody), ann).catch(({ code }) => code))
          .toBe("too-many");
      }
      await views.add(view("mine"), ben);
    });

    it("removes the views of a caller, except the shared ones", async () => {
      await views.add(view("a"), ann);
      await views.add(view("b", true), ann);
      await expect.poll(() => namesOf(ann)).toEqual(["a", "b"]);
      await views.removeOf(ann);
      await expect.poll(() => namesOf(ann)).toEqual(["b"]);
    });
  });
}
