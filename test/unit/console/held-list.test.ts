import type { RequestedAction } from "@gatepost/client";
import { expect, it } from "vitest";
import { inPlace } from "../../../packages/console/src/actions/listing.ts";

const action = (id: string, state = "announced") => ({ id, state }) as RequestedAction;

it("moves no action in view: a new one before it waits, one behind it appears", () => {
  const shown = [action("b"), action("c"), action("d")];
  const latest = [action("new"), action("b"), action("d", "failed"), action("e")];
  expect(inPlace(shown, latest)).toEqual([action("b"), action("c"), action("d", "failed"), action("e")]);
  expect(inPlace([], latest)).toEqual(latest);
});
