import { describe, expect, it } from "vitest";
import type { Report } from "../../../packages/protocol/src/report.ts";
import { truncate } from "../../../packages/protocol/src/truncate.ts";
import { received } from "../../support/reports.ts";

const limit = 8 * 1024;
const report = (facts: Partial<Report>): Report => ({
  kind: "history",
  dialect: "history-nested",
  receivedAt: received,
  ...facts,
});
const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

describe("a report within its bounds", () => {
  it("is left as it is", () => {
    const small = report({ person: { name: "x".repeat(limit) }, extra: { a: [1, null, { b: "c" }] } });
    expect(truncate(small)).toEqual({ report: small, truncations: [] });
  });
});

describe("a text over 8 KB", () => {
  it("is cut there and named", () => {
    const { report: kept, truncations } = truncate(report({ person: { name: "x".repeat(limit + 1) } }));
    expect(kept.person?.name).toBe("x".repeat(limit));
    expect(truncations).toEqual(["text-cut:person.name"]);
  });

  it.each([
    ["two bytes", "é"],
    ["three bytes", "明"],
    ["four bytes", "😀"],
  ])("is cut before a character of %s that would be torn", (_, character) => {
    const { report: kept } = truncate(report({ serial: `a${character.repeat(limit)}` }));
    const room = Math.floor((limit - 1) / Buffer.byteLength(character));
    expect(kept.serial).toBe(`a${character.repeat(room)}`);
  });

  it("keeps the replacement characters that were sent", () => {
    const { report: kept } = truncate(report({ serial: "\uFFFD".repeat(limit) }));
    expect(kept.serial).toBe("\uFFFD".repeat(2730));
  });

  it("within extra is named by extra alone: the names below are the sender's", () => {
    const { truncations } = truncate(
      report({ extra: { a: { b: ["x".repeat(limit + 1)] }, c: "x".repeat(limit + 1) } }),
    );
    expect(truncations).toEqual(["text-cut:extra"]);
  });

  it("within a person's info is named by its two first members", () => {
    const { truncations } = truncate(report({ person: { info: { a: { b: "x".repeat(limit + 1) } } } }));
    expect(truncations).toEqual(["text-cut:person.info"]);
  });
});

describe("a report that is too large", () => {
  const large = { a: Array.from({ length: 20 }, () => "x".repeat(4_000)) };

  it("loses extra first, and only extra if that is enough", () => {
    const { report: kept, truncations } = truncate(report({ extra: large, person: { info: { a: 1 } } }));
    expect(kept).toEqual(report({ person: { info: { a: 1 } } }));
    expect(truncations).toEqual(["object-cut:extra"]);
  });

  it("loses one free-form member after another, and keeps its neighbours", () => {
    const { report: kept, truncations } = truncate(
      report({
        extra: large,
        person: { id: "1", info: large },
        quality: { registrable: true, box: large, grab: large },
        attributes: { age: "youth", faceBox: Array.from({ length: 20_000 }, () => 12345) },
      }),
    );
    expect(kept).toEqual(report({ person: { id: "1" }, quality: { registrable: true }, attributes: { age: "youth" } }));
    expect(truncations).toEqual([
      "object-cut:extra",
      "object-cut:person.info",
      "object-cut:quality.box",
      "object-cut:quality.grab",
      "object-cut:attributes.faceBox",
    ]);
  });

  it("is bounded even if every character is written as six", () => {
    const hostile = "\u0001".repeat(limit);
    const { report: kept, truncations } = truncate(
      report({
        serial: hostile,
        wantAction: hostile,
        device: { id: hostile, ip: hostile, name: hostile, endpoint: hostile },
        person: { id: hostile, name: hostile, group: hostile },
        attributes: { age: hostile, gender: hostile, glasses: hostile },
      }),
    );
    expect(bytes(kept)).toBeLessThanOrEqual(72 * 1024);
    expect(kept.person?.id).toBe("\u0001".repeat(512));
    expect(truncations).toContain("text-cut:person.id");
  });
});

it("keeps as text a number that JSON cannot say", () => {
  const { report: kept } = truncate(report({ extra: { a: Number.POSITIVE_INFINITY, b: [Number.NEGATIVE_INFINITY] } }));
  expect(kept.extra).toEqual({ a: "Infinity", b: ["-Infinity"] });
});

it("keeps members of any name", () => {
  const extra = JSON.parse('{"__proto__":{"a":1},"constructor":2}');
  expect(JSON.stringify(truncate(report({ extra })).report.extra)).toBe('{"__proto__":{"a":1},"constructor":2}');
});
