import { expect, it } from "vitest";
import { openDoor, passing } from "./support.ts";

async function importFiltered() {
  openDoor(() => 503);
  return import("../../../packages/console/src/parts/wall/filtered.tsx");
}

const idsOf = (list: readonly { id: string }[]) => list.map(({ id }) => id);

it("keeps the events of a filter in order of arrival, up to a limit", async () => {
  const { withArrived } = await importFiltered();
  const list = [passing("b"), passing("a")];
  expect(idsOf(withArrived(list, [passing("c"), passing("d")], []))).toEqual(["d", "c", "b", "a"]);
  const many = Array.from({ length: 700 }, (_, n) => passing(`later-${n}`));
  const kept = withArrived(list, many, []);
  expect([kept.length, kept[0]?.id]).toEqual([500, "later-699"]);
});

it("changes an event where it is, and nothing else", async () => {
  const { withArrived } = await importFiltered();
  const list = [passing("b"), passing("a")];
  expect(withArrived(list, [], [passing("other")])).toBe(list);
  const [, changed] = withArrived(list, [], [passing("a", { name: "Ada" })]);
  expect(changed?.person.name).toBe("Ada");
  expect(idsOf(withArrived(list, [passing("b")], []))).toEqual(["b", "a"]);
});
