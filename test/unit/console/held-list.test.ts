import type { RequestedAction } from "@gatepost/client";
import { expect, it } from "vitest";
import { inPlace } from "../../../packages/console/src/actions/listing.ts";

const action = (id: string, state = "announced") => ({ id, state }) as RequestedAction;

it("lets no action move that somebody looks at: what is new before it waits, what goes on behind it comes", () => {
  const shown = [action("b"), action("c"), action("d")];
  const latest = [action("new"), action("b"), action("d", "failed"), action("e")];
  expect(inPlace(shown, latest)).toEqual([action("b"), action("c"), action("d", "failed"), action("e")]);
  expect(inPlace([], latest)).toEqual(latest);
});
