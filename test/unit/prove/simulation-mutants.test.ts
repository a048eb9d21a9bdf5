import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { simulationMutants } from "../../../prove/mutants/simulation.ts";

describe("the mutants of the simulation", () => {
  it("the mutants are at least 35, each with a different name", () => {
    const names = simulationMutants.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(35);
  });

  it.each(simulationMutants)("can change the source: $name", ({ file, text, becomes }) => {
    expect(readFileSync(file, "utf8").split(text)).toHaveLength(2);
    expect(becomes).not.toBe(text);
  });
});
