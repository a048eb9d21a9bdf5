import { expect, it } from "vitest";
import { ChosenRows } from "../../../packages/console/src/parts/chosen-rows.ts";

const list = ["a", "b", "c", "d"].map((id) => ({ id }));
const row = (id: string) => list.find((one) => one.id === id) ?? { id };

const idsOf = (rows: ChosenRows<{ id: string }>) => rows.all.map(({ id }) => id);

it("chooses a range from the row that was chosen last, in both directions", () => {
  const rows = new ChosenRows<{ id: string }>();
  rows.toggle(row("c"), list, false);
  rows.toggle(row("a"), list, true);
  expect(idsOf(rows).toSorted()).toEqual(["a", "b", "c"]);
  rows.toggle(row("b"), list, false);
  expect(rows.has("b")).toBe(false);
  rows.toggle(row("d"), list, true);
  expect(idsOf(rows).toSorted()).toEqual(["a", "b", "c", "d"]);
});

it("chooses one row if the last one is not in the list any more", () => {
  const rows = new ChosenRows<{ id: string }>();
  rows.toggle(row("gone"), list, false);
  rows.toggle(row("b"), list, true);
  expect(idsOf(rows)).toEqual(["gone", "b"]);
  rows.clear();
  expect(rows.all).toEqual([]);
});
