import { Body, hashToken, newToken } from "@gatepost/ingest";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { holdsToken, looksLikeToken, masked, maskedBytes } from "../../../packages/ingest/src/auth/token.ts";
import { sha256 } from "../../support/pictures.ts";

describe("a token", () => {
  it.each([
    ["ingest", /^gpi_[\w-]{27}$/],
    ["read", /^gpr_[\w-]{27}$/],
    ["admin", /^gpa_[\w-]{27}$/],
  ] as const)("to %s says so in its prefix", (scope, pattern) => {
    expect(newToken(scope)).toMatch(pattern);
    expect(looksLikeToken(newToken(scope))).toBe(true);
  });

  it("is another one every time", () => {
    expect(new Set(Array.from({ length: 1_000 }, () => newToken("ingest"))).size).toBe(1_000);
  });

  it("is kept as its SHA-256", () => {
    expect(hashToken("gpi_abc")).toBe(sha256("gpi_abc"));
  });

  it.each([
    "HistoryEvent",
    "gpi_short",
    "gpx_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "x gpi_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  ])("is not what %j looks like", (text) => {
    expect(looksLikeToken(text)).toBe(false);
  });
});

describe("a text", () => {
  it("has every token in it masked, and nothing else changed", () => {
    const [one, other] = [newToken("ingest"), newToken("admin")];
    const stars = "*".repeat(one.length);
    expect(masked(`/${one}/HistoryEvent?token=${other}&x=1`)).toBe(`/${stars}/HistoryEvent?token=${stars}&x=1`);
  });

  it("has tokens masked that are longer, or hold the beginning of another one", () => {
    const body = "gpi_gpa_".padEnd(40, "x");
    expect(masked(`gpi_short ${body} gpr_ ${body}`)).toBe(`gpi_short ${"*".repeat(40)} gpr_ ${"*".repeat(40)}`);
    expect(masked(`${newToken("read")}${"-x_".repeat(7_000_000)}.`)).toBe(`${"*".repeat(21_000_031)}.`);
  });

  it.each([
    ["text", (text: string) => new Body(text)],
    ["bytes", (text: string) => new Body(Buffer.from(text))],
  ])("as %s holds a token behind any number of underscores", (_, bodyOf) => {
    const token = newToken("ingest");
    const underscores = "_".repeat(20_000);
    expect(holdsToken(bodyOf(`${underscores}${token}`), token)).toBe(true);
    expect(holdsToken(bodyOf(`${underscores}${token.slice(0, -1)}`), token)).toBe(false);
  });

  it("without a token stays as it is", () => {
    expect(masked("/HistoryEvent")).toBe("/HistoryEvent");
  });
});

describe("bytes", () => {
  const maskedAs = (text: string) => maskedBytes(Buffer.from(text, "latin1")).toString("latin1");

  it("are masked as the text that they are, whatever stands around a token", () => {
    const random = "aZ09_-".repeat(5);
    const pieces = ["gpi_", "gpr_", "gpa_", "gpx_", "gp", "_", "-", " ", "\xff", "{", random, random.slice(0, 26), "a"];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 8 }), (chosen) => {
        const text = chosen.join("");
        expect(maskedAs(text)).toBe(masked(text));
      }),
      { numRuns: 2000 },
    );
  });

  it("have a token masked at their very end, and just one that is long enough", () => {
    const [shortest, shorter] = [`gpi_${"x".repeat(27)}`, `gpi_${"x".repeat(26)}`];
    expect(maskedAs(`a ${shortest}`)).toBe(`a ${"*".repeat(31)}`);
    expect(maskedAs(`${shorter} ${shorter}`)).toBe(`${shorter} ${shorter}`);
  });

  it("that were given stay as they are", () => {
    const sent = Buffer.from(newToken("ingest"));
    const before = sent.toString();
    maskedBytes(sent);
    expect(sent.toString()).toBe(before);
  });
});
