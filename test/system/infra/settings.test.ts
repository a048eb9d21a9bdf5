import { describe, expect, it } from "vitest";
import { allowedAccounts, budgetOf, isAskedFor, reservedConcurrency } from "../../../stacks/settings.ts";

describe("the accounts that may be deployed to", () => {
  it("are listed by the variable, and not restricted by default", () => {
    expect(allowedAccounts("123456789012, 210987654321")).toEqual(["123456789012", "210987654321"]);
    expect([allowedAccounts(undefined), allowedAccounts(" ")]).toEqual([undefined, undefined]);
  });

  it("must be valid ids: a misspelt one is an error", () => {
    expect(() => allowedAccounts("12345678901")).toThrow(/"12345678901" is not the id of an account/);
    expect(() => allowedAccounts("123456789012,")).toThrow(/"" is not/);
  });
});

describe("reserved concurrency", () => {
  const files = ["api", "any-event"];

  it("is the variable's value for each function, and none by default", () => {
    expect(reservedConcurrency("api=50, any-event=0", files)).toEqual({ api: 50, "any-event": 0 });
    expect([reservedConcurrency(undefined, files), reservedConcurrency("", files)]).toEqual([{}, {}]);
  });

  it.each(["api", "api=", "api=-1", "api=x", "apis=5", "api=5;any-event=5"])("cannot be %s", (named) => {
    expect(() => reservedConcurrency(named, files)).toThrow(/GATEPOST_RESERVED: .* functions: api, any-event/);
  });
});

describe("a budget", () => {
  it("is in whole dollars, and needs an address to notify", () => {
    expect(budgetOf("250", "ops@example.com")).toBe("250");
    expect(budgetOf("", undefined)).toBeUndefined();
    for (const named of ["$5", "0", "1e3", "2.5"])
      expect(() => budgetOf(named, "ops@example.com")).toThrow(/not a number of dollars/);
    expect(() => budgetOf("250", "")).toThrow(/needs GATEPOST_ALARM_EMAIL/);
  });
});

it("a setting is switched on by 1", () => {
  expect(["1", "0", "", undefined].map((named) => isAskedFor("GATEPOST_KMS", named))).toEqual([
    true,
    false,
    false,
    false,
  ]);
  expect(() => isAskedFor("GATEPOST_KMS", "yes")).toThrow('GATEPOST_KMS: "yes" is neither 0 nor 1');
});
