import { holdsEvent, isEvent } from "@gatepost/protocol";
import { expect, it } from "vitest";

/** A body of the form of history. */
const history = { ext_data: {} };

it.each([
  ["who and when", { ...history, identity_id: "7", timestamp: 1 }, true],
  ["who, with a picture", { ...history, identity_id: "7", reg_pic: "x" }, true],
  ["who, with a score", { ...history, identity_id: "7", score: 0.9 }, true],
  ["who alone", { ...history, identity_id: "7" }, false],
  ["somebody and when, with a picture", { ...history, identity_id: "", timestamp: 1, reg_pic: "x" }, true],
  ["somebody and when, of a type", { ...history, identity_id: "", timestamp: 1, person_type: 4 }, true],
  ["somebody and when", { ...history, identity_id: "", timestamp: 1 }, false],
  ["somebody, with a picture", { ...history, identity_id: "", reg_pic: "x" }, false],
])("a body with %s: is it an event", (_, body, is) => {
  expect(isEvent(body)).toBe(is);
});

it("an event is found among any number of values", () => {
  const values = Array.from({ length: 300_000 }, () => 0);
  expect(holdsEvent(values)).toBe(false);
  expect(holdsEvent([values, { deep: { ...history, identity_id: "7", timestamp: 1 } }])).toBe(true);
});
