import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { optionsOf } from "../called.ts";
import { stageCommand } from "./command.ts";
import { stageLibrary } from "./library.ts";
import { nameRepository, packFolder, repositoryOf } from "./npm.ts";

/**
 * Makes the tarballs that can be published: `npm run tarballs -- --out DIR`. Prints one file a line. With `--repository
 * https://…/OWNER/NAME` they say where they come from.
 */
const values = optionsOf({ out: { type: "string", default: "tarballs" }, repository: { type: "string" } });
const repository = repositoryOf(values.repository);
const out = resolve(values.out);
await mkdir(out, { recursive: true });
const staging = await mkdtemp(join(out, "staging-"));
const folders = [
  await stageLibrary("client", staging),
  await stageLibrary("event-pattern", staging),
  await stageCommand(staging),
];
for (const folder of folders) {
  if (repository !== undefined) nameRepository(folder, repository);
  process.stdout.write(`${packFolder(folder, out)}\n`);
}
await rm(staging, { recursive: true, force: true });
