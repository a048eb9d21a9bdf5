import { all } from "@gatepost/core/errors";
import type { EventIndex, Upsert, Written } from "@gatepost/core/events";
import type { Log } from "@gatepost/core/log";
import { shortens } from "@gatepost/core/retention";
import { fill, isRepeat, minuteMs, type Report } from "@gatepost/protocol";
import { type Change, changed, compare, equals, type Item, ttlAt } from "@gatepost/store";
import type { DeviceRegistry } from "../boxes/devices.ts";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { expiredAt, isExpired, numberOf } from "../dynamo/item.ts";
import { outliving } from "../pictures/erasure-work.ts";
import { extraRefs, refsIn } from "../pictures/refs.ts";
import { hasAction, hasActionOf } from "./action-attributes.ts";
import type { FeedWrites } from "./feed-writes.ts";
import { awaitedAttributes, joiningOnly, makingOnly } from "./outbox.ts";
import { changeIn, eventOf, fingerprintOf, firstMonthOf, indexKeysOf, repeatUpdate, upsertUpdate } from "./row.ts";

/** A try fails only if another process writes between two calls. That does not happen so often in a row by chance. */
const tries = 5;

interface Deps {
  feed: FeedWrites;
  devices: DeviceRegistry;
  /** ms for which the bucket keeps an object. */
  lifetime: number;
}

/**
 * The events in DynamoDB. The upsert is one conditional UpdateItem. DynamoDB returns the row as it was before, whether
 * the write was applied or refused; everything else follows from that row, without a read. If an event still waits for
 * the bus, a joining report takes two of them: `outbox.ts` says why.
 */
export class DynamoEventIndex implements EventIndex {
  readonly #dynamo: Dynamo;
  readonly #feed: FeedWrites;
  readonly #devices: DeviceRegistry;
  readonly #lifetime: number;

  constructor(dynamo: Dynamo, { feed, devices, lifetime }: Deps) {
    this.#dynamo = dynamo;
    this.#feed = feed;
    this.#devices = devices;
    this.#lifetime = lifetime;
  }

  async upsert(entry: Upsert): Promise<Written> {
    let upsertOf: (change: Change, entry: Upsert) => Change = entry.isAwaited ? makingOnly : (change) => change;
    for (let tried = 0; tried < tries; tried++) {
      const { change, applied, previous } = await this.#feed.write(async (sequence) => {
        const change = upsertOf(upsertUpdate(entry, sequence), entry);
        return { change, ...(await this.#dynamo.update(change)) };
      });
      if (applied) return this.#written(entry, change, previous);
      if (entry.isAwaited) upsertOf = previous === null ? makingOnly : joiningOnly;
      const written = previous === null ? null : await this.#refused(entry, previous);
      if (written !== null) return written;
    }
    throw new Error("the event was changed by others between all tries to write it");
  }

  /**
   * The result that follows from the row that refused a report. Null if the row has changed since, and the report must
   * be tried again.
   */
  async #refused(entry: Upsert, before: Item): Promise<Written | null> {
    const { report, now } = entry;
    if (isExpired(before, now)) return this.#anew(entry, before);
    const held = fingerprintOf(before, report.kind);
    if (held === undefined) return null;
    const isHeld = isRepeat(held, entry);
    return isHeld ? this.#repeated(entry, before) : { outcome: "conflict", enqueued: false, event: null };
  }

  /**
   * Writes the additions of a repeat: members that the stored report lacks, and an action that the event lacks. Nearly
   * always nothing.
   */
  async #repeated(entry: Upsert, before: Item): Promise<Written | null> {
    const { report, action } = entry;
    const held = await this.#endSooner(before, entry);
    await this.#keepPlaces(held);
    // A shared picture that the event shows already is not written again.
    await this.#noteOutliving(held, entry, (await this.#keepShown(held, report)) ? refsIn(report) : []);
    const known = eventOf(held).reports.find(({ kind }) => kind === report.kind);
    const filled = known === undefined ? null : fill(known, report);
    const enqueued = action !== null && !hasAction(held, action.wantAction);
    if (filled === null && !enqueued) return { outcome: "duplicate", enqueued, event: null };
    const { update, applied, previous } = await this.#feed.write(async (sequence) => {
      const update = repeatUpdate(entry, { held, filled, sequence });
      return { update, ...(await this.#dynamo.update(update)) };
    });
    if (!applied) return null;
    const row = changed(update, previous);
    if (filled !== null) await this.#noteFilled(row, { ...entry, report: filled });
    if (known !== undefined && filled !== null) await this.#keepShown(row, known);
    return { outcome: filled === null ? "duplicate" : "filled", enqueued, event: enqueued ? eventOf(row) : null };
  }

  async #noteFilled(row: Item, entry: Upsert): Promise<void> {
    await this.#devices.touch(eventOf(row), entry);
    await this.#keepPlaces(row);
    await this.#keepShown(row, entry.report);
  }

  /** Replaces an expired event whose row still exists. */
  async #anew(entry: Upsert, expired: Item): Promise<Written | null> {
    const { row, applied } = await this.#feed.write(async (sequence) => {
      const { when: _, ...change } = upsertUpdate(entry, sequence);
      const row = { ...changed(change, { rev: changeIn(expired).rev }), ...awaitedAttributes(entry) };
      return { row, ...(await this.#dynamo.put(row, expiredAt(entry.now))) };
    });
    if (applied) await all([this.#devices.touch(eventOf(row), entry), this.#noteOutliving(row, entry)]);
    return applied ? { outcome: "created", enqueued: entry.action !== null, event: eventOf(row) } : null;
  }

  async #written(entry: Upsert, change: Change, before: Item | null): Promise<Written> {
    const { action, report } = entry;
    const after = changed(change, before);
    const row = before === null ? after : await this.#endSooner(after, entry);
    await all([this.#devices.touch(eventOf(row), entry), this.#noteOutliving(row, entry)]);
    const enqueued = action !== null && !hasAction(before, action.wantAction) && hasActionOf(row, action);
    if (before === null) return { outcome: "created", enqueued, event: eventOf(row) };
    await this.#keepPlaces(row);
    await this.#keepShown(row, report);
    return { outcome: "merged", enqueued, event: enqueued ? eventOf(row) : null };
  }

  /**
   * The row names one shared picture. This writes an extra row for another one, so that an erasure finds it. Returns
   * whether there is one.
   */
  async #keepShown(row: Item, report: Report): Promise<boolean> {
    const extra = extraRefs(row, report);
    await all(extra.map((change) => this.#dynamo.update(change)));
    return extra.length > 0;
  }

  /**
   * Lets an event end by a report that was received before its others. Their objects would then outlive it, so these are
   * noted. The notes come first: if a process ends in between, the repeated report does the rest.
   */
  async #endSooner(row: Item, entry: Upsert): Promise<Item> {
    const ttl = ttlAt(entry.expiresAt);
    if (!shortens({ now: entry.now, expiresAt: ttl * 1000 }, numberOf(row, "ttl") * 1000)) return row;
    const sooner = { ...row, ttl };
    await all(eventOf(row).reports.map((report) => this.#noteOutliving(sooner, { ...entry, report })));
    await this.#dynamo.update({
      pk: entry.eventId,
      set: { ttl },
      when: compare("ttl", ">", ttl),
    });
    return sooner;
  }

  /**
   * Notes objects that this report brought long after the first report of its event: they must be removed with the
   * event.
   */
  async #noteOutliving(row: Item, entry: Upsert, pictures = refsIn(entry.report)): Promise<void> {
    const update = outliving(row, entry, { lifetime: this.#lifetime, from: firstMonthOf(row), pictures });
    if (update !== null) await this.#dynamo.update(update);
  }

  /**
   * Moves the event in the lists to the place that its reports together give it. Nearly always that is the place of the
   * first report. A later write sees more reports and moves it if necessary. If a process ended before it could, the
   * repeated report does it.
   */
  async #keepPlaces(row: Item): Promise<void> {
    const event = eventOf(row);
    const { at, byPerson } = indexKeysOf(event);
    if (row["at"] === at && row["byPerson"] === byPerson) return;
    await this.#dynamo.update({
      pk: event.id,
      set: { at, ...(byPerson === undefined ? {} : { byPerson }) },
      remove: byPerson === undefined ? ["byPerson"] : [],
      when: equals("rev", changeIn(row).rev),
    });
  }
}

/**
 * Reads the reports of an event, so that a picture that it already has is not written again. If the table does not
 * answer in time, or the event is about to end, returns none: then the picture is written again.
 */
export async function heldReports(
  eventId: string,
  { dynamo, log, clock }: { dynamo: Dynamo; log: Log; clock(): number },
): Promise<readonly Report[]> {
  try {
    const row = (await dynamo.getAll([eventId])).get(eventId);
    return row === undefined || isExpired(row, clock() + minuteMs) ? [] : eventOf(row).reports;
  } catch (cause) {
    log.warn("could not read stored reports of event", { cause });
    return [];
  }
}
