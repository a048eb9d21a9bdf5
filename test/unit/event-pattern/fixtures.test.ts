import { compile, matches, PatternError } from "@gatepost/event-pattern";
import { describe, expect, it } from "vitest";
import { cases, refusals } from "./cases.ts";

describe.each([
  ["the user guide", "guide.json"],
  ["the engine, where the guide is silent", "engine.json"],
  ["pairs once answered differently", "disagreements.json"],
])("%s", (_, file) => {
  it.each(cases(file))("$name", ({ pattern, event, matches: expected }) => {
    expect(matches(compile(pattern), event)).toBe(expected);
  });
});

describe("an invalid pattern", () => {
  it.each(refusals("invalid.json"))("$name", ({ pattern, path }) => {
    expect(() => compile(pattern)).toThrow(PatternError);
    expect(() => compile(pattern)).toThrow(expect.objectContaining({ path }));
  });

  it("is refused with the correct form", () => {
    expect(() => compile({ detail: { want_action: "1001" } })).toThrow(
      '$.detail.want_action: write the value as a list: ["1001"]',
    );
  });
});
