import { expect, it } from "vitest";
import { withArrived } from "../../../packages/console/src/live/filtered.ts";
import { passing } from "./support.ts";

const idsOf = (list: readonly { id: string }[]) => list.map(({ id }) => id);

it("keeps the events of a filter in order of arrival, up to a limit", () => {
  const list = [passing("b"), passing("a")];
  expect(idsOf(withArrived(list, [passing("c"), passing("d")], []))).toEqual(["d", "c", "b", "a"]);
  const many = Array.from({ length: 700 }, (_, n) => passing(`later-${n}`));
  const kept = withArrived(list, many, []);
  expect([kept.length, kept[0]?.id]).toEqual([500, "later-699"]);
});

it("changes an event where it is, and nothing else", () => {
  const list = [passing("b"), passing("a")];
  expect(withArrived(list, [], [passing("other")])).toBe(list);
  const [, changed] = withArrived(list, [], [passing("a", { name: "Ada" })]);
  expect(changed?.person.name).toBe("Ada");
  expect(idsOf(withArrived(list, [passing("b")], []))).toEqual(["b", "a"]);
});
