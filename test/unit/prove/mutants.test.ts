import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { mutants } from "../../../prove/mutants/list.ts";
import { readOptions } from "../../../prove/options.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

describe("the list of mutants", () => {
  it.each(mutants)("$name applies to exactly one place", ({ file, text, becomes }) => {
    expect(readFileSync(`${root}${file}`, "utf8").split(text).length - 1).toBe(1);
    expect(becomes).not.toBe(text);
  });

  it("each mutant has a unique name, a reason, and the run that catches it", () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
    for (const { why, caughtBy } of mutants) {
      expect(why).not.toBe("");
      expect(readOptions(caughtBy).only).toBeDefined();
    }
  });
});
