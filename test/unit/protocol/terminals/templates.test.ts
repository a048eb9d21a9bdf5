import type { Json, JsonObject } from "@gatepost/protocol";
import { terminalValues } from "@gatepost/protocol/terminals";
import { describe, expect, it } from "vitest";
import { textIn, withoutTemplates } from "../../../../packages/protocol/src/terminal.ts";

describe("templates of terminals", () => {
  it("are left out at any depth, in any case", () => {
    const body = { a: [{ FeatureList: [1], b: { feature: "x", c: 1 } }], IDIMAGE: {}, d: null };
    expect(withoutTemplates(body)).toEqual({ a: [{ b: { c: 1 } }], d: null });
  });

  it("are left out below all levels", () => {
    let deep: Json = { Feature: "secret" };
    for (let level = 0; level < 40; level++) deep = { inner: deep };
    expect(JSON.stringify(withoutTemplates({ deep }))).not.toContain("secret");
  });
});

it("a text is a word, a number or a yes, and nothing else", () => {
  const body: JsonObject = { a: " x ", b: 7, c: false, d: null, e: {} };
  expect(["a", "b", "c", "d", "e", "f"].map((name) => textIn(body, name))).toEqual(["x", "7", "false", "", "", ""]);
  expect(textIn(null, "a")).toBe("");
});

it("a body of another sender has no values of a terminal", () => {
  expect(terminalValues([])).toBeNull();
  expect(terminalValues({ identity_id: "7" })).toBeNull();
});
