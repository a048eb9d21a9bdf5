import type { Action } from "@gatepost/client";
import { expect, it } from "vitest";
import { inPlace, withLeft } from "../../../packages/console/src/acting/listing.ts";

const action = (id: string, state = "announced") => ({ id, state }) as Action;

it("moves no action in view: a new one before it waits, one behind it appears", () => {
  const shown = [action("b"), action("c"), action("d")];
  const latest = [action("new"), action("b"), action("d", "failed"), action("e")];
  expect(inPlace(shown, latest)).toEqual([action("b"), action("c"), action("d", "failed"), action("e")]);
  expect(inPlace([], latest)).toEqual(latest);
});

it("keeps an action that others have decided behind the one that it was behind", () => {
  const before = [action("a"), action("b"), action("c")];
  const latest = [action("new"), action("a"), action("c")];
  expect(withLeft(before, latest, [action("b", "declined")])).toEqual([
    ...[action("new"), action("a"), action("b", "declined"), action("c")],
  ]);
  expect(withLeft(before, [action("c")], [action("a", "done"), action("b", "done")])).toEqual([
    ...[action("a", "done"), action("b", "done"), action("c")],
  ]);
});
