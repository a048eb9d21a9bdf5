import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { checks } from "./checks/all.ts";
import { recordedMistakes } from "./mistakes/recorded.ts";
import writtenMistakes from "./mistakes/written.json" with { type: "json" };
import { copyOfStacks, readable, type Stages, synth, synthesised, synthTimeoutMs } from "./stages.ts";

let stages: Stages;
/** All but the names of files. */
let asText: string;
/** The checks that pass, before any mistake is made. */
let passed: ReadonlySet<string>;
beforeAll(async () => {
  stages = await synthesised();
  asText = JSON.stringify(stages, (name, value) => (name === "sources" ? undefined : value));
  passed = new Set(Object.keys(checks).filter((name) => passes(name, stages)));
}, synthTimeoutMs);

/** A copy to be changed. Nearly all of a graph are the names of the files of each function: they are shared, and frozen. */
function copied(): Stages {
  const copy: Stages = JSON.parse(asText);
  for (const stage of ["test", "production"] as const)
    for (const [index, { sources }] of stages[stage].builds.entries())
      Object.assign(copy[stage].builds[index] ?? {}, { sources: Object.freeze(sources) });
  return copy;
}

/** Whether a check passes; it fails by throwing. */
function passes(name: string, deps: Stages): boolean {
  const check = checks[name];
  if (check === undefined) throw new Error(`there is no check "${name}"`);
  try {
    check(deps);
    return true;
  } catch {
    return false;
  }
}

describe("a mistake in the deployment is caught:", () => {
  it.each(recordedMistakes)("$mistake", ({ caughtBy, make }) => {
    const mistaken = copied();
    make(mistaken);
    expect(isDeepStrictEqual(mistaken, stages)).toBe(false);
    expect([passed.has(caughtBy), passes(caughtBy, mistaken)]).toEqual([true, false]);
  });

  it("each check catches one", () => {
    const caughtBy = new Set(recordedMistakes.map((mistake) => mistake.caughtBy));
    expect(Object.keys(checks).filter((name) => !caughtBy.has(name))).toEqual([]);
  });
});

// All of them go through one synth, so each has a check that no other is caught by.
describe("a mistake written into the stacks is caught:", () => {
  let mistaken: Stages;
  beforeAll(async () => {
    const root = await mkdtemp(join(tmpdir(), "gatepost-mistakes-"));
    try {
      await copyWithMistakes(root);
      const out = join(root, "synth");
      await synth(["--shallow", "--stage", "test", "--root", root, "--out", out]);
      mistaken = { ...stages, test: readable(out) };
    } finally {
      await rm(root, { recursive: true });
    }
  }, synthTimeoutMs);

  it.each(writtenMistakes)("$mistake", ({ caughtBy }) => {
    expect([passed.has(caughtBy), passes(caughtBy, mistaken)]).toEqual([true, false]);
  });
});

async function copyWithMistakes(root: string): Promise<void> {
  await copyOfStacks(root);
  for (const { file, from, to } of writtenMistakes) {
    const path = join(root, file);
    const text = await readFile(path, "utf8");
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
    await writeFile(path, text.replace(from, to));
  }
}
