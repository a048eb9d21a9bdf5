import { expect, it } from "vitest";
import { openPage, passing } from "./support.ts";

/** Nothing of it is seen: a blank, an ideographic one, a sign without a width, one that turns the direction. */
const unseen = [" ", "\u3000", "\u200b", "\u202e", "\t\n"];

async function openNames() {
  await openPage(() => 503);
  return import("../../../packages/console/src/format/event.ts");
}

it.each(unseen)("uses the id for the name %j, and the box for such a device", async (name) => {
  const { deviceOf, isNamed, nameOf, placeOf } = await openNames();
  const event = passing("a", { name, id: "42" });
  event.device = { ...event.device, name, ip: "10.0.0.7" };
  expect([nameOf(event), isNamed(event), placeOf(event), deviceOf(event)]).toEqual(["42", true, "gate-1", "10.0.0.7"]);
});

it("says that the person is not known if the id is blank, too", async () => {
  const { isNamed, nameOf } = await openNames();
  const { words } = await import("../../../packages/console/src/words/index.ts");
  const event = passing("a", { name: " ", id: "  " });
  expect([nameOf(event), isNamed(event)]).toEqual([words.value.somebody, false]);
});

it("uses the name by which people know a person before the id, and the name of the event before both", async () => {
  const { nameOf } = await openNames();
  const known = { name: "刘芳", library: "gate-1" };
  expect(nameOf(passing("a", { name: null, id: "42", known }))).toBe("刘芳");
  expect(nameOf(passing("a", { name: "Ada", id: "42", known }))).toBe("Ada");
});

it("leaves a name as the box sent it if any of it is visible", async () => {
  const { nameOf } = await openNames();
  for (const name of [" Ada ", ".", "赵强", "\u202eAda", "😀"]) expect(nameOf(passing("a", { name }))).toBe(name);
});
