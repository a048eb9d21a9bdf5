import { compile, matches, PatternError } from "@gatepost/event-pattern";
import { describe, expect, it } from "vitest";
import { type Pair, pairs } from "../../system/oracles/event-ruler/pairs.ts";

type Verdict = "match" | "no-match" | "invalid";

function verdict({ pattern, event }: Pair): Verdict {
  try {
    return matches(compile(pattern), event) ? "match" : "no-match";
  } catch (error) {
    if (error instanceof PatternError) return "invalid";
    throw error;
  }
}

describe("the pairs put to the engine", () => {
  const asked = pairs(3000, 7).map((pair) => ({ text: JSON.stringify(pair.pattern), verdict: verdict(pair) }));
  const share = (wanted: Verdict) => asked.filter((pair) => pair.verdict === wanted).length / asked.length;

  it("match often, fail often, and are refused at times", () => {
    expect(share("match")).toBeGreaterThan(0.3);
    expect(share("no-match")).toBeGreaterThan(0.3);
    expect(share("invalid")).toBeGreaterThan(0.03);
  });

  it("are the same for the same seed", () => {
    expect(pairs(20, 7)).toEqual(pairs(20, 7));
    expect(pairs(20, 7)).not.toEqual(pairs(20, 8));
  });

  it.each([
    ...["prefix", "suffix", "equals-ignore-case", "wildcard", "exactly", "numeric", "cidr", "exists", "$or"].map(
      (name) => [name, `"${name}":`],
    ),
    ["prefix whatever the case", '"prefix":{"equals-ignore-case":'],
    ["suffix whatever the case", '"suffix":{"equals-ignore-case":'],
    ["anything-but a text", '"anything-but":"'],
    ["anything-but a number", '"anything-but":1'],
    ["anything-but texts", '"anything-but":["'],
    ["anything-but numbers", '"anything-but":[1'],
    ["anything-but a prefix", '"anything-but":{"prefix":"'],
    ["anything-but prefixes", '"anything-but":{"prefix":["'],
    ["anything-but a suffix", '"anything-but":{"suffix":"'],
    ["anything-but suffixes", '"anything-but":{"suffix":["'],
    ["anything-but whatever the case", '"anything-but":{"equals-ignore-case":"'],
    ["anything-but texts whatever the case", '"anything-but":{"equals-ignore-case":["'],
    ["anything-but a wildcard", '"anything-but":{"wildcard":"'],
    ["anything-but wildcards", '"anything-but":{"wildcard":["'],
  ])("try %s with and without a match", (_, operator = "") => {
    const verdicts = asked.filter(({ text }) => text.includes(operator)).map((pair) => pair.verdict);
    expect(verdicts).toEqual(expect.arrayContaining(["match", "no-match"]));
  });
});
