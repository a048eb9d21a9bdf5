import type { Log } from "@gatepost/core/log";
import type { Dynamo } from "../dynamo/dynamo.ts";
import * as lists from "../dynamo/lists.ts";
import { queryShards } from "../dynamo/query-shards.ts";
import { propagationMs } from "../pictures/erasure-epoch.ts";
import type { EventErased } from "../pictures/erasure-work.ts";
import { markLeaving } from "../pictures/leaving.ts";
import { extraOwnRow, keysOf, type OwnRef, ownKey, ownRefOfExtraRow } from "../pictures/own.ts";
import { extraRefRow, type PictureRef, refLists, refOfExtraRow } from "../pictures/refs.ts";
import { sharedKey } from "../pictures/store.ts";
import type { Objects } from "../s3/objects.ts";
import { faultOf, isLive, isThere, ownIn, refsOf, rowsOf } from "./event-row.ts";

interface Deps {
  dynamo: Dynamo;
  objects: Objects;
  log: Log;
  clock(): number;
}

/** The pictures of an erased event: those that other events may also show, and those that only it has. */
type ErasedPictures = Pick<EventErased, "pictures" | "own">;

/** Removes the pictures of erased events, except those that other events show. */
export class PictureEraser {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * Removes pictures of an event, and those that repeated reports brought of it. Returns the pictures for which it is
   * too early to decide, or that could not be removed; the errors are added to `failures`.
   */
  async erase(event: string, { pictures, own }: ErasedPictures, failures: unknown[]): Promise<ErasedPictures> {
    const extra = await this.#extraRows(event);
    const allOwn = [...own, ...extra.flatMap((pk) => ownRefOfExtraRow(pk) ?? [])];
    const young = { own: await this.#eraseOwn(event, allOwn, failures), pictures: Array.of<PictureRef>() };
    for (const ref of [...pictures, ...extra.flatMap((pk) => refOfExtraRow(pk) ?? [])]) {
      const isDecided = await this.#removeUnlessShown(event, ref).catch((cause: unknown) => failures.push(cause) > 0);
      if (!isDecided) young.pictures.push(ref);
    }
    return young;
  }

  /** If a broken row makes that unknown, the picture stays until the row is repaired. */
  async mayBeShown(ref: PictureRef): Promise<boolean> {
    try {
      return await this.#isShown(ref);
    } catch (cause) {
      this.#deps.log.warn("could not find out whether a picture is shown, counted as kept", { cause });
      return true;
    }
  }

  /** Returns false if it is too early to decide about the picture. */
  async #removeUnlessShown(event: string, ref: PictureRef): Promise<boolean> {
    const key = sharedKey(ref);
    if (!(await markLeaving(key, this.#deps))) return false;
    // Mostly the events of a person show the same registered picture: other events that show it are looked for until it
    // is gone.
    if ((await this.#isGone(key)) || (await this.#isShown(ref))) {
      // If the event has come again, it needs the row by which it shows the picture.
      if (!(await isThere(event, this.#deps))) await this.#deps.dynamo.remove(extraRefRow(event, ref));
      return true;
    }
    if (await this.#isYoung(key)) return false;
    await this.#deps.objects.remove(key);
    await this.#deps.dynamo.remove(extraRefRow(event, ref));
    return true;
  }

  /**
   * Removes objects that belonged to an event, and copies from them. If a box has sent the event again, it may show
   * some of them: these stay, but not the copy of a picture that it no longer shows. Returns those for which it is too
   * early to decide.
   */
  async #eraseOwn(event: string, own: readonly OwnRef[], failures: unknown[]): Promise<OwnRef[]> {
    if (own.length === 0) return [];
    const { dynamo, clock } = this.#deps;
    const rows = await dynamo.getAll([event, ...own.flatMap(({ of }) => of ?? [])]);
    const live = [...rows.values()].filter((row) => isLive(row, clock()));
    const shown = new Set(live.flatMap(ownIn).flatMap(keysOf));
    const young: OwnRef[] = [];
    for (const ref of own) {
      const unshown = keysOf(ref).filter((key) => !shown.has(key));
      const isDecided = await this.#removeOwn(event, ref, unshown).catch((cause: unknown) => failures.push(cause) > 0);
      if (!isDecided) young.push(ref);
    }
    return young;
  }

  /** Returns false if it is too early: a report has brought the object again, and its event may not be written yet. */
  async #removeOwn(event: string, ref: OwnRef, keys: readonly string[]): Promise<boolean> {
    for (const key of keys) if (await this.#isYoung(key)) return false;
    for (const key of keys) await this.#deps.objects.remove(key);
    if (keys.includes(ownKey(ref))) await this.#deps.dynamo.remove(extraOwnRow(event, ref));
    return true;
  }

  /** Nothing can be written under this key before the decision: it is marked as leaving. */
  async #isGone(key: string): Promise<boolean> {
    return (await this.#deps.objects.writtenAt(key)) === null;
  }

  /**
   * Whether a picture was written just now: a report has brought it again, and the indexes may not show its event yet.
   */
  async #isYoung(key: string): Promise<boolean> {
    const writtenAt = await this.#deps.objects.writtenAt(key);
    return writtenAt !== null && Math.abs(this.#deps.clock() - writtenAt) < propagationMs;
  }

  /** The keys of the rows for pictures that repeated reports brought of an event, and that it does not show. */
  async #extraRows(event: string): Promise<string[]> {
    const shards = [{ index: "byPerson" as const, hash: lists.extraRefsOfEvent(event) }];
    const rows: string[] = [];
    for await (const { pk } of queryShards(this.#deps.dynamo, { shards, order: "ascending" })) rows.push(pk);
    return rows;
  }

  /** Whether any existing event shows the same picture. Throws if a broken row makes that unknown. */
  async #isShown(ref: PictureRef): Promise<boolean> {
    const { dynamo, clock } = this.#deps;
    const key = sharedKey(ref);
    const doubts: unknown[] = [];
    for await (const rows of rowsOf(dynamo, { shards: refLists(ref), order: "ascending" })) {
      const live = rows.filter((row) => isLive(row, clock()));
      if (live.some((row) => refsOf(row).some((other) => sharedKey(other) === key))) return true;
      doubts.push(...live.flatMap((row) => faultOf(row) ?? []));
    }
    if (doubts.length > 0)
      throw new AggregateError(doubts, "broken events may show a picture to erase; erase or repair them");
    return false;
  }
}
