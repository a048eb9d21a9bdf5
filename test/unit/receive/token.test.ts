import { hashToken, newToken } from "@gatepost/core/keys";
import { describe, expect, it } from "vitest";
import { looksLikeToken } from "../../../packages/core/src/keys/token.ts";
import { sha256 } from "../../support/pictures.ts";

describe("a token", () => {
  it.each([
    ["ingest", /^gpi_[\w-]{27}$/],
    ["read", /^gpr_[\w-]{27}$/],
    ["admin", /^gpa_[\w-]{27}$/],
  ] as const)("has a prefix for its scope: %s", (scope, pattern) => {
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
  ])("is not recognized in %j", (text) => {
    expect(looksLikeToken(text)).toBe(false);
  });
});
