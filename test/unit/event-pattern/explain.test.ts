import { compile, explain, matches } from "@gatepost/event-pattern";
import { expect, it } from "vitest";

const event = {
  source: "gatepost",
  detail: {
    want_action: "1001",
    event: { box: { id: "canteen" }, score: 0.4, actions: [{ name: "a" }, { name: "b" }] },
  },
};
const why = (pattern: object) => explain(compile(pattern), event);

it("explains each condition: the value, the wanted value, and whether it is met", () => {
  const pattern = { detail: { want_action: ["1001", "1002"], event: { box: { id: [{ prefix: "gate-" }] } } } };
  expect(why(pattern)).toEqual([
    { path: "detail.event.box.id", holds: false, is: "canteen", wants: 'prefix "gate-"' },
    { path: "detail.want_action", holds: true, is: "1001", wants: '"1001" or "1002"' },
  ]);
  expect(why({ detail: { event: { score: [{ numeric: ["<", 0.5] }], actions: { name: ["b"] } } } })).toEqual([
    { path: "detail.event.actions.name", holds: true, is: "b, a", wants: '"b"' },
    { path: "detail.event.score", holds: true, is: "0.4", wants: 'numeric ["<",0.5]' },
  ]);
});

it("explains a missing field as an empty value, and whether it is met", () => {
  expect(why({ detail: { late: [{ exists: false }] }, nothing: ["x"] })).toEqual([
    { path: "detail.late", holds: true, is: "", wants: "exists false" },
    { path: "nothing", holds: false, is: "", wants: '"x"' },
  ]);
});

it("explains the alternative with the fewest unmet conditions", () => {
  const pattern = {
    $or: [
      { source: ["a"], detail: { want_action: ["9"] } },
      { source: ["gatepost"], "detail-type": ["b"] },
    ],
  };
  expect(why(pattern).map(({ path, holds }) => [path, holds])).toEqual([
    ["detail-type", false],
    ["source", true],
  ]);
});

it("has every condition met exactly if the pattern matches a plain event", () => {
  for (const box of ["canteen", "gate-1"]) {
    const pattern = compile({ detail: { event: { box: { id: [box] } }, want_action: [{ "anything-but": "1002" }] } });
    expect(explain(pattern, event).every(({ holds }) => holds)).toBe(matches(pattern, event));
  }
});

it("cuts long values", () => {
  const long = "x".repeat(1000);
  const [finding] = explain(compile({ a: [long] }), { a: long });
  expect([finding?.is.length, finding?.wants.length]).toEqual([200, 200]);
});
