import { join } from "node:path";
import { type Bytes, fileDigest, openPlain } from "../bytes.ts";
import { factsOf } from "../job.ts";
import { type Manifest, maxMissing } from "../manifest.ts";
import { packName } from "../packs.ts";
import { PicturesOf } from "../picture-rows.ts";
import { BackupRefused } from "../refused.ts";
import { openCopy } from "../snapshot.ts";
import type { BackupSource } from "../source.ts";
import { getDigested } from "./base.ts";
import { keysOf, type PartKey, readPartKey, type ShipStore, sha256Of } from "./bucket.ts";
import { type Assembled, assembleLatest, isSameMoment, type Moment, momentsIn, momentsUpTo } from "./moments.ts";
import { openPack } from "./pack-of-parts.ts";
import type { Shipped } from "./shipped.ts";
import { timesOf } from "./stamps.ts";

/** A backup that was assembled from shipped objects. */
export interface BucketSource extends BackupSource {
  /** The database of the last moment; null if that moment was asked for. */
  later: string | null;
  /** How far the history of this backup goes; null if the bucket has more. */
  shipped: Shipped | null;
  /** ms since 1970 from which the bucket does not know the erasures; null if it knows all. */
  unknownAfter: number | null;
}

interface AskedMoment {
  /** The folder in which databases are assembled. */
  folder: string;
  /** ms since 1970; null for the last moment. */
  at: number | null;
  /** Whether erasures after `at` may be unknown. */
  mayLackErasures: boolean;
  /** Whether there may be no rules, if the shipped rules are damaged. */
  mayLackRules: boolean;
}

/**
 * Opens the data shipped to a bucket as a backup of a moment; of the last moment if `at` is null. Assembles the
 * database in `folder`, and also the database of the last moment, which contains the later erasures.
 */
export async function openBucket(
  bucket: ShipStore,
  { folder, at, mayLackErasures, mayLackRules }: AskedMoment,
): Promise<BucketSource> {
  const [index, rulesKeys] = [await keysOf(bucket, "index/"), await keysOf(bucket, "rules/")];
  const timeOf = timesOf([...index, ...rulesKeys]);
  const moments = momentsIn(index, timeOf);
  const last = moments.at(-1);
  if (last === undefined) throw new BackupRefused(`nothing was shipped to ${bucket.name}`);
  const file = join(folder, "shipped.db");
  const asked = await assembleLatest(bucket, at === null ? moments : momentsUpTo(moments, at, bucket.name), file);
  if (asked.moment === null || asked.refused !== null) throw notWhole(asked);
  const isLast = isSameMoment(asked.moment, last);
  const later = isLast ? null : join(folder, "last.db");
  const newest = later === null ? asked : await assembleLatest(bucket, moments, later);
  if (newest.refused !== null && !mayLackErasures) throw lackingErasures(newest);
  const { generation, deltas, time } = asked.moment;
  const parts = await partsIn(bucket);
  const rulesKey = rulesKeys.filter((key) => at === null || timeOf(key) <= at).at(-1);
  const rules = rulesKey === undefined ? null : await rulesOf(bucket, rulesKey, mayLackRules);
  return {
    manifest: await manifestOf(file, { later, time, parts, rules }),
    later,
    shipped: isLast ? { generation, changes: deltas.at(-1)?.number ?? 0 } : null,
    unknownAfter: newest.refused === null ? null : (newest.moment?.time ?? null),
    async open(name) {
      if (name === databaseName) return openPlain(file);
      if (name === rulesName) return rules === null ? null : inMemory(rules);
      const month = /^pictures\/(\d{4}-\d{2}(?:-scenes)?)\.pack$/.exec(name)?.[1];
      if (month === undefined) return null;
      using database = openCopy(file);
      const rows = new PicturesOf(database).inPlaces(month);
      return openPack(bucket, {
        rows,
        parts: parts.get(month) ?? [],
        file: join(folder, `shipped-${packName(month)}`),
      });
    },
  };
}

/** The error names the latest moment that can be restored, and also says where later erasures are unknown. */
function notWhole({ moment, refused }: Assembled): BackupRefused {
  const instead =
    moment === null
      ? "no earlier state is whole"
      : `the state of ${isoOf(moment)} is whole: restore that with --at ${isoOf(moment)}, ` +
        "and with --later and the data folder as it was last, or with --partial: data erased since then returns";
  return new BackupRefused(`${refused?.message}; ${instead}`, { cause: refused });
}

function lackingErasures({ moment, refused }: Assembled): BackupRefused {
  return new BackupRefused(
    `${refused?.message}: the erasures and revocations after ${moment === null ? "that" : isoOf(moment)} ` +
      "are not known: erased data returns, and revoked keys are valid again; " +
      "name the data folder as it was last with --later, or restore it so with --partial",
    { cause: refused },
  );
}

function isoOf({ time }: Moment): string {
  return new Date(time).toISOString();
}

const databaseName = "gatepost.db";
const rulesName = "rules.json";

async function partsIn(bucket: ShipStore): Promise<Map<string, PartKey[]>> {
  const parts = new Map<string, PartKey[]>();
  for await (const key of bucket.list("pictures/")) {
    const part = readPartKey(key);
    if (part !== null) parts.set(part.month, [...(parts.get(part.month) ?? []), part]);
  }
  return parts;
}

async function manifestOf(
  file: string,
  {
    later,
    time,
    parts,
    rules,
  }: { later: string | null; time: number; parts: ReadonlyMap<string, PartKey[]>; rules: Buffer | null },
): Promise<Manifest> {
  using database = openCopy(file);
  // Pictures that were erased since are in no part any longer.
  using newest = later === null ? null : openCopy(later);
  const kept = newest === null ? null : new PicturesOf(newest);
  const missing: Manifest["missing"] = [];
  if (kept !== null) {
    for (const { month, sha256 } of new PicturesOf(database).held()) {
      if (missing.length < maxMissing && kept.find(month, sha256) === null) missing.push({ month, sha256 });
    }
  }
  await using bytes = await openPlain(file);
  if (bytes === null) throw new Error("the database that was put together is gone");
  return {
    format: "gatepost-backup",
    version: 1,
    state: "whole",
    madeAt: new Date(time).toISOString(),
    ...factsOf(database),
    database: { name: databaseName, ...(await fileDigest(bytes)) },
    missing,
    rules: rules === null ? null : { name: rulesName, bytes: rules.length, sha256: sha256Of(rules) },
    packs: [...parts].map(([month, of]) => ({ month, bytes: of.reduce((sum, { from, to }) => sum + to - from, 0) })),
  };
}

/** The rules that were shipped; null if there were none, or if they are damaged and may be left out. */
async function rulesOf(bucket: ShipStore, key: string, mayLack: boolean): Promise<Buffer | null> {
  const digest = key.split("-").at(-1) ?? "";
  if (digest === "none") return null;
  try {
    return await getDigested(bucket, key, digest);
  } catch (cause) {
    if (!(cause instanceof BackupRefused)) throw cause;
    if (mayLack) return null;
    throw new BackupRefused(`${cause.message}; restore without any rules with --partial, and set them again`, {
      cause,
    });
  }
}

function inMemory(content: Buffer): Bytes {
  return {
    size: content.length,
    read: async (position, length) => content.subarray(position, position + length),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
