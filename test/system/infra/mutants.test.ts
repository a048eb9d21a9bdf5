import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { checks } from "./checks/all.ts";
import { chosenChecks, synthChosen } from "./chosen.ts";
import { type Mutant, mutants } from "./mutants.ts";
import { copyOfStacks, type Graph, readable, type Stages, synth, synthesised, synthTimeoutMs } from "./stages.ts";

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

  it.runIf(process.env["GATEPOST_MUTANT"] === undefined).each(["test", "chosen", "production"] as const)(
    "the unchanged stacks are not, as %s",
    { timeout: synthTimeoutMs },
    async (stage) => {
      expect(await killersOf(stages, { file: "stacks/stage.ts", from: "", to: "", stage })).toEqual([]);
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
    const made = await madeOf(root, stage).catch(() => null);
    if (made === null) return ["synth"];
    return stage === "chosen" ? failing(chosenChecks, made) : failing(checks, { ...stages, [stage]: made });
  } finally {
    await rm(root, { recursive: true });
  }
}

async function madeOf(root: string, stage: NonNullable<Mutant["stage"]>): Promise<Graph> {
  if (stage === "chosen") return synthChosen(root);
  const out = join(root, "synth");
  await synth(["--shallow", "--stage", stage, "--root", root, "--out", out]);
  return readable(out);
}

/** The checks that do not pass. */
function failing<Deployed>(held: Record<string, (deployed: Deployed) => void>, deployed: Deployed): string[] {
  return Object.entries(held).flatMap(([name, check]) => {
    try {
      check(deployed);
      return [];
    } catch {
      return [name];
    }
  });
}
