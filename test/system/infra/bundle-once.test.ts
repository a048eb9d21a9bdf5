import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { bundleOnce } from "../../../scripts/synth/bundle-once.ts";
import { repository } from "../../../scripts/synth/graph.ts";

/** Handlers in the repository are bundled once; these are in an ignored folder. */
let folder: string;
beforeEach(async () => {
  await mkdir(join(repository, ".sst"), { recursive: true });
  folder = await mkdtemp(join(repository, ".sst/handlers-"));
  await writeFile(join(folder, "word.ts"), 'export const word = "first";');
  for (const name of ["one", "two"]) {
    await writeFile(join(folder, `${name}.ts`), `import { word } from "./word.ts"; export const ${name} = word;`);
  }
});
afterEach(() => rm(folder, { recursive: true }));

async function bundled(name: string) {
  const out = await mkdtemp(join(folder, "out-"));
  const options = { absWorkingDir: repository, bundle: true, format: "esm", write: true } as const;
  const { exports, sources } = await bundleOnce(
    out,
    { ...options, entryPoints: [join(folder, `${name}.ts`)] },
    join(folder, "bundles"),
  );
  return {
    exports,
    sources: sources.map((source) => relative(folder, join(repository, source))),
    code: await code(out),
  };
}

async function code(out: string): Promise<string> {
  expect(await readFile(join(out, "bundle.mjs.map"), "utf8")).toContain("word.ts");
  return readFile(join(out, "bundle.mjs"), "utf8");
}

it("handlers that are bundled together have each its own exports and sources", async () => {
  const [one, two] = await Promise.all([bundled("one"), bundled("two")]);
  expect(one).toMatchObject({ exports: ["one"], sources: ["one.ts", "word.ts"] });
  expect(two).toMatchObject({ exports: ["two"], sources: ["two.ts", "word.ts"] });
  expect(one.code).toContain("//# sourceMappingURL=bundle.mjs.map");
});

it("a bundle is rebuilt only when one of its sources changes or is removed", async () => {
  const first = await bundled("one");
  expect(await bundled("one")).toEqual(first);
  await writeFile(join(folder, "word.ts"), 'export const word = "second";');
  expect((await bundled("one")).code).toContain("second");
  await rm(join(folder, "word.ts"));
  await expect(bundled("one")).rejects.toThrow("word.ts");
});
