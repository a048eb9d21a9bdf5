import { expect, it } from "vitest";
import { besideOf } from "../../../packages/console/src/event/beside.ts";

const list = [{ id: "c" }, { id: "b" }, { id: "a" }];

it("takes its neighbours in its list, newest first", () => {
  expect(besideOf("b", list, null)).toEqual({ newer: "c", older: "a" });
  expect(besideOf("b", list, { id: "b", newer: "x", older: "y" })).toEqual({ newer: "c", older: "a" });
});

it("asks the server at the end of the list", () => {
  expect(besideOf("a", list, { id: "a", newer: "x", older: "y" })).toEqual({ newer: "b", older: "y" });
  expect(besideOf("c", list, { id: "c", newer: null, older: "y" })).toEqual({ newer: null, older: "b" });
  expect(besideOf("a", list, { id: "c", newer: null, older: "y" })).toEqual({ newer: "b", older: null });
});

it("is what the server says of one that is in no list", () => {
  expect(besideOf("z", list, { id: "z", newer: "x", older: "y" })).toEqual({ newer: "x", older: "y" });
  expect(besideOf("z", list, null)).toEqual({ newer: null, older: null });
});
