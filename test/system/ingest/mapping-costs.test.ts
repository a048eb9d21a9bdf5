import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";

const program = fileURLToPath(new URL("./mapping-costs.ts", import.meta.url));
const printedCosts = z.object({ overDialect: z.number(), hundredOverOne: z.number() });

describe("a body that a mapping reads", () => {
  let costs: z.output<typeof printedCosts>;
  beforeAll(() => {
    // A separate process: measured coverage makes all but native code ten times slower.
    costs = printedCosts.parse(JSON.parse(execFileSync(process.execPath, [program], { encoding: "utf8" })));
  });

  it("takes at most 1.3 times the CPU of the same facts in platform-a", () => {
    expect(costs.overDialect).toBeLessThan(1.3);
  });

  it("takes at most twice the CPU if a hundred mappings nearly fit", () => {
    expect(costs.hundredOverOne).toBeLessThan(2);
  });
});
