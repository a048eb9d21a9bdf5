import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PieceLimits, piecesOf } from "../../../../packages/receive/src/decode/batch.ts";
import { anyJson } from "../../../support/arbitraries.ts";

async function pieces(text: string, limits: PieceLimits = {}): Promise<string[]> {
  const found: string[] = [];
  for await (const { body } of piecesOf(Buffer.from(text), limits)) found.push(body.toString());
  return found;
}

describe("the pieces of a batch", () => {
  it.each([
    ["a list", ' [ {} , [1,2] ,"a,]\\"b", 3 ]\n', ["[ {} ]", "[ [1,2] ]", '["a,]\\"b"]', "[ 3 ]"]],
    ["a list behind a byte order mark", "\uFEFF[1]", ["[1]"]],
    ["a list with a colon", "[1:2,3]", ["[1:2]", "[3]"]],
    ["a list with commas too many", "[1,,2,]", ["[1]", "[2]"]],
    ["events", '{"count":1,"events":[{"a":[1]},2]}', ['{"count":1,"events":[{"a":[1]}]}', '{"count":1,"events":[2]}']],
    [
      "several lists",
      ' {"data":[1],"x":{"events":[9]},"events" : [] ,"records": [2, 3] }\n',
      [
        '{"data":[1],"x":{"events":[9]},"events" : [] ,"records": [] }',
        '{"data":[],"x":{"events":[9]},"events" : [] ,"records": [2] }',
        '{"data":[],"x":{"events":[9]},"events" : [] ,"records": [ 3] }',
      ],
    ],
    ["objects on one line", '{"a":{"b":[1]}}{"c":","} , {"d":1} , ', ['{"a":{"b":[1]}}', '{"c":","}', ' , {"d":1}']],
    [
      "a long object and a short one",
      `{"a":"${"x".repeat(300_000)}"}{"b":1}`,
      [`{"a":"${"x".repeat(300_000)}"}`, '{"b":1}'],
    ],
    ["objects over several lines", '{\n"a":1}\n{"b":\n2} rest', ['{\n"a":1}', '\n{"b":\n2}', " rest"]],
    ["objects with a bracket too many", '{"a":1}]{"b":2}', ['{"a":1}', ']{"b":2}']],
    ["lines", '{"a":1}\r\n \n{"a":\n"b\n', ['{"a":1}\r', '{"a":', '"b']],
    ["lines with commas", '{"a":1} ,\n{"b":[2]}', ['{"a":1} ,', '{"b":[2]}']],
  ])("are the reports of %s", async (_, text, expected) => {
    expect(await pieces(text, { reports: 1 })).toEqual(expected);
  });

  it.each([
    ["nothing", ""],
    ["a number", "1"],
    ["a text", '"[1,2]"'],
    ["an object", '{"a":[1,2]}'],
    ["a report with a list", '{"events":[1,2],"identity_id":"1"}'],
    ["an object whose lists are none", `{"events":{},"data":"[1]","${"records".repeat(9)}":[1]}`],
    ["a list with much around it", `{"events":[1,2],"note":"${"x".repeat(64 * 1024)}"}`],
    ["a list that is torn", "[1,2"],
    ["a list that is torn within a text", '["a,b'],
    ["a list with something behind it", "[1,2] 3"],
    ["brackets that close what was not open", "]}[1,2]"],
  ])("are none for %s", async (_, text) => {
    expect(await pieces(text)).toEqual([]);
  });

  it("are as long as the limits allow", async () => {
    expect(await pieces("[1,2,3,4,5]", { reports: 2 })).toEqual(["[1,2]", "[3,4]", "[5]"]);
    expect(await pieces("[1,22,333,4444]", { bytes: 6 })).toEqual(["[1,22]", "[333]", "[4444]"]);
    expect(await pieces("[[1],[1,2],[1,2,3],[]]", { values: 6 })).toEqual(["[[1],[1,2]]", "[[1,2,3],[]]"]);
    expect(await pieces('{"a":1}\n{"a":2}\n{"a":3}', { bytes: 20 })).toEqual(['{"a":1}\n{"a":2}', '{"a":3}']);
  });

  it("are found in several turns, so that other work has turns in between", async () => {
    let turns = 0;
    let next = setImmediate(function count() {
      turns += 1;
      next = setImmediate(count);
    });
    // Strings are hopped over: so much is looked through in little time.
    const found = await pieces(`[${`"${"x".repeat(1_000_000)}",`.repeat(20)}1]`);
    clearImmediate(next);
    expect(found).toHaveLength(1);
    // It is searched twice: for the end of the list, and for its elements.
    expect(turns).toBeGreaterThan(8);
  });

  it("contain every item of any list, in order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyJson),
        fc.integer({ min: 1, max: 200 }),
        fc.boolean(),
        async (items, bytes, isIn) => {
          const text = JSON.stringify(isIn ? { total: items.length, records: items } : items, null, bytes % 3);
          const parsed = (await pieces(text, { bytes })).map((piece) => JSON.parse(piece));
          expect(parsed.flatMap((piece) => piece.records ?? piece)).toEqual(JSON.parse(JSON.stringify(items)));
          if (isIn) expect(parsed.every(({ total }) => total === items.length)).toBe(true);
        },
      ),
    );
  });
});
