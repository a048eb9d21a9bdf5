import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { bombsOf, fullSize, maxCost, ordinary } from "../../support/bombs.ts";

const program = fileURLToPath(new URL("./costs.ts", import.meta.url));

describe("a body of millions of values", () => {
  const costs = new Map<string, number>();
  beforeAll(() => {
    // A separate process: measured coverage makes all but native code ten times slower.
    const printed = execFileSync(process.execPath, [program], { encoding: "utf8" });
    for (const [name, ms] of z.array(z.tuple([z.string(), z.number()])).parse(JSON.parse(printed))) costs.set(name, ms);
  });

  it.each(bombsOf(fullSize))("as $name takes at most four times the CPU of an ordinary one", ({ name }) => {
    expect(costs.get(name)).toBeLessThan(maxCost * (costs.get(ordinary.name) ?? 0));
  });
});
