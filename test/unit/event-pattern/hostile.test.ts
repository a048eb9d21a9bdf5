import { compile, type JsonObject, matches, PatternError } from "@gatepost/event-pattern";
import { expect, it } from "vitest";

const fits = (pattern: unknown, event: JsonObject): boolean => matches(compile(pattern), event);
const nested = (levels: number): unknown => (levels === 1 ? ["x"] : { a: nested(levels - 1) });

it("ends on a text made to send wildcards back and forth", () => {
  const pattern = { a: [{ wildcard: `${"a*".repeat(200)}b` }] };
  const text = "a".repeat(100_000);
  expect(fits(pattern, { a: `${text}c` })).toBe(false);
  expect(fits(pattern, { a: `${text}b` })).toBe(true);
});

it("ends on a text that can be folded in many ways", () => {
  const pattern = { a: [{ suffix: { "equals-ignore-case": `x${"ß".repeat(2000)}` } }] };
  expect(fits(pattern, { a: `y${"ßSS".repeat(1000)}` })).toBe(false);
  expect(fits(pattern, { a: `yx${"ßSS".repeat(1000)}` })).toBe(true);
});

it("takes 32 levels and no more", () => {
  expect(() => compile(nested(32))).not.toThrow();
  expect(() => compile(nested(33))).toThrow(PatternError);
  expect(() => compile(nested(5000))).toThrow("32 levels");
});

it("takes 16,384 characters and no more", () => {
  const characters = 16_384 - JSON.stringify({ a: [""] }).length;
  expect(() => compile({ a: ["x".repeat(characters)] })).not.toThrow();
  expect(() => compile({ a: ["x".repeat(characters + 1)] })).toThrow("16385 characters");
});

it("refuses $or's that multiply", () => {
  const either = { $or: [{ a: ["x"] }, { b: ["x"] }] };
  const fields = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, either]));
  expect(() => compile(fields(9))).not.toThrow();
  expect(() => compile(fields(24))).toThrow("combinations");
});

it.each([
  ["nothing", undefined],
  ["a function", { a: [() => true] }],
  ["a number too large for JSON", { a: [Number.POSITIVE_INFINITY] }],
  ["no number", { a: [{ numeric: ["=", Number.NaN] }] }],
  ["half a character", { a: ["\ud83d"] }],
])("refuses %s", (_, pattern) => {
  expect(() => compile(pattern)).toThrow(PatternError);
});

it("does not see values below 32 lists in lists", () => {
  const wrapped = (levels: number): JsonObject => ({
    a: JSON.parse(`${"[".repeat(levels)}{"b":1}${"]".repeat(levels)}`),
  });
  expect(fits({ a: { b: [1] } }, wrapped(32))).toBe(true);
  expect(fits({ a: { b: [1] } }, wrapped(33))).toBe(false);
  expect(fits({ a: { b: [1] } }, wrapped(100_000))).toBe(false);
});

it("finds one element among thousands", () => {
  const elements = Array.from({ length: 20_000 }, (_, index) => ({ b: index % 2, c: index }));
  expect(fits({ a: { b: [1], c: [19_999] } }, { a: elements })).toBe(true);
  expect(fits({ a: { b: [0], c: [19_999] } }, { a: elements })).toBe(false);
});

it("does not try out lists that have nothing to do with one another", () => {
  const names = Array.from({ length: 8 }, (_, index) => `list${index}`);
  const event = Object.fromEntries(
    names.map((name) => [name, Array.from({ length: 20 }, (_, id) => ({ id, ok: true }))]),
  );
  const pattern = (last: number) =>
    Object.fromEntries(names.map((name) => [name, { ok: [true], id: [{ numeric: ["<=", last] }] }]));
  expect(fits(pattern(19), event)).toBe(true);
  expect(fits({ ...pattern(19), z: [1] }, event)).toBe(false);
  expect(fits({ ...pattern(19), z: [{ exists: false }] }, event)).toBe(true);
});

it("gives up on dotted keys that reach the same fields in too many ways", () => {
  const twoWays = (count: number): JsonObject => {
    const elements = Array.from({ length: count }, () => ({ c: 1, d: 1, e: 1 }));
    return { a: [{ b: elements }], "a.b": elements };
  };
  const pattern = { a: { b: { c: [1], d: [1], e: [1] } } };
  expect(fits(pattern, twoWays(10))).toBe(true);
  expect(fits(pattern, twoWays(1000))).toBe(false);
});

it("takes nothing but an object for an event", () => {
  expect(fits({ a: [{ exists: false }] }, JSON.parse('["x"]'))).toBe(false);
  expect(fits({ a: [{ exists: false }] }, {})).toBe(true);
});
