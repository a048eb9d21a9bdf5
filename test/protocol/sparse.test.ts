import { expect, it } from "vitest";
import { sparse } from "../../packages/protocol/src/omit-empty.ts";

it("leaves out what says nothing", () => {
  expect(sparse({ a: undefined, b: null, c: {}, d: [] })).toEqual({});
});

it("keeps what says no, none or nil", () => {
  expect(sparse({ a: false, b: 0, c: "", d: [null], e: { f: null } })).toEqual({
    a: false,
    b: 0,
    c: "",
    d: [null],
    e: { f: null },
  });
});
