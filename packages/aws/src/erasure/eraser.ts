import type { Log } from "@gatepost/ingest";
import { parseStored, pictureKinds } from "@gatepost/protocol";
import type { ErasureProgress, EventEraser, PersonErasure } from "@gatepost/query";
import * as z from "zod";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { lists, shardsOf, timeText } from "../dynamo/index-keys.ts";
import { type Item, textOf } from "../dynamo/item.ts";
import { sequenceAt, skewMs } from "../dynamo/monotonic-clock.ts";
import { chunk, type IndexEntry, queryShards, type ShardedRange } from "../dynamo/query-shards.ts";
import { changeIn } from "../events/row.ts";
import { seenRow } from "../events/seen.ts";
import { ErasureEpoch, propagationMs } from "../pictures/erasure-epoch.ts";
import { extraOwnRow, ownRefOfExtraRow } from "../pictures/extra-own.ts";
import { markLeaving } from "../pictures/leaving.ts";
import { keysOf, type OwnRef, ownKey } from "../pictures/own.ts";
import { eventOfRef, extraRefRow, type PictureRef, refLists, refOfExtraRow } from "../pictures/refs.ts";
import { isBeingRemoved } from "../quarantine/row.ts";
import type { DynamoQuarantine } from "../quarantine/store.ts";
import type { Objects } from "../s3/objects.ts";
import {
  faultOf,
  happenedBy,
  isLive,
  isOfPerson,
  keyOf,
  ownIn,
  ownPicturesIn,
  pendingIn,
  refsOf,
} from "./event-row.ts";
import { type EventErased, enqueueErasure, type PersonErased, workOf } from "./row.ts";
import { BoxStatusEraser } from "./status-eraser.ts";
import { noteErased } from "./suppression.ts";

const pictureKind = z.enum(pictureKinds);

/** How many rows are read or erased at the same time. */
const batchSize = 25;

/** How many erasures are finished at the same time. Each makes some fifty small queries for a picture. */
const concurrency = 4;

interface Deps {
  dynamo: Dynamo;
  objects: Objects;
  quarantine: DynamoQuarantine;
  log: Log;
  clock(): number;
}

const nothing: ErasureProgress = {
  ...{ events: 0, pictures: 0, quarantine: 0, outbox: 0 },
  ...{ shared: [], upTo: null, isDone: false },
};

/**
 * Erases in two steps. At once: the rows of events, what quarantine has of them, and what boxes said of a person.
 * Later, by `finish`: what the indexes did not have yet, and the pictures. The second step waits until every process
 * knows that it must not rely on the pictures it remembers; else a process could show them in another event. What is
 * left to do is stored before anything is erased, and what is erased is noted before that: what processes that did not
 * know of it yet have stored meanwhile goes with the second step, too.
 */
export class DynamoEraser implements EventEraser {
  readonly #deps: Deps;
  readonly #statuses: BoxStatusEraser;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#statuses = new BoxStatusEraser(deps);
  }

  async eraseEvent(id: string): Promise<boolean> {
    const { dynamo, clock } = this.#deps;
    const row = id.startsWith("evt_") ? await dynamo.get(id) : null;
    if (row === null) return false;
    const at = clock();
    await noteErased(dynamo, { event: id }, { box: boxOf(row), at });
    await ErasureEpoch.advance(dynamo, clock());
    await this.#erase(row, at);
    this.#logFault(row);
    return isLive(row, clock());
  }

  async erasePerson(person: string, box: string | null): Promise<number> {
    const erasure = { person, box, at: this.#deps.clock() };
    const { events } = await this.#eraseSome(erasure, Number.POSITIVE_INFINITY, nothing);
    return events;
  }

  async eraseSome(erasure: PersonErasure, limit: number, before = nothing): Promise<ErasureProgress> {
    const progress = await this.#eraseSome(erasure, limit, before);
    return progress.isDone ? this.#counted(progress) : progress;
  }

  async #eraseSome({ person, box, at }: PersonErasure, limit: number, before: ErasureProgress) {
    const upTo = before.upTo ?? (await this.#begin({ person, box, at }));
    const work = { person, box, before: upTo, erasedAt: at };
    return this.#erasePerson(work, limit, { ...before, upTo });
  }

  /** Notes the erasure of a person, and what is to be done of it later. Returns the sequence that ends it. */
  async #begin({ person, box, at }: PersonErasure): Promise<string> {
    const { dynamo, clock } = this.#deps;
    await noteErased(dynamo, { person, box }, { box, at });
    const now = clock();
    const work = { person, box, before: sequenceAt(now + skewMs), erasedAt: at };
    await ErasureEpoch.advance(dynamo, now);
    await dynamo.update(enqueueErasure(`person ${crypto.randomUUID()}`, now + propagationMs, work));
    await this.#statuses.erase(work);
    return work.before;
  }

  /** Finishes earlier erasures that are due. Returns how many. */
  async finish(): Promise<number> {
    const { dynamo, clock } = this.#deps;
    const shards = [{ index: "byTime" as const, hash: lists.erasures }];
    const due = queryShards(dynamo, { shards, to: `${timeText(clock())}~`, order: "ascending" });
    let finished = 0;
    const failures: unknown[] = [];
    for await (const group of chunk(due, () => concurrency)) {
      for (const done of await Promise.allSettled(group.map(({ pk }) => this.#finishOne(pk)))) {
        if (done.status === "rejected") failures.push(done.reason);
        else finished += done.value;
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, "some erasures are not finished, and stay due");
    return finished;
  }

  async #finishOne(pk: string): Promise<0 | 1> {
    const row = await this.#deps.dynamo.get(pk);
    if (row === null) return 0;
    if (isBeingRemoved(row)) {
      await this.#deps.quarantine.remove(pk);
      return 1;
    }
    const work = workOf(row);
    if ("person" in work) await this.#finishPerson(work);
    else await this.#finishEvent(work);
    await this.#deps.dynamo.remove(pk);
    return 1;
  }

  async #finishPerson(work: PersonErased): Promise<void> {
    await this.#statuses.erase(work);
    await this.#erasePerson(work, Number.POSITIVE_INFINITY, nothing);
  }

  async #erasePerson(work: PersonErased, limit: number, before: ErasureProgress): Promise<ErasureProgress> {
    const isMeant = (row: Item) => (work.box === null || row["box"] === work.box) && isOfPerson(row, work);
    const shards = shardsOf(lists.ofPerson(work.person)).map((hash) => ({ index: "byPerson" as const, hash }));
    let progress = before;
    let erased = 0;
    for await (const rows of this.#rows({ shards, order: "ascending" })) {
      const meant = rows.filter(isMeant);
      const counts = await Promise.all(meant.map((row) => this.#erase(row)));
      for (const row of meant) this.#logFault(row);
      progress = counts.reduce(addCounts, progress);
      erased += meant.length;
      if (erased >= limit) return progress;
    }
    return { ...progress, isDone: true };
  }

  /** Of pictures that several events shared, those that others show are kept; the rest goes with the second step. */
  async #counted(progress: ErasureProgress): Promise<ErasureProgress> {
    const shared: string[] = [];
    for (const name of progress.shared) if (await this.#mayBeShown(refOf(name))) shared.push(name);
    return { ...progress, pictures: progress.pictures + progress.shared.length - shared.length, shared };
  }

  /**
   * Notes what must go, and removes the row only as it was noted: a report may be added to the event in the meantime,
   * with more pictures.
   *
   * @param erasedAt ms, where the event was erased by itself
   */
  async #erase(row: Item, erasedAt?: number): Promise<Erased> {
    const { dynamo, quarantine, clock } = this.#deps;
    const event = textOf(row, "pk");
    const name = `${event} ${crypto.randomUUID()}`;
    const before = clock() + skewMs;
    const entries = await this.#quarantineEntries(event);
    const bodies = await quarantine.bodiesOf(entries);
    for (let noted: Item | null = row; noted !== null; noted = await dynamo.get(event)) {
      const again = erasedAt === undefined ? {} : { erasedAt };
      const work = { event, pictures: refsOf(noted), own: ownIn(noted), bodies, before, ...again };
      for (const ref of work.pictures.filter(isWritten)) await markLeaving(keyOf(ref), this.#deps);
      await dynamo.update(enqueueErasure(name, clock() + propagationMs, work));
      if ((await dynamo.remove(event, "#rev = :rev", { rev: changeIn(noted).rev })) !== null) break;
    }
    for (const entry of entries) await quarantine.removeEntry(entry);
    await dynamo.remove(seenRow(event));
    return { row, quarantine: bodies.length, isLive: isLive(row, clock()) };
  }

  /**
   * The rows that lead to what quarantine has of an event, where `before` is given only to what it received before that
   * time (ms).
   */
  async #quarantineEntries(event: string, before?: number): Promise<string[]> {
    const shards = [{ index: "byPerson" as const, hash: lists.quarantineOfEvent(event) }];
    const range = { shards, ...(before === undefined ? {} : { to: timeText(before) }), order: "ascending" as const };
    const entries: string[] = [];
    for await (const { pk } of queryShards(this.#deps.dynamo, range)) entries.push(pk);
    return entries;
  }

  /**
   * Removes the noted bodies once more: one of them may have been on its way to the bucket when its record was removed.
   */
  async #finishEvent({ event, pictures, own, bodies, before, erasedAt }: EventErased): Promise<void> {
    const { dynamo, objects, quarantine, clock } = this.#deps;
    const row = erasedAt === undefined ? null : await dynamo.get(event);
    if (row !== null && erasedAt !== undefined && happenedBy(row, erasedAt)) await this.#erase(row, erasedAt);
    for (const entry of await this.#quarantineEntries(event, before)) await quarantine.removeEntry(entry);
    if (!(await this.#isThere(event))) await dynamo.remove(seenRow(event));
    for (const body of bodies) await objects.remove(body);
    const failures: unknown[] = [];
    const extra = await this.#extraRows(event);
    const allOwn = [...own, ...extra.flatMap((pk) => ownRefOfExtraRow(pk) ?? [])];
    const young = { own: await this.#eraseOwn(event, allOwn, failures), pictures: Array.of<PictureRef>() };
    for (const ref of [...pictures, ...extra.flatMap((pk) => refOfExtraRow(pk) ?? [])]) {
      const isDecided = await this.#removeUnlessShown(event, ref).catch((cause: unknown) => failures.push(cause) > 0);
      if (!isDecided) young.pictures.push(ref);
    }
    if (young.own.length + young.pictures.length > 0) {
      const left = { event, ...young, bodies: [], ...(before === undefined ? {} : { before }) };
      const name = `${event} ${crypto.randomUUID()}`;
      await dynamo.update(enqueueErasure(name, clock() + propagationMs, left));
    }
    if (failures.length > 0) throw new AggregateError(failures, `pictures of ${event} are not erased, and stay due`);
  }

  /** Returns false where it is too early to tell what is to become of the picture. */
  async #removeUnlessShown(event: string, ref: PictureRef): Promise<boolean> {
    if (isWritten(ref) && !(await markLeaving(keyOf(ref), this.#deps))) return false;
    if (await this.#isShown(ref)) {
      // The event may have come again: then the row by which it shows the picture stays, too.
      if (!(await this.#isThere(event))) await this.#deps.dynamo.remove(extraRefRow(event, ref));
      return true;
    }
    if (await this.#isYoung(keyOf(ref))) return false;
    await this.#deps.objects.remove(keyOf(ref));
    await this.#deps.dynamo.remove(extraRefRow(event, ref));
    return true;
  }

  async #isThere(event: string): Promise<boolean> {
    const row = await this.#deps.dynamo.get(event);
    return row !== null && isLive(row, this.#deps.clock());
  }

  /** Whether a picture was written just now: a report has brought it again, whose event the indexes may not show yet. */
  async #isYoung(key: string): Promise<boolean> {
    const writtenAt = await this.#deps.objects.writtenAt(key);
    return writtenAt !== null && Math.abs(this.#deps.clock() - writtenAt) < propagationMs;
  }

  #logFault(row: Item): void {
    const cause = faultOf(row);
    if (cause !== null) this.#deps.log.warn("an event that is broken was erased", { event: row["pk"], cause });
  }

  /**
   * Removes objects that belonged to an event, and copies of what was in them. Where a box has sent the event again
   * since, it may show some of them: these stay. Returns those of which it is too early to tell.
   */
  async #eraseOwn(event: string, own: readonly OwnRef[], failures: unknown[]): Promise<OwnRef[]> {
    if (own.length === 0) return [];
    const { dynamo, clock } = this.#deps;
    const rows = await dynamo.getAll([event, ...own.flatMap(({ of }) => of ?? [])]);
    const live = [...rows.values()].filter((row) => isLive(row, clock()));
    const shown = new Set(live.flatMap(ownIn).map(ownKey));
    const young: OwnRef[] = [];
    for (const ref of own) {
      if (shown.has(ownKey(ref))) continue;
      const isDecided = await this.#removeOwn(event, ref).catch((cause: unknown) => failures.push(cause) > 0);
      if (!isDecided) young.push(ref);
    }
    return young;
  }

  /** Returns false where it is too early: a report has brought it again, and its event may not be written yet. */
  async #removeOwn(event: string, ref: OwnRef): Promise<boolean> {
    if (await this.#isYoung(ownKey(ref))) return false;
    for (const key of keysOf(ref)) await this.#deps.objects.remove(key);
    await this.#deps.dynamo.remove(extraOwnRow(event, ref));
    return true;
  }

  /** The keys of the rows for pictures that repeats brought of an event, and that it does not show. */
  async #extraRows(event: string): Promise<string[]> {
    const shards = [{ index: "byPerson" as const, hash: lists.extraRefsOfEvent(event) }];
    const rows: string[] = [];
    for await (const { pk } of queryShards(this.#deps.dynamo, { shards, order: "ascending" })) rows.push(pk);
    return rows;
  }

  /** Where nobody can tell, because a row is broken, the picture stays until that is mended. */
  async #mayBeShown(ref: PictureRef): Promise<boolean> {
    try {
      return await this.#isShown(ref);
    } catch (cause) {
      this.#deps.log.warn("whether a picture is shown cannot be told, so it is counted as kept", { cause });
      return true;
    }
  }

  /** Whether any event that exists shows the same picture. Throws where nobody can tell, because a row is broken. */
  async #isShown(ref: PictureRef): Promise<boolean> {
    const key = keyOf(ref);
    const same = pictureKinds.map((kind) => ({ ...ref, kind })).filter((other) => keyOf(other) === key);
    const doubts: unknown[] = [];
    for await (const rows of this.#rows({ shards: same.flatMap(refLists), order: "ascending" })) {
      const live = rows.filter((row) => isLive(row, this.#deps.clock()));
      if (live.some((row) => refsOf(row).some((other) => keyOf(other) === key))) return true;
      doubts.push(...live.flatMap((row) => faultOf(row) ?? []));
    }
    if (doubts.length > 0) throw new AggregateError(doubts, "events that are broken may show a picture that is to go");
    return false;
  }

  /** The rows of the events in a list. */
  async *#rows(range: ShardedRange): AsyncGenerator<Item[]> {
    for await (const group of chunk(queryShards(this.#deps.dynamo, range), () => batchSize)) {
      const rows = await this.#deps.dynamo.getAll(group.map(({ pk }: IndexEntry) => eventOfRef(pk)));
      yield [...rows.values()];
    }
  }
}

/** An event that was erased: its row, and what went with it. */
interface Erased {
  row: Item;
  quarantine: number;
  isLive: boolean;
}

function addCounts(progress: ErasureProgress, { row, quarantine, isLive }: Erased): ErasureProgress {
  return {
    ...progress,
    events: progress.events + Number(isLive),
    pictures: progress.pictures + ownPicturesIn(row),
    quarantine: progress.quarantine + quarantine,
    outbox: progress.outbox + pendingIn(row),
    shared: [...new Set([...progress.shared, ...refsOf(row).map(nameOf)])],
  };
}

/** The name of a shared picture in the progress of an erasure, and back. */
function nameOf({ month, kind, sha256 }: PictureRef): string {
  return `${month} ${kind} ${sha256}`;
}

function refOf(name: string): PictureRef {
  const [month = "", kind = "", sha256 = ""] = name.split(" ");
  return { month, kind: parseStored(pictureKind, kind, "a shared picture"), sha256 };
}

function boxOf(row: Item): string {
  return textOf(row, "box");
}

/** Whether reports still bring pictures under this key. Those of other kinds are of events from before. */
function isWritten({ kind }: PictureRef): boolean {
  return kind === "registered";
}
