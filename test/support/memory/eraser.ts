import {
  type ErasureProgress,
  type EventEraser,
  isCoveredByTime,
  noneErased,
  type PersonErasure,
  type PersonRecord,
  type PersonRecords,
} from "@gatepost/core/erasure";
import { matches, newsOfEvents } from "@gatepost/core/events";
import type { Log } from "@gatepost/core/log";
import { eventNotes, seenMark } from "@gatepost/core/seen";
import { eraseStatuses } from "@gatepost/core/statuses";
import { monthOf, type StoredEvent } from "@gatepost/protocol";
import type { Items } from "@gatepost/store";
import type { MemoryEvents } from "./events.ts";
import type { MemoryPictures } from "./pictures.ts";
import type { MemoryQuarantine } from "./quarantine.ts";
import type { MemorySuppression } from "./suppression.ts";

interface Deps {
  events: MemoryEvents;
  pictures: MemoryPictures;
  quarantine: MemoryQuarantine;
  items: Items;
  personRecords: PersonRecords;
  log: Log;
  suppression: MemorySuppression;
  clock(): number;
}

/** Erases from the stores in memory. */
export class MemoryEraser implements EventEraser {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async eraseEvent(id: string): Promise<boolean> {
    const { events, suppression, clock } = this.#deps;
    const box = (await events.get(id))?.box;
    if (box === undefined) return false;
    await suppression.note({ event: id }, box, clock());
    await suppression.settled();
    return (await this.#remove(id, noneErased)) !== null;
  }

  async withdraw(ids: readonly string[], isMeant: (event: StoredEvent) => boolean): Promise<number> {
    const { events } = this.#deps;
    let removed = 0;
    for (const id of ids) {
      const event = await events.get(id);
      if (event === null || !isMeant(event)) continue;
      await this.#removeEvent(id, noneErased);
      removed += 1;
    }
    return removed;
  }

  coversUntil(askedAt: number): number {
    return Math.min(askedAt, this.#deps.clock());
  }

  recordsOf(person: string): Promise<PersonRecord[]> {
    return this.#deps.personRecords.of(person);
  }

  async eraseSome(asked: PersonErasure, limit: number, before = noneErased): Promise<ErasureProgress> {
    const { events, items, suppression, log, clock } = this.#deps;
    const { person, box } = asked;
    const at = Math.min(asked.at, clock());
    const upTo = before.upTo ?? String(events.lastMade);
    await suppression.note({ person, box }, box, at);
    await suppression.settled();
    await eraseStatuses({ person, box }, { items, log });
    const filter = { person, ...(box === null ? {} : { box }) };
    const theirs = events.shown().filter((event) => matches(event, filter));
    const meant = theirs.filter(
      ({ id, timestamp, receivedAt }) =>
        events.wasMade(id) <= Number(upTo) || Math.min(timestamp, Date.parse(receivedAt)) <= at,
    );
    let progress = { ...before, upTo };
    for (const { id, box: of } of meant.slice(0, limit)) {
      const reports = (await events.get(id))?.reports ?? [];
      if (!reports.every((report) => isCoveredByTime(report, at))) await suppression.note({ event: id }, of.id, at);
    }
    for (const { id } of meant.slice(0, limit))
      progress = { ...((await this.#remove(id, progress)) ?? progress), upTo };
    if (meant.length > limit) return progress;
    await suppression.settled();
    await this.#deps.personRecords.erase({ person, box });
    const shown = this.#shown();
    return { ...progress, shared: progress.shared.filter((name) => shown.has(name)), isDone: true };
  }

  async alongside<Result>(work: () => Promise<Result>): Promise<Result> {
    using _held = this.#deps.suppression.hold();
    return await work();
  }

  async #remove(id: string, progress: ErasureProgress): Promise<ErasureProgress | null> {
    const removed = await this.#removeEvent(id, progress);
    const { quarantine } = this.#deps;
    return removed && { ...removed, quarantine: removed.quarantine + quarantine.removeEvent(id) };
  }

  async #removeEvent(id: string, progress: ErasureProgress): Promise<ErasureProgress | null> {
    const { events, pictures, items, clock } = this.#deps;
    const erased = events.remove(id);
    if (erased === null) return null;
    const gone = { eventId: id, box: erased.box };
    await events.news.tell(newsOfEvents([gone], clock(), (ids) => ({ kind: "erased", events: ids })));
    for (const pk of [seenMark(id), eventNotes(id)]) await items.remove(pk);
    const own = [...new Map(picturesOf(erased).map((picture) => [picture.join("/"), picture])).values()];
    const shown = own.length === 0 ? new Set<string>() : this.#shown();
    const alone = own.filter((picture) => !shown.has(picture.join("/")));
    for (const picture of alone) pictures.remove(...picture);
    const shared = own.map((picture) => picture.join("/")).filter((name) => shown.has(name));
    return {
      ...progress,
      events: progress.events + 1,
      pictures: progress.pictures + alone.length,
      outbox: progress.outbox + erased.actions.filter(({ state }) => state === "pending").length,
      shared: [...new Set([...progress.shared, ...shared])],
    };
  }

  #shown(): Set<string> {
    return new Set(this.#deps.events.stored().flatMap((event) => picturesOf(event).map((one) => one.join("/"))));
  }
}

/** The pictures of all reports of an event. */
function picturesOf({ reports }: StoredEvent): [month: string, sha256: string][] {
  return reports.flatMap(({ receivedAt, pictures = {} }) =>
    Object.values(pictures).map(({ sha256 }): [string, string] => [monthOf(receivedAt), sha256]),
  );
}
