import { type FileHandle, open, rm } from "node:fs/promises";
import { dayMs } from "@gatepost/protocol";
import { writeAll } from "../bytes.ts";
import { BackupRefused } from "../refused.ts";
import { getDigested, readBase } from "./base.ts";
import { type DeltaKey, readDeltaKey, type ShipStore } from "./bucket.ts";
import { historyMs } from "./history.ts";
import { unpackDelta } from "./pages.ts";

/** A change, and when it was shipped. */
interface TimedDelta extends DeltaKey {
  /** ms since 1970 */
  time: number;
}

/** The state of a bucket at one moment. */
export interface Moment {
  generation: string;
  /** ms since 1970 */
  begunAt: number;
  deltas: TimedDelta[];
  /** ms since 1970. Everything that was acknowledged before is included. */
  time: number;
}

/** The result of assembling one of several moments. */
export interface Assembled {
  /** The latest moment that is complete; null if none is. */
  moment: Moment | null;
  /** Why it is not the last of them; null if it is. */
  refused: BackupRefused | null;
}

/**
 * The last moment of each generation, in their order.
 *
 * @param keys all of the index
 */
export function momentsIn(keys: readonly string[], timeOf: (key: string) => number): Moment[] {
  const generations = new Map<string, { isBegun: boolean; deltas: TimedDelta[] }>();
  for (const key of keys) {
    const [, name = "", what] = key.split("/");
    const found = generations.get(name) ?? { isBegun: false, deltas: [] };
    const delta = readDeltaKey(key);
    // The first change may be written before the base. With further changes and no base, the base was lost.
    if (what === "base" || (delta?.number ?? 0) > 1) found.isBegun = true;
    if (delta !== null) found.deltas.push({ ...delta, time: timeOf(key) });
    generations.set(name, found);
  }
  const begun = [...generations].filter(([, { isBegun }]) => isBegun).sort(([a], [b]) => (a < b ? -1 : 1));
  return begun.map(([generation, { deltas }]) => {
    const inOrder = deltas.sort((a, b) => a.number - b.number || a.time - b.time);
    return momentOf({ generation, begunAt: timeOf(generation) }, inOrder);
  });
}

/** The moments as they were at a time. Throws BackupRefused if there were none. */
export function momentsUpTo(moments: readonly Moment[], at: number, place: string): Moment[] {
  const begun = moments.filter(({ begunAt }) => begunAt <= at);
  if (begun.length > 0)
    return begun.map((moment) =>
      momentOf(
        moment,
        moment.deltas.filter(({ time }) => time <= at),
      ),
    );
  const oldest = new Date(moments[0]?.begunAt ?? 0).toISOString();
  throw new BackupRefused(
    `${place} has nothing of ${new Date(at).toISOString()}: it goes back to ${oldest}, and ${historyMs / dayMs} days at most`,
  );
}

export function isSameMoment(one: Moment, other: Moment): boolean {
  return one.generation === other.generation && one.deltas.length === other.deltas.length;
}

function momentOf({ generation, begunAt }: Omit<Moment, "deltas" | "time">, deltas: TimedDelta[]): Moment {
  return { generation, begunAt, deltas, time: deltas.at(-1)?.time ?? begunAt };
}

/**
 * Assembles the database of the last of some moments. If a part of it is missing or damaged, takes the latest earlier
 * moment that is complete.
 */
export async function assembleLatest(bucket: ShipStore, moments: readonly Moment[], to: string): Promise<Assembled> {
  let refused: BackupRefused | null = null;
  for (const moment of moments.toReversed()) {
    const found = await assemble(bucket, moment, to);
    refused ??= found.refused;
    if (found.moment !== null) return { moment: found.moment, refused };
  }
  return { moment: null, refused };
}

/**
 * Takes the complete database of a generation, and applies the later changes of pages in order, as far as they are
 * complete.
 */
async function assemble(bucket: ShipStore, whole: Moment, to: string): Promise<Assembled> {
  const { generation, deltas } = whole;
  await rm(to, { force: true });
  await using file = await open(to, "wx", 0o600);
  let written = -1;
  try {
    const { chunks } = await readBase(bucket, generation);
    for (const digest of chunks) await writeAll(file, await getDigested(bucket, `chunks/${digest}`, digest), null);
    written = 0;
    for (const delta of deltas) {
      const before = deltas[written - 1]?.number ?? 0;
      // A change that was written but not answered was written again under its number, together with newer changes.
      if (delta.number !== before && delta.number !== before + 1)
        throw new BackupRefused(`${bucket.name} lacks change ${before + 1} of ${generation}`);
      await writeDelta(file, await getDigested(bucket, delta.key, delta.digest));
      written += 1;
    }
  } catch (refused) {
    if (!(refused instanceof BackupRefused)) throw refused;
    if (written < 0) return { moment: null, refused };
    await file.sync();
    return { moment: momentOf(whole, deltas.slice(0, written)), refused };
  }
  await file.sync();
  return { moment: whole, refused: null };
}

async function writeDelta(file: FileHandle, packed: Buffer): Promise<void> {
  const { pageBytes, count, pages, bytes } = unpackDelta(packed);
  for (const [place, page] of pages.entries())
    await writeAll(file, bytes.subarray(place * pageBytes, (place + 1) * pageBytes), (page - 1) * pageBytes);
  await file.truncate(count * pageBytes);
}
