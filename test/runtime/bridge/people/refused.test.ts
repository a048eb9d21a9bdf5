import { expect, it } from "vitest";
import { judged, Refused } from "../../../../packages/bridge/src/people/refused.ts";
import { BoxError } from "../../../../packages/bridge/src/se5/box-error.ts";

const isFinal = (facts: ConstructorParameters<typeof BoxError>[1]) =>
  judged(new BoxError("the box answers", facts)) instanceof Refused;

it.each([400, 401, 403, 404, 410])("HTTP %i of a box is final", (status) => {
  expect(isFinal({ status })).toBe(true);
});

it.each([null, 408, 429, 500, 502, 503])("HTTP %s of a box is not final: it is asked again", (status) => {
  expect(isFinal({ status })).toBe(false);
});

it.each(["50072", "INTERNAL_ERROR"])("%s in the answer of a box means busy, and is not final", (code) => {
  for (const status of [null, 400, 500]) expect(isFinal({ status, refusal: { code, message: "" } })).toBe(false);
});

it.each(["40015", "NO_FACE_ERROR", "12345"])("%s in the answer of a box is final, with any status", (code) => {
  for (const status of [null, 400, 500]) expect(isFinal({ status, refusal: { code, message: "" } })).toBe(true);
});
