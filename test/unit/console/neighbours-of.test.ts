import { expect, it } from "vitest";
import { neighboursOf } from "../../../packages/console/src/event/neighbours-of.ts";

const list = [{ id: "c" }, { id: "b" }, { id: "a" }];

it("takes its neighbours in its list, newest first", () => {
  expect(neighboursOf("b", list, null)).toEqual({ newer: "c", older: "a" });
  expect(neighboursOf("b", list, { id: "b", newer: "x", older: "y" })).toEqual({ newer: "c", older: "a" });
});

it("asks the server at the end of the list", () => {
  expect(neighboursOf("a", list, { id: "a", newer: "x", older: "y" })).toEqual({ newer: "b", older: "y" });
  expect(neighboursOf("c", list, { id: "c", newer: null, older: "y" })).toEqual({ newer: null, older: "b" });
  expect(neighboursOf("a", list, { id: "c", newer: null, older: "y" })).toEqual({ newer: "b", older: null });
});

it("is what the server says of one that is in no list", () => {
  expect(neighboursOf("z", list, { id: "z", newer: "x", older: "y" })).toEqual({ newer: "x", older: "y" });
  expect(neighboursOf("z", list, null)).toEqual({ newer: null, older: null });
});
