import { knownPerson, merge, type PictureKind, pictureKinds } from "@gatepost/protocol";
import type { EventEraser } from "@gatepost/query";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { type EventErased, leaving, type PersonErased, workOf } from "./row.ts";
import { ErasureSeal, readByAll, skew } from "../pictures/erasure-epoch.ts";
import { eventOf } from "../events/row.ts";
import { isExpired } from "../dynamo/expiry.ts";
import { momentAt } from "../dynamo/monotonic-clock.ts";
import { NoticeEraser } from "./status-eraser.ts";
import type { Objects } from "../s3/objects.ts";
import { pictureKey } from "../pictures/store.ts";
import { lists, shardsOf, timeText } from "../dynamo/index-keys.ts";
import type { DynamoQuarantine } from "../quarantine/store.ts";
import type { Row } from "../dynamo/item.ts";
import { besidesRow, eventShowing, firstShown, listsShowing, picturesOf, type Shown } from "../pictures/refs.ts";
import { inGroups, type Place, type Way, walk } from "../dynamo/query-shards.ts";

/** Rows that are looked at, or erased, at the same time. */
const atOnce = 25;

/** Erasures that are finished at the same time, each by some fifty small queries a picture. */
const finishedAtOnce = 4;

interface Needed {
  dynamo: Dynamo;
  objects: Objects;
  quarantine: DynamoQuarantine;
  clock(): number;
}

/**
 * Erases in two steps. At once, the rows of events, what quarantine holds of them, and what boxes said of a person. A
 * little later, by `finish`, what was not in the indexes yet, and the pictures: not before every process knows that it
 * may not take them to be there, since one that does would show them in another event. What is left is noted before
 * anything is erased.
 */
export class DynamoEraser implements EventEraser {
  readonly #on: Needed;
  readonly #notices: NoticeEraser;

  constructor(on: Needed) {
    this.#on = on;
    this.#notices = new NoticeEraser(on.dynamo);
  }

  async eraseEvent(id: string): Promise<boolean> {
    const { dynamo, clock } = this.#on;
    const row = id.startsWith("evt_") ? await dynamo.get(id) : null;
    if (row === null) return false;
    await ErasureSeal.break(dynamo, clock());
    await this.#erase(row);
    return !isExpired(row, clock());
  }

  async erasePerson(person: string, box: string | null): Promise<number> {
    const { dynamo, clock } = this.#on;
    const now = clock();
    const work = { person, box, before: momentAt(now + skew) };
    await ErasureSeal.break(dynamo, now);
    await dynamo.change(leaving(`person ${crypto.randomUUID()}`, now + readByAll, work));
    return this.#erasePerson(work);
  }

  /** Does what earlier erasures left, as far as it is due. Returns how many. */
  async finish(): Promise<number> {
    const { dynamo, clock } = this.#on;
    const lanes = [{ index: "byTime" as const, hash: lists.erasures }];
    const due = walk(dynamo, { lanes, to: `${timeText(clock())}~`, order: "ascending" });
    let finished = 0;
    const failures: unknown[] = [];
    for await (const group of inGroups(due, () => finishedAtOnce)) {
      for (const done of await Promise.allSettled(group.map(({ pk }) => this.#finishOne(pk)))) {
        if (done.status === "rejected") failures.push(done.reason);
        else finished += done.value;
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, "some erasures are not finished, and stay due");
    return finished;
  }

  async #finishOne(pk: string): Promise<0 | 1> {
    const row = await this.#on.dynamo.get(pk);
    if (row === null) return 0;
    const work = workOf(row);
    if ("person" in work) await this.#erasePerson(work);
    else await this.#finishEvent(work);
    await this.#on.dynamo.remove(pk);
    return 1;
  }

  async #erasePerson(work: PersonErased): Promise<number> {
    await this.#notices.erase(work);
    const { person, box, before } = work;
    const { clock } = this.#on;
    const isMeant = (row: Row) =>
      (box === null || row["box"] === box) && String(row["made"]) < before && personOf(row) === person;
    const lanes = shardsOf(lists.ofPerson(person)).map((hash) => ({ index: "byPerson" as const, hash }));
    let erased = 0;
    for await (const rows of this.#rows({ lanes, order: "ascending" })) {
      const meant = rows.filter(isMeant);
      await Promise.all(meant.map((row) => this.#erase(row)));
      erased += meant.filter((row) => !isExpired(row, clock())).length;
    }
    return erased;
  }

  async #erase(row: Row): Promise<void> {
    const { dynamo, clock } = this.#on;
    const event = String(row["pk"]);
    const name = `${event} ${crypto.randomUUID()}`;
    const leave = (pictures: Shown[]) => dynamo.change(leaving(name, clock() + readByAll, { event, pictures }));
    const noted = shownBy(row);
    await leave(noted);
    const last = await dynamo.remove(event);
    // A report may have joined in between.
    if (last !== null && shownBy(last).length > noted.length) await leave(shownBy(last));
    await this.#eraseQuarantine(event);
  }

  async #eraseQuarantine(event: string): Promise<void> {
    const lanes = [{ index: "byPerson" as const, hash: lists.quarantineOfEvent(event) }];
    for await (const { pk } of walk(this.#on.dynamo, { lanes, order: "ascending" })) {
      await this.#on.quarantine.remove(pk);
    }
  }

  async #finishEvent({ event, pictures }: EventErased): Promise<void> {
    const { dynamo, objects } = this.#on;
    await this.#eraseQuarantine(event);
    for (const shown of pictures) {
      if (await this.#isShown(shown)) continue;
      await objects.remove(keyOf(shown));
      await dynamo.remove(besidesRow(event, shown));
    }
  }

  /** Whether any event there is shows the same object. */
  async #isShown(shown: Shown): Promise<boolean> {
    const key = keyOf(shown);
    const same = pictureKinds.map((kind) => ({ ...shown, kind })).filter((other) => keyOf(other) === key);
    for await (const rows of this.#rows({ lanes: same.flatMap(listsShowing), order: "ascending" })) {
      const live = rows.filter((row) => !isExpired(row, this.#on.clock()));
      if (live.some((row) => shownBy(row).some((other) => keyOf(other) === key))) return true;
    }
    return false;
  }

  /** The rows of the events that a list leads to. */
  async *#rows(way: Way): AsyncGenerator<Row[]> {
    for await (const group of inGroups(walk(this.#on.dynamo, way), () => atOnce)) {
      const rows = await this.#on.dynamo.getAll(group.map(({ pk }: Place) => eventShowing(pk)));
      yield [...rows.values()];
    }
  }
}

/** All pictures of an event, those that better ones of other reports stand before included. */
function shownBy(row: Row): Shown[] {
  const all = [...eventOf(row).reports.flatMap(picturesOf), ...firstShown(row)];
  return [...new Map(all.map((shown) => [`${shown.kind} ${keyOf(shown)}`, shown])).values()];
}

function personOf(row: Row): string | null {
  return knownPerson(merge(eventOf(row)).person);
}

function keyOf({ month, kind, sha256 }: { month: string; kind: PictureKind; sha256: string }): string {
  return pictureKey(month, kind, sha256);
}
