import {
  type ErasureProgress,
  type EventEraser,
  noneErased,
  type PersonErasure,
  type PersonRecord,
  type PersonRecords,
} from "@gatepost/core/erasure";
import { all } from "@gatepost/core/errors";
import { type NewsWriter, newsOfEvents } from "@gatepost/core/events";
import type { Log } from "@gatepost/core/log";
import { eventNotes, seenMark } from "@gatepost/core/seen";
import { eraseStatuses } from "@gatepost/core/statuses";
import { comparable, omitAbsent, type StoredEvent } from "@gatepost/protocol";
import { asRead, type Item, type Items, timeText } from "@gatepost/store";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { chunk } from "../dynamo/groups.ts";
import { textOf } from "../dynamo/item.ts";
import * as lists from "../dynamo/lists.ts";
import { shardsOf } from "../dynamo/lists.ts";
import { sequenceAt, skewMs, timeOf } from "../dynamo/monotonic-clock.ts";
import { queryShards } from "../dynamo/query-shards.ts";
import { actionIdsOf } from "../events/action-attributes.ts";
import { eventOf } from "../events/row.ts";
import { ErasureEpoch, propagationMs } from "../pictures/erasure-epoch.ts";
import { type EventErased, enqueueErasure, type PersonErased, workOf } from "../pictures/erasure-work.ts";
import { sharedKey } from "../pictures/keys.ts";
import { markLeaving } from "../pictures/leaving.ts";
import { isBeingRemoved } from "../quarantine/row.ts";
import type { DynamoQuarantine } from "../quarantine/store.ts";
import type { Objects } from "../s3/objects.ts";
import {
  faultOf,
  happenedAfter,
  isCovered,
  isLive,
  isOfPerson,
  isThere,
  objectsOf,
  refsOf,
  rowsOf,
} from "./event-row.ts";
import { PictureEraser } from "./picture-eraser.ts";
import { addCounts, type Erased, refOf } from "./progress.ts";
import { marginMs, noteErased, timeOfAnswer } from "./suppression.ts";

/** How many erasures are finished at the same time. Each makes some fifty small queries for a picture. */
const concurrency = 4;

interface Deps {
  dynamo: Dynamo;
  items: Items;
  personRecords: PersonRecords;
  /** Tells readers of the feed. */
  news: NewsWriter;
  objects: Objects;
  quarantine: DynamoQuarantine;
  log: Log;
  clock(): number;
}

/**
 * Erases in two steps. At once: the rows of events, their quarantine records, and the statuses of boxes about the
 * person. Later, by `finish`: events that were not in the indexes yet, and the pictures. The second step waits until
 * every process knows that the pictures it remembers may be gone; otherwise a process could show them in another event.
 * Before anything is erased, the erasure and the remaining work are stored. Reports that processes stored before they
 * knew of the erasure are also erased by the second step.
 */
export class DynamoEraser implements EventEraser {
  readonly #deps: Deps;
  readonly #pictures: PictureEraser;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#pictures = new PictureEraser(deps);
  }

  async eraseEvent(id: string): Promise<boolean> {
    const { dynamo, clock } = this.#deps;
    const row = id.startsWith("evt_") ? await dynamo.get(id) : null;
    if (row === null) return false;
    const at = clock();
    await noteErased(dynamo, { event: id }, { box: boxOf(row), at });
    await ErasureEpoch.advance(dynamo, clock());
    await this.#erase(row, at);
    await this.#tell([row]);
    this.#logFault(row);
    return isLive(row, clock());
  }

  async withdraw(ids: readonly string[], isMeant: (event: StoredEvent) => boolean): Promise<number> {
    const { dynamo, clock } = this.#deps;
    const isRowMeant = (row: Item) => faultOf(row) === null && isLive(row, clock()) && isMeant(eventOf(row));
    const rows = [...(await dynamo.getAll(ids)).values()].filter(isRowMeant);
    if (rows.length === 0) return 0;
    await ErasureEpoch.advance(dynamo, clock());
    const gone: Item[] = [];
    for (const row of rows) {
      // The second step removes no record of quarantine either: none was received so early.
      if (!(await this.#remove(row, { bodies: [], before: 0 }, isRowMeant))) continue;
      await this.#removeBeside(textOf(row, "pk"), actionIdsOf(row));
      gone.push(row);
    }
    await this.#tell(gone);
    return gone.length;
  }

  coversUntil(askedAt: number): number {
    return Math.min(askedAt, this.#deps.clock()) - marginMs;
  }

  recordsOf(person: string): Promise<PersonRecord[]> {
    return this.#deps.personRecords.of(person);
  }

  async eraseSome(asked: PersonErasure, limit: number, before = noneErased): Promise<ErasureProgress> {
    const { person, box, at: askedAt } = asked;
    const at = Math.min(askedAt, await timeOfAnswer(this.#deps));
    const upTo = before.upTo ?? (await this.#begin({ person, box, at }));
    const work = { person, box, before: upTo, erasedAt: at };
    const progress = await this.#erasePerson(work, limit, { ...before, upTo }, (event, of) =>
      noteErased(this.#deps.dynamo, { event }, { box: of, at }),
    );
    if (!progress.isDone) return progress;
    await this.#eraseRecords({ person, box, before: sequenceAt(at), erasedAt: at - marginMs });
    return this.#counted(progress);
  }

  /** No request runs for as long as the second step waits. */
  alongside<Result>(work: () => Promise<Result>): Promise<Result> {
    return work();
  }

  /** Notes the erasure of a person and the work that is left for later. Returns the sequence at which it ends. */
  async #begin({ person, box, at }: PersonErasure): Promise<string> {
    const { dynamo, clock } = this.#deps;
    await noteErased(dynamo, { person, box }, { box, at });
    const now = clock();
    await ErasureEpoch.advance(dynamo, now);
    // What arrives after the erasure stays, so the second step has the margin on the other side.
    await this.#enqueue({ person, box, before: sequenceAt(now + 1), erasedAt: at - marginMs }, now);
    const before = sequenceAt(now + skewMs);
    await eraseStatuses({ person, box, before: timeOf(before) }, this.#deps);
    return before;
  }

  /**
   * Removes the records about a person whose events are gone. Requests that have read the events before may still store
   * some: another step removes those.
   */
  async #eraseRecords(work: PersonErased): Promise<void> {
    await this.#deps.personRecords.erase(work);
    await this.#enqueue({ ...work, isLast: true }, this.#deps.clock());
  }

  /** Stores a second step, which is due once the requests of now have ended. */
  async #enqueue(work: PersonErased, now: number): Promise<void> {
    await this.#deps.dynamo.update(enqueueErasure(`person ${crypto.randomUUID()}`, now + propagationMs, work));
  }

  /**
   * Finishes earlier erasures that are due. Returns how many.
   *
   * @param withinMs ms after which no other one is begun
   */
  async finish(withinMs = Number.POSITIVE_INFINITY): Promise<number> {
    const { dynamo, clock } = this.#deps;
    const end = clock() + withinMs;
    const shards = [{ index: "byTime" as const, hash: lists.erasures }];
    const due = queryShards(dynamo, { shards, to: `${timeText(clock())}~`, order: "ascending" });
    let finished = 0;
    const failures: unknown[] = [];
    for await (const group of chunk(due, () => concurrency)) {
      for (const done of await Promise.allSettled(group.map(({ pk }) => this.#finishOne(pk)))) {
        if (done.status === "rejected") failures.push(done.reason);
        else finished += done.value;
      }
      if (clock() >= end) break;
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
    if ("event" in work) await this.#finishEvent(work);
    else await this.#finishPerson(work);
    await this.#deps.dynamo.remove(pk);
    return 1;
  }

  /**
   * Erases the rest of a person. Requests may have read events until now, or until another work of this sweep erased
   * them, so a later step looks for records again.
   */
  async #finishPerson(work: PersonErased): Promise<void> {
    const { person, box, before, isLast = false } = work;
    await eraseStatuses({ person, box, before: timeOf(before) + skewMs }, this.#deps);
    // The events that were there have been noted before.
    const { events } = await this.#erasePerson(work, Number.POSITIVE_INFINITY, noneErased, async () => undefined);
    if (isLast && events === 0) await this.#deps.personRecords.erase({ person, box });
    else await this.#eraseRecords(work);
  }

  /**
   * Erases the events of a person.
   *
   * @param note notes the id of an event whose repeats would not count as erased by their time
   */
  async #erasePerson(
    work: PersonErased,
    limit: number,
    before: ErasureProgress,
    note: (event: string, box: string | null) => Promise<void>,
  ): Promise<ErasureProgress> {
    const { erasedAt = this.#deps.clock() } = work;
    const isMeant = (row: Item) => (work.box === null || row["box"] === work.box) && isOfPerson(row, work);
    const hashes = shardsOf(lists.ofPerson(comparable(work.person)));
    const shards = hashes.map((hash) => ({ index: "byPerson" as const, hash }));
    let progress = before;
    let erased = 0;
    for await (const rows of rowsOf(this.#deps.dynamo, { shards, order: "ascending" })) {
      const meant = rows.filter(isMeant);
      const uncovered = new Set(meant.filter((row) => !isCovered(row, erasedAt - marginMs)));
      await all([...uncovered].map((row) => note(textOf(row, "pk"), boxOf(row))));
      // Processes that read their lists since the erasure began must read them again.
      if (uncovered.size > 0) await ErasureEpoch.advance(this.#deps.dynamo, this.#deps.clock());
      const counts = await all(meant.map((row) => this.#erase(row, uncovered.has(row) ? erasedAt : undefined)));
      await this.#tell(meant);
      for (const row of meant) this.#logFault(row);
      progress = counts.reduce(addCounts, progress);
      erased += meant.length;
      if (erased >= limit) return progress;
    }
    return { ...progress, isDone: true };
  }

  /**
   * Pictures that several events shared are kept if other events still show them. The others are erased in the second
   * step.
   */
  async #counted(progress: ErasureProgress): Promise<ErasureProgress> {
    const shared: string[] = [];
    for (const name of progress.shared) if (await this.#pictures.mayBeShown(refOf(name))) shared.push(name);
    return { ...progress, pictures: progress.pictures + progress.shared.length - shared.length, shared };
  }

  /** @param erasedAt ms, if the event was erased by itself */
  async #erase(row: Item, erasedAt?: number): Promise<Erased> {
    const { quarantine, clock } = this.#deps;
    const event = textOf(row, "pk");
    const before = clock() + skewMs;
    const entries = await this.#quarantineEntries(event);
    const bodies = await quarantine.bodiesOf(entries);
    await this.#remove(row, { bodies, before, ...omitAbsent({ erasedAt }) });
    for (const entry of entries) await quarantine.removeEntry(entry);
    await this.#removeBeside(event, actionIdsOf(row));
    return { row, quarantine: bodies.length, isLive: isLive(row, clock()) };
  }

  /**
   * Notes what to remove, and removes the row only as it was noted: a report may be added to the event in the meantime,
   * with more pictures. Returns whether it removed the row: it stays if it is not meant any more.
   */
  async #remove(
    row: Item,
    of: Pick<EventErased, "bodies" | "before" | "erasedAt">,
    isMeant: (row: Item) => boolean = () => true,
  ): Promise<boolean> {
    const { dynamo, clock } = this.#deps;
    const event = textOf(row, "pk");
    const name = `${event} ${crypto.randomUUID()}`;
    for (let noted: Item | null = row; noted !== null && isMeant(noted); noted = await dynamo.get(event)) {
      const work = {
        event,
        box: boxOf(noted) ?? "",
        actions: actionIdsOf(noted),
        ...objectsOf(noted),
        pictures: refsOf(noted),
        ...of,
      };
      for (const ref of work.pictures) await markLeaving(sharedKey(ref), this.#deps);
      await dynamo.update(enqueueErasure(name, clock() + propagationMs, work));
      // Also by when it was made: another erasure may have removed it, and a report made it again, with other pictures.
      if ((await dynamo.remove(event, asRead(noted, ["rev", "made"]))) !== null) return true;
    }
    return false;
  }

  /**
   * The rows that lead to the quarantine records of an event. With `before`, only to those received before that time
   * (ms).
   */
  async #quarantineEntries(event: string, before?: number): Promise<string[]> {
    const shards = [{ index: "byPerson" as const, hash: lists.quarantineOfEvent(event) }];
    const range = { shards, to: before === undefined ? before : timeText(before), order: "ascending" as const };
    const entries: string[] = [];
    for await (const { pk } of queryShards(this.#deps.dynamo, range)) entries.push(pk);
    return entries;
  }

  /**
   * Tells readers that events are gone. An erasure that ends before that does so in its second step: their rows are gone
   * when readers learn it.
   */
  async #tell(rows: readonly Item[]): Promise<void> {
    const gone = rows.map((row) => ({ eventId: textOf(row, "pk"), box: boxOf(row) ?? "" }));
    await this.#deps.news.tell(newsOfEvents(gone, this.#deps.clock(), (events) => ({ kind: "erased", events })));
  }

  /** Removes the noted bodies once more: one may have been on its way to the bucket when its record was removed. */
  async #finishEvent({ box, ...work }: EventErased): Promise<void> {
    const { event, bodies, before, erasedAt } = work;
    const { dynamo, objects, quarantine, clock } = this.#deps;
    const row = erasedAt === undefined ? null : await dynamo.get(event);
    // Its id is noted: a process that did not know of that has stored it.
    if (row !== null && erasedAt !== undefined && !happenedAfter(row, erasedAt)) await this.#erase(row, erasedAt);
    for (const entry of await this.#quarantineEntries(event, before)) await quarantine.removeEntry(entry);
    if (!(await isThere(event, this.#deps))) {
      // The process that removed the row may have ended before it could tell.
      if (box !== undefined) await this.#tell([{ pk: event, box }]);
      await this.#removeBeside(event, work.actions);
    }
    for (const body of bodies) await objects.remove(body);
    const failures: unknown[] = [];
    const left = await this.#pictures.erase(work, failures);
    if (left !== null) {
      const name = `${event} ${crypto.randomUUID()}`;
      await dynamo.update(enqueueErasure(name, clock() + propagationMs, { ...work, ...left, bodies: [] }));
    }
    if (failures.length > 0) throw new AggregateError(failures, `pictures of ${event} are not erased, and stay due`);
  }

  /** Removes the mark of an event, the notes about it, and the visits of its actions. */
  async #removeBeside(event: string, actions: readonly string[] = []): Promise<void> {
    const { dynamo, personRecords } = this.#deps;
    const visits = actions.map((action) => personRecords.keyOf(action));
    for (const pk of [seenMark(event), eventNotes(event), ...visits]) await dynamo.remove(pk);
  }

  #logFault(row: Item): void {
    const cause = faultOf(row);
    if (cause !== null) this.#deps.log.warn("an event that is broken was erased", { event: row["pk"], cause });
  }
}

/** The box of an event; null, for every box, if the row has no valid one. */
function boxOf({ box }: Item): string | null {
  return typeof box === "string" ? box : null;
}
