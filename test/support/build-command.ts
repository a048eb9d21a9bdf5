import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundleCommand } from "../../scripts/pack/bundle.ts";
import { root } from "../../scripts/pack/npm.ts";
import { keepAs, newFolderIn, useOf } from "./kept-folder.ts";

/** Within `node_modules`: there the command finds the modules that are not bundled. */
const cache = join(root, "node_modules/.cache/commands");

/**
 * Builds the command once for a run of tests, as it is published: it starts in half the time of the sources, and hundreds are
 * started. The same sources are always at the same place, so that Node finds what it has compiled of them.
 */
export default async function setup(): Promise<void> {
  const made = await newFolderIn(cache);
  await bundleCommand(join(made, "gatepost/dist"));
  // As in the package: else Node reads every file for what it is.
  await writeFile(join(made, "gatepost/package.json"), '{ "type": "module" }');
  const folder = join(cache, digestOf(made));
  // The same sources were built before, or by another run meanwhile.
  await keepAs(folder, made);
  await useOf(folder);
  process.env["GATEPOST_BUILT_COMMAND"] = join(folder, "gatepost/dist/bin.mjs");
}

function digestOf(folder: string): string {
  const hash = createHash("sha256");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  for (const file of files.filter((name) => statSync(join(folder, name)).isFile())) {
    hash.update(file).update(readFileSync(join(folder, file)));
  }
  return hash.digest("hex").slice(0, 16);
}
