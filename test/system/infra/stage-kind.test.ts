import { describe, expect, it } from "vitest";
import { allowedAccounts, kindOf } from "../../../stacks/stage-kind.ts";

describe("a stage", () => {
  it.each(["dev", "dev-anna", "test", "test2", "testing", "pr-1", "pr-417"])("%s is development", (stage) => {
    expect(kindOf(stage, null)).toBe("development");
  });

  it.each(["production", "prod", "staging", "live", "main", "pr", "develop", "devices", "DEV", "latest", "", "a.dev"])(
    "%s is production",
    (stage) => expect(kindOf(stage, null)).toBe("production"),
  );

  it("is production where nobody says which it is", () => {
    expect(kindOf(undefined, "anna")).toBe("production");
  });

  it("is development where it is the stage of this machine, unless its name says production", () => {
    expect([kindOf("anna", "anna"), kindOf("ann", "anna"), kindOf("anna", null)]).toEqual([
      "development",
      "production",
      "production",
    ]);
    expect([kindOf("prod", "prod"), kindOf("production", "production")]).toEqual(["production", "production"]);
  });
});

describe("the accounts that may be deployed to", () => {
  it("are those of the variable, and any where it names none", () => {
    expect(allowedAccounts("123456789012, 210987654321")).toEqual(["123456789012", "210987654321"]);
    expect([allowedAccounts(undefined), allowedAccounts(" ")]).toEqual([undefined, undefined]);
  });

  it("must be ids of accounts, so that a misspelt one is not taken as none", () => {
    expect(() => allowedAccounts("12345678901")).toThrow(/"12345678901" is not the id of an account/);
    expect(() => allowedAccounts("123456789012,")).toThrow(/"" is not/);
  });
});
