import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { checks } from "./checks/all.ts";
import { type Mutant, mutants } from "./mutants.ts";
import { copyOfStacks, readable, type Stages, synth, synthesised, synthTimeoutMs } from "./stages.ts";

/*
 * One synth for each: some minutes in all, and so for GATEPOST_LONG alone. GATEPOST_MUTANT takes those whose name it
 * matches.
 */

const isLong = process.env["GATEPOST_LONG"] === "1";
const wanted = new RegExp(process.env["GATEPOST_MUTANT"] ?? "");

it("the mutants of the stacks can be made", async () => {
  const texts = Object.entries(mutants).map(async ([name, { file, from }]) => {
    const text = await readFile(join(import.meta.dirname, "../../..", file), "utf8");
    return text.includes(from) ? [] : [name];
  });
  expect((await Promise.all(texts)).flat()).toEqual([]);
});

describe.skipIf(!isLong)("a mutant of the stacks is killed:", () => {
  let stages: Stages;
  beforeAll(async () => {
    stages = await synthesised();
  }, synthTimeoutMs);

  it.runIf(process.env["GATEPOST_MUTANT"] === undefined)(
    "the unchanged stacks are not",
    { timeout: synthTimeoutMs },
    async () => {
      expect(await killersOf(stages, { file: "stacks/stage.ts", from: "", to: "" })).toEqual([]);
    },
  );

  it.each(Object.keys(mutants).filter((name) => wanted.test(name)))("%s", { timeout: synthTimeoutMs }, async (name) => {
    const mutant = mutants[name];
    if (mutant === undefined) throw new Error(`there is no mutant ${name}`);
    expect(await killersOf(stages, mutant)).not.toEqual([]);
  });
});

/** The checks that fail with a mutant, or "synth" if the synthesis already fails. */
async function killersOf(stages: Stages, { file, from, to, stage = "test" }: Mutant): Promise<string[]> {
  const root = await mkdtemp(join(tmpdir(), "gatepost-mutant-"));
  try {
    await copyOfStacks(root);
    const path = join(root, file);
    await writeFile(path, (await readFile(path, "utf8")).replace(from, to));
    const out = join(root, "synth");
    const made = await synth(["--shallow", "--stage", stage, "--root", root, "--out", out]).catch(() => null);
    return made === null ? ["synth"] : failing({ ...stages, [stage]: readable(out) });
  } finally {
    await rm(root, { recursive: true });
  }
}

/** The checks that do not pass. */
function failing(stages: Stages): string[] {
  return Object.entries(checks).flatMap(([name, check]) => {
    try {
      check(stages);
      return [];
    } catch {
      return [name];
    }
  });
}
