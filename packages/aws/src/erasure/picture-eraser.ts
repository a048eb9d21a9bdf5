import type { Log } from "@gatepost/core/log";
import type { Dynamo } from "../dynamo/dynamo.ts";
import * as lists from "../dynamo/lists.ts";
import { queryShards } from "../dynamo/query-shards.ts";
import { propagationMs } from "../pictures/erasure-epoch.ts";
import type { EventErased } from "../pictures/erasure-work.ts";
import { objectKey, prefixesOf, sharedKey } from "../pictures/keys.ts";
import { markLeaving } from "../pictures/leaving.ts";
import { extraRefRow, type PictureRef, refLists, refOfExtraRow } from "../pictures/refs.ts";
import type { Objects } from "../s3/objects.ts";
import { faultOf, isLive, isThere, picturesIn, refsOf, rowsOf } from "./event-row.ts";

interface Deps {
  dynamo: Dynamo;
  objects: Objects;
  log: Log;
  clock(): number;
}

/** Removes the pictures of erased events, except those that events show. */
export class PictureEraser {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * Removes pictures of an event. Returns the rest of the work, if it is too early to decide about some of them; null if
   * nothing is left. Errors are added to `failures`.
   */
  async erase(work: EventErased, failures: unknown[]): Promise<Pick<EventErased, "pictures"> | null> {
    const { event } = work;
    const extra = await this.#extraRows(event);
    const young: PictureRef[] = [];
    for (const ref of [...work.pictures, ...extra.flatMap((pk) => refOfExtraRow(pk) ?? [])]) {
      const isDecided = await this.#removeUnlessShown(event, ref).catch((cause: unknown) => failures.push(cause) > 0);
      if (!isDecided) young.push(ref);
    }
    const isOwnDecided = await this.#eraseOwn(work).catch((cause: unknown) => failures.push(cause) > 0);
    return isOwnDecided && young.length === 0 ? null : { pictures: young };
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
    const writtenAt = await this.#deps.objects.writtenAt(key);
    if (writtenAt !== null && this.#isYoung(writtenAt)) return false;
    await this.#deps.objects.remove(key);
    await this.#deps.dynamo.remove(extraRefRow(event, ref));
    return true;
  }

  /**
   * Removes the objects of an event, whether a row names them or not. If a box has sent the event again, those that it
   * shows stay. Returns false if it is too early to decide about some.
   */
  async #eraseOwn({ event, from, firstFace }: EventErased): Promise<boolean> {
    const { dynamo, objects, clock } = this.#deps;
    const events = firstFace === undefined ? [event] : [event, firstFace];
    const live = [...(await dynamo.getAll(events)).values()].filter((row) => isLive(row, clock()));
    const [readable, broken] = [
      live.filter((row) => faultOf(row) === null),
      live.filter((row) => faultOf(row) !== null),
    ];
    const shown = new Set(readable.flatMap(picturesIn).map(objectKey));
    // No one knows what a broken one shows: it keeps its objects until it is erased or they expire.
    const decided = events.filter((id) => !broken.some(({ pk }) => pk === id));
    let isDecided = true;
    for (const prefix of decided.flatMap((id) => prefixesOf(id, from, clock()))) {
      for await (const { key, writtenAt } of objects.list(prefix)) {
        if (shown.has(key)) continue;
        if (this.#isYoung(writtenAt)) isDecided = false;
        else await objects.remove(key);
      }
    }
    return isDecided;
  }

  /** Nothing can be written under this key before the decision: it is marked as leaving. */
  async #isGone(key: string): Promise<boolean> {
    return (await this.#deps.objects.writtenAt(key)) === null;
  }

  /** Whether an object was written just now: a report has brought it again, and its event may not be written yet. */
  #isYoung(writtenAt: number): boolean {
    return Math.abs(this.#deps.clock() - writtenAt) < propagationMs;
  }

  /** The keys of the rows for shared pictures that later reports brought of an event. */
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
