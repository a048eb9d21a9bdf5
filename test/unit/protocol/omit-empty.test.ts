import { expect, it } from "vitest";
import { omitAbsent, omitEmpty } from "../../../packages/protocol/src/json.ts";

it("leaves out empty values", () => {
  expect(omitEmpty({ a: undefined, b: null, c: {}, d: [] })).toEqual({});
});

it("keeps false, 0 and empty texts", () => {
  expect(omitEmpty({ a: false, b: 0, c: "", d: [null], e: { f: null } })).toEqual({
    a: false,
    b: 0,
    c: "",
    d: [null],
    e: { f: null },
  });
});

it("omitAbsent leaves out null and undefined alone", () => {
  const kept = { a: false, b: 0, c: "", d: [], e: {} };
  expect(omitAbsent({ ...kept, f: undefined, g: null })).toStrictEqual(kept);
});
