import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonFaultAt } from "../../../../packages/embedded/src/bus/json-fault.ts";

describe("the place of an error in JSON", () => {
  it.each([
    ["", 1, 1],
    ["[", 1, 2],
    ["[1,]", 1, 4],
    ["[1 2]", 1, 4],
    ['{"a":1,}', 1, 8],
    ['{"a" 1}', 1, 6],
    ["{a:1}", 1, 2],
    ['{"a":}', 1, 6],
    ["[1]]", 1, 4],
    ["[}", 1, 2],
    ['[\n  "a\nb"]', 2, 3],
    ["[01]", 1, 3],
    ['["\\x"]', 1, 2],
    ["[1]\n\nx", 3, 1],
  ])("%j is line %i, column %i", (text, line, column) => {
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(jsonFaultAt(text)).toEqual({ line, column });
  });

  it("is right behind the valid text", () => {
    const valid = fc.json().map((text) => text.trim());
    fc.assert(
      fc.property(valid, fc.constantFrom(" ", "\n"), (text, blank) => {
        const { line, column } = jsonFaultAt(`${text}${blank}x`);
        expect([line, column]).toEqual(blank === " " ? [1, text.length + 2] : [2, 1]);
      }),
    );
  });
});
