import { existsSync, readdirSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { plural } from "@gatepost/protocol";
import { syncFolder } from "@gatepost/sqlite";
import { isKnownFile } from "../../db/owner-only.ts";
import { isShown } from "../../events/shown-pictures.ts";
import { maxUnnamedBytes, ofAnotherDatabase, writtenEnd } from "../../pictures/rows.ts";
import { fileOfCompany } from "../../runtime/company.ts";
import { filesOfSources } from "../../sources/sources-file.ts";
import { PackFolder, packName } from "../packs.ts";
import { PicturesOf } from "../picture-rows.ts";
import { byRepair, type Examined, type Finding, inBytes } from "./finding.ts";
import { filesOfRules } from "./targets.ts";

/** The end of a pack, or a whole pack, that no row names. */
interface Unnamed {
  month: string;
  /** The end of the last picture with a row; null if the month has none. */
  end: number | null;
  bytes: number;
  /** Whether it is more than a crash or an erasure leaves. Then it is not removed. */
  isOfAnother: boolean;
}

export async function* orphans({ path, database, isServed }: Examined): AsyncGenerator<Finding> {
  for (const found of await unnamedIn(path, database)) {
    // Pictures that are being stored have no rows yet.
    if (isServed && found.end === null) yield { check: "orphans", state: "note", said: inWords(found) };
    if (!isServed) yield findingOf(found);
  }
  const files = [...filesOfSources(path), ...filesOfRules(path), ...fileOfCompany(path)];
  const named = new Set(files.map((file) => relative(path, resolve(path, file)).split(sep, 1)[0] ?? ""));
  const unknown = readdirSync(path).filter((name) => !isKnownFile(name) && !named.has(name));
  if (unknown.length > 0)
    yield { check: "orphans", state: "note", said: `files that are not Gatepost's: ${unknown.slice(0, 5).join(", ")}` };
  yield* unshown(database);
}

function* unshown(database: DatabaseSync): Iterable<Finding> {
  const { n, bytes } = database
    .prepare(`SELECT count(*) AS n, coalesce(sum(bytes), 0) AS bytes FROM pictures WHERE NOT ${isShown}`)
    .get() ?? { n: 0, bytes: 0 };
  if (Number(n) > 0) {
    const them = plural(Number(n), "picture", "pictures");
    const said = `shown by no event: ${them} (${inBytes(Number(bytes))}); these go with their month`;
    yield { check: "orphans", state: "note", said };
  }
}

/**
 * Removes packs that no row names, and bytes after the last picture of other packs: a crash or an erasure left them.
 */
export async function removeOrphans(path: string, database: DatabaseSync): Promise<void> {
  const folder = join(path, "pictures");
  await using packs = new PackFolder(folder);
  for (const { month, end, isOfAnother } of await unnamedIn(path, database)) {
    if (isOfAnother) continue;
    if (end === null) rmSync(join(folder, packName(month)));
    else await packs.setSize(month, end);
  }
  syncFolder(folder);
}

function findingOf(found: Unnamed): Finding {
  const said = inWords(found);
  if (found.isOfAnother) return { check: "orphans", state: "wrong", said, todo: ofAnotherDatabase };
  return { check: "orphans", state: "note", said, ...byRepair };
}

function inWords({ month, end, bytes, isOfAnother }: Unnamed): string {
  if (end === null) return `${packName(month)} has ${inBytes(bytes)} that no event shows`;
  const size = isOfAnother ? inBytes(bytes) : `${bytes} bytes`;
  return `${packName(month)} has ${size} behind its last picture`;
}

async function unnamedIn(path: string, database: DatabaseSync): Promise<Unnamed[]> {
  const folder = join(path, "pictures");
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const ends = new PicturesOf(database).ends();
  const found: Unnamed[] = [];
  for (const month of names.flatMap((name) => /^(\d{4}-\d{2}(?:-scenes)?)\.pack$/.exec(name)?.[1] ?? [])) {
    await using file = await open(join(folder, packName(month)));
    const end = ends.get(month) ?? null;
    const from = end ?? 0;
    const bytes = (await file.stat()).size - from;
    if (bytes <= 0 && end !== null) continue;
    const written = (await writtenEnd(file, from)) - from;
    // A database without any picture may be the wrong one, so it must not decide which pictures are unneeded.
    const isOfAnother = written > (ends.size === 0 ? 0 : maxUnnamedBytes);
    found.push({ month, end, bytes, isOfAnother });
  }
  return found;
}
