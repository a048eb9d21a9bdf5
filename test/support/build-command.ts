import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { dayMs } from "@gatepost/protocol";
import { bundleCommand } from "../../scripts/pack/bundle.ts";
import { root } from "../../scripts/pack/npm.ts";

/** Within `node_modules`: there the command finds what is not bundled. */
const cache = join(root, "node_modules/.cache/commands");

/**
 * Builds the command once for a run of tests, as it is published: it starts in half the time of the sources, and hundreds are
 * started. The same sources are always at the same place, so that Node finds what it has compiled of them.
 */
export default async function setup(): Promise<void> {
  await mkdir(cache, { recursive: true });
  await removeOld();
  const made = await mkdtemp(join(cache, "new-"));
  await bundleCommand(join(made, "gatepost/dist"));
  // As in the package: else Node reads every file for what it is.
  await writeFile(join(made, "gatepost/package.json"), '{ "type": "module" }');
  const folder = join(cache, digestOf(made));
  // The same sources were built before, or by another run meanwhile.
  await rename(made, folder).catch((error: unknown) => {
    if (!existsSync(folder)) throw error;
  });
  await rm(made, { recursive: true, force: true });
  await utimes(folder, new Date(), new Date());
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

/** Removes what no run uses any more, and what one has left that was ended before it could. */
async function removeOld(): Promise<void> {
  for (const name of await readdir(cache)) {
    const path = join(cache, name);
    const { mtimeMs = Date.now() } = statSync(path, { throwIfNoEntry: false }) ?? {};
    if (mtimeMs < Date.now() - dayMs) await rm(path, { recursive: true, force: true });
  }
}
