import { expect, it } from "vitest";
import { getPath, omitPath, set, setPath } from "../../../packages/protocol/src/paths.ts";

it("finds a member at its path, and null if there is none", () => {
  expect(getPath({ a: { b: 1 } }, ["a", "b"])).toBe(1);
  expect(getPath({ a: { b: 1 } }, ["a", "c"])).toBeNull();
  expect(getPath({ a: [1] }, ["a", "0"])).toBeNull();
});

it("adds a value beside existing members", () => {
  const into = { a: { b: 1 } };
  setPath(into, ["a", "c", "d"], 2);
  expect(into).toEqual({ a: { b: 1, c: { d: 2 } } });
});

it("replaces a value in the way by an object", () => {
  const into = { a: "text" };
  setPath(into, ["a", "b"], 1);
  expect(into).toEqual({ a: { b: 1 } });
});

it("places a value at a path with the name of an inherited member", () => {
  const into = {};
  setPath(into, ["constructor", "name"], "x");
  expect(Object.entries(into)).toEqual([["constructor", { name: "x" }]]);
});

it("leaves a member out of a copy", () => {
  const value = { a: { b: 1, c: 2 }, d: 3 };
  expect(omitPath(value, ["a", "b"])).toEqual({ a: { c: 2 }, d: 3 });
  expect(value).toEqual({ a: { b: 1, c: 2 }, d: 3 });
});

it("leaves out nothing if the path does not exist", () => {
  expect(omitPath({ d: 3 }, ["a", "b"])).toEqual({ d: 3 });
});

it("sets a member of any name as data", () => {
  const into = {};
  set(into, "__proto__", { polluted: true });
  expect(Object.keys(into)).toEqual(["__proto__"]);
  expect(Object.getPrototypeOf(into)).toBe(Object.prototype);
});
