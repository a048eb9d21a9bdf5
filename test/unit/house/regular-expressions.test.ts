import { describe, expect, it } from "vitest";
import { acceptedExpressions } from "../../../scripts/regular-expressions/accepted.ts";
import { allExpressions, expressionsIn } from "../../../scripts/regular-expressions/find.ts";

const all = allExpressions();

describe("The list of regular expressions", () => {
  it("has those that are written, and those that are made", () => {
    const source = `const a = b / 2 / c; // /no/
const d = "/no/" + /in (?:a) text/u.source;
const e = new RegExp("^made$", "i"), f = RegExp(d + "$");
const g = <p title="x">{/[/]page/g}</p>;`;
    expect(expressionsIn("some.tsx", source)).toEqual([
      { at: "some.tsx:2", pattern: "in (?:a) text", flags: "u" },
      { at: "some.tsx:3", pattern: "^made$", flags: "i" },
      { at: "some.tsx:3", pattern: null, flags: "" },
      { at: "some.tsx:4", pattern: "[/]page", flags: "g" },
    ]);
  });

  it("has all that the sources have", () => {
    expect(all.length).toBeGreaterThan(200);
  });

  it("accepts no slow one that is not there any more", () => {
    const found = new Set(all.map(({ at, pattern }) => `${at.replace(/:\d+$/, "")} ${pattern}`));
    const stale = acceptedExpressions.filter(({ file, pattern }) => !found.has(`${file} ${pattern}`));
    expect(stale).toEqual([]);
  });

  it("knows what every one is that is put together while it runs", () => {
    const made = all.filter(({ pattern }) => pattern === null);
    const known = acceptedExpressions.filter(({ pattern }) => pattern === null);
    expect(made.map(({ at }) => at.replace(/:\d+$/, "")).sort()).toEqual(known.map(({ file }) => file).sort());
  });
});
