import { describe, expect, it } from "vitest";
import { kindOf } from "../../../stacks/stage-kind.ts";

describe("a stage", () => {
  it.each(["dev", "dev-anna", "test", "test2", "testing", "pr-1", "pr-417"])("%s is development", (stage) => {
    expect(kindOf(stage, null)).toBe("development");
  });

  it.each(["production", "prod", "staging", "live", "main", "pr", "develop", "devices", "DEV", "latest", "", "a.dev"])(
    "%s is production",
    (stage) => expect(kindOf(stage, null)).toBe("production"),
  );

  it("is production by default", () => {
    expect(kindOf(undefined, "anna")).toBe("production");
  });

  it("is development if it is this machine's stage, unless it is named production", () => {
    expect([kindOf("anna", "anna"), kindOf("ann", "anna"), kindOf("anna", null)]).toEqual([
      "development",
      "production",
      "production",
    ]);
    expect([kindOf("prod", "prod"), kindOf("production", "production")]).toEqual(["production", "production"]);
  });
});
