import { expect, it } from "vitest";
import { type HeldBack, heldAfter } from "../../../packages/console/src/live/held-back.ts";
import { passing } from "./support.ts";

const [first, second] = [passing("first"), passing("second")];
const isRead = true;

it("keeps the rows that are read, however many come, and counts those", () => {
  let held: HeldBack | null = null;
  for (let turn = 0; turn < 600; turn++) {
    // The newest 500 alone are kept: at last none of those that are read is among them.
    const before = turn < 500 ? [first, second] : [];
    held = heldAfter(held, { before, arrived: [passing(`new-${turn}`)], updated: [], isRead });
  }
  expect(held).toEqual({ list: [first, second], count: 600 });
});

it("shows all when the user reads no more", () => {
  const held = { list: [first], count: 3 };
  expect(heldAfter(held, { before: [], arrived: [second], updated: [], isRead: false })).toBeNull();
  expect(heldAfter(null, { before: [first], arrived: [second], updated: [], isRead: false })).toBeNull();
});

it("changes an event in its place, also without new events", () => {
  const newer = passing("first", { name: "Ada" });
  const held = { list: [first, second], count: 1 };
  expect(heldAfter(held, { before: [], arrived: [], updated: [newer], isRead })).toEqual({
    list: [newer, second],
    count: 1,
  });
  expect(heldAfter(null, { before: [first], arrived: [], updated: [newer], isRead })).toBeNull();
});
