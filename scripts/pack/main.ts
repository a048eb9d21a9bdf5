import { mkdir, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { optionsOf } from "../called.ts";
import { stageCommand } from "./command.ts";
import { stageLibrary } from "./library.ts";
import { packFolder } from "./npm.ts";

/** Makes the tarballs that can be published: `npm run tarballs -- --out DIR`. Prints one file a line. */
const values = optionsOf({ out: { type: "string", default: "tarballs" } });
const out = resolve(values.out);
const staging = resolve(out, "staging");

await rm(staging, { recursive: true, force: true });
await mkdir(staging, { recursive: true });
const folders = [
  await stageLibrary("client", staging),
  await stageLibrary("event-pattern", staging),
  await stageCommand(staging),
];
for (const folder of folders) process.stdout.write(`${packFolder(folder, out)}\n`);
await rm(staging, { recursive: true, force: true });
