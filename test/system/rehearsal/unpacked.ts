import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { repository } from "../../../scripts/synth/graph.ts";
import { keepAs, newFolderIn, useOf } from "../../support/kept-folder.ts";
import { unzip } from "./unzip.ts";

const cache = join(repository, "node_modules/.cache/functions");

export interface Unpacked {
  /** The content of the archive. */
  folder: string;
  /** What Node has compiled of it. */
  compiled: string;
}

/** Returns the folder of an unpacked archive. It is unpacked once for all rehearsals, by its content. */
export async function unpacked(zip: string): Promise<Unpacked> {
  const archive = await readFile(zip);
  const kept = join(cache, createHash("sha256").update(archive).digest("hex").slice(0, 16));
  if (!existsSync(kept)) {
    const made = await newFolderIn(cache);
    await unzip(archive, join(made, "task"));
    await mkdir(join(made, "compiled"));
    await keepAs(kept, made);
  }
  await useOf(kept);
  return { folder: join(kept, "task"), compiled: join(kept, "compiled") };
}
