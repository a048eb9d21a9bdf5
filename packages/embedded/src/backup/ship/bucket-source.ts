import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Bytes, digestOf, openPlain, writeAll } from "../bytes.ts";
import { factsOf } from "../job.ts";
import { type Manifest, maxMissing } from "../manifest.ts";
import { packName } from "../packs.ts";
import { PicturesOf } from "../picture-rows.ts";
import { BackupRefused } from "../refused.ts";
import { openCopy } from "../snapshot.ts";
import type { BackupSource } from "../source.ts";
import { type DeltaKey, type PartKey, readDeltaKey, readPartKey, type ShipStore, sha256Of } from "./bucket.ts";
import { openPack } from "./pack-of-parts.ts";
import { unpackDelta } from "./pages.ts";
import type { Shipped } from "./shipped.ts";
import { baseSchema, historyMs } from "./shipper.ts";

/** What a bucket had at a moment. */
interface Moment {
  generation: string;
  deltas: DeltaKey[];
  /** ms since 1970: what was acknowledged before is in it. */
  time: number;
}

/**
 * Opens what was shipped to a bucket as a backup of a moment, the last one where none is named. The database is put
 * together in `folder`, and so is that of the last moment, which says what was erased since.
 *
 * @param at ms since 1970
 */
export async function openBucket(
  bucket: ShipStore,
  { folder, at }: { folder: string; at: number | null },
): Promise<BackupSource & { later: string | null; shipped: Shipped }> {
  const moments = await momentsIn(bucket);
  const last = moments.at(-1);
  if (last === undefined) throw new BackupRefused(`nothing was shipped to ${bucket.name}`);
  const asked = at === null ? last : upTo(moments, at, bucket.name);
  const file = join(folder, "shipped.db");
  await assemble(bucket, asked, file);
  const isLast = asked.generation === last.generation && asked.deltas.length === last.deltas.length;
  const later = isLast ? null : join(folder, "last.db");
  if (later !== null) await assemble(bucket, last, later);
  const parts = await partsIn(bucket);
  const rules = await rulesAt(bucket, at ?? Number.POSITIVE_INFINITY);
  return {
    manifest: await manifestOf(file, { later, time: asked.time, parts, rules }),
    later,
    shipped: { generation: asked.generation, changes: asked.deltas.at(-1)?.number ?? 0 },
    async open(name) {
      if (name === databaseName) return openPlain(file);
      if (name === rulesName) return rules === null ? null : inMemory(rules);
      const month = /^pictures\/(\d{4}-\d{2})\.pack$/.exec(name)?.[1];
      if (month === undefined) return null;
      using database = openCopy(file);
      const rows = new PicturesOf(database).inPlaces(month);
      return openPack(bucket, {
        rows,
        parts: parts.get(month) ?? [],
        file: join(folder, `shipped-${packName(month)}`),
      });
    },
    async [Symbol.asyncDispose]() {
      for (const left of [file, later]) if (left !== null) await rm(left, { force: true });
    },
  };
}

const databaseName = "gatepost.db";
const rulesName = "rules.json";

async function momentsIn(bucket: ShipStore): Promise<Moment[]> {
  const generations = new Map<string, { hasBase: boolean; deltas: DeltaKey[] }>();
  for await (const key of bucket.list("index/")) {
    const [, name = "", what] = key.split("/");
    const found = generations.get(name) ?? { hasBase: false, deltas: [] };
    const delta = readDeltaKey(key);
    if (what === "base") found.hasBase = true;
    if (delta !== null) found.deltas.push(delta);
    generations.set(name, found);
  }
  const whole = [...generations].filter(([, { hasBase }]) => hasBase).sort(([a], [b]) => (a < b ? -1 : 1));
  return whole.map(([generation, { deltas }]) => {
    const inOrder = deltas.sort((a, b) => a.number - b.number || a.time - b.time);
    return { generation, deltas: inOrder, time: inOrder.at(-1)?.time ?? beginOf(generation) };
  });
}

function beginOf(generation: string): number {
  return Number(generation.split("-")[0]);
}

/** The last moment that is not after a time. */
function upTo(moments: readonly Moment[], at: number, place: string): Moment {
  const begun = moments.filter(({ generation }) => beginOf(generation) <= at).at(-1);
  if (begun === undefined) {
    const oldest = new Date(beginOf(moments[0]?.generation ?? "0")).toISOString();
    throw new BackupRefused(
      `${place} has nothing of ${new Date(at).toISOString()}: it goes back to ${oldest}, and ${historyMs / 86_400_000} days at most`,
    );
  }
  const deltas = begun.deltas.filter(({ time }) => time <= at);
  return { ...begun, deltas, time: deltas.at(-1)?.time ?? beginOf(begun.generation) };
}

/** Puts a database together: the whole one, and the pages that changed since, in their order. */
async function assemble(bucket: ShipStore, { generation, deltas }: Moment, to: string): Promise<void> {
  const base = await bucket.get(`index/${generation}/base`);
  const { chunks } = baseSchema.parse(JSON.parse(base?.toString("utf8") ?? "null"));
  await rm(to, { force: true });
  await using file = await open(to, "wx", 0o600);
  for (const digest of chunks) await writeAll(file, await digested(bucket, `chunks/${digest}`, digest), null);
  let last = 0;
  for (const { key, digest, number } of deltas) {
    // One that was written and not answered was written again, with what came since, under its number.
    if (number !== last && number !== last + 1)
      throw new BackupRefused(
        `${bucket.name} lacks change ${last + 1} of ${generation}; name a time before it with --at`,
      );
    last = number;
    const { pageBytes, count, pages, bytes } = unpackDelta(await digested(bucket, key, digest));
    for (const [place, page] of pages.entries())
      await writeAll(file, bytes.subarray(place * pageBytes, (place + 1) * pageBytes), (page - 1) * pageBytes);
    await file.truncate(count * pageBytes);
  }
  await file.sync();
}

async function digested(bucket: ShipStore, key: string, digest: string): Promise<Buffer> {
  const bytes = await bucket.get(key);
  if (bytes === null) throw new BackupRefused(`${bucket.name} lacks ${key}`);
  if (sha256Of(bytes) === digest) return bytes;
  throw new BackupRefused(`${key} of ${bucket.name} is damaged: its bytes are not those that were written`);
}

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
  // Pictures that were erased since are in no part any more.
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
    ...{ format: "gatepost-backup", version: 1, state: "whole", madeAt: new Date(time).toISOString() },
    ...{ ...factsOf(database), database: { name: databaseName, ...(await digestOf(bytes)) }, missing },
    rules: rules === null ? null : { name: rulesName, bytes: rules.length, sha256: sha256Of(rules) },
    packs: [...parts].map(([month, of]) => ({ month, bytes: of.reduce((sum, { from, to }) => sum + to - from, 0) })),
  };
}

/** The rules as they were at a time; null where there were none. */
async function rulesAt(bucket: ShipStore, time: number): Promise<Buffer | null> {
  let found: { key: string; digest: string } | null = null;
  for await (const key of bucket.list("rules/")) {
    const [, at, digest = ""] = /^rules\/(\d{16})-(\w+)$/.exec(key) ?? [];
    if (at !== undefined && Number(at) <= time) found = { key, digest };
  }
  return found === null || found.digest === "none" ? null : digested(bucket, found.key, found.digest);
}

function inMemory(content: Buffer): Bytes {
  return {
    size: content.length,
    read: async (position, length) => content.subarray(position, position + length),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
