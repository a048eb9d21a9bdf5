import type { EventIndex, Upsert, Written } from "@gatepost/ingest";
import { fill, type Report } from "@gatepost/protocol";
import type { DeviceRegistry } from "../boxes/device-registry.ts";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { isExpired } from "../dynamo/expiry.ts";
import type { Item } from "../dynamo/item.ts";
import { applyUpdate, type ItemUpdate } from "../dynamo/item-update.ts";
import type { MonotonicClock } from "../dynamo/monotonic-clock.ts";
import { extraRefs } from "../pictures/refs.ts";
import { hasAction } from "./action-attributes.ts";
import { changeIn, eventOf, fingerprintOf, indexKeysOf, repeatUpdate, upsertUpdate } from "./row.ts";

/** A try is lost only to a writer that came between two calls; so many in a row are no coincidence. */
const tries = 5;

/**
 * The events in DynamoDB. One conditional UpdateItem is the upsert. The row as it was before, which DynamoDB tells of a
 * write that took place as of one that was refused, decides everything else without a read.
 */
export class DynamoEventIndex implements EventIndex {
  readonly #dynamo: Dynamo;
  readonly #monotonicClock: MonotonicClock;
  readonly #devices: DeviceRegistry;

  constructor(
    dynamo: Dynamo,
    { monotonicClock, devices }: { monotonicClock: MonotonicClock; devices: DeviceRegistry },
  ) {
    this.#dynamo = dynamo;
    this.#monotonicClock = monotonicClock;
    this.#devices = devices;
  }

  async upsert(entry: Upsert): Promise<Written> {
    for (let tried = 0; tried < tries; tried++) {
      const change = upsertUpdate(entry, this.#monotonicClock.next());
      const { applied, previous } = await this.#dynamo.update(change);
      if (applied) return this.#written(entry, change, previous);
      const written = previous === null ? null : await this.#refused(entry, previous);
      if (written !== null) return written;
    }
    throw new Error("the event was changed by others between all tries to write it");
  }

  /** What the row shows that refused a report; null where it changed meanwhile and the report is to be tried again. */
  async #refused(entry: Upsert, before: Item): Promise<Written | null> {
    const { report, fingerprint, replaces, now } = entry;
    if (isExpired(before, now)) return this.#anew(entry, before);
    const held = fingerprintOf(before, report.kind);
    const isRepeat = held !== undefined && (held === fingerprint || held === replaces);
    return isRepeat ? this.#repeated(entry, before) : { outcome: "conflict", enqueued: false, event: null };
  }

  /** Writes what a repeat brings: what the held report lacks, and an action that the event has not. Nearly always nothing. */
  async #repeated(entry: Upsert, held: Item): Promise<Written | null> {
    const { report, action } = entry;
    await this.#keepPlaces(held);
    await this.#keepShown(held, report);
    const known = eventOf(held).reports.find(({ kind }) => kind === report.kind);
    const filled = known === undefined ? null : fill(known, report);
    const enqueued = action !== null && !hasAction(held, action.wantAction);
    if (filled === null && !enqueued) return { outcome: "duplicate", enqueued, event: null };
    const update = repeatUpdate(entry, { held, filled, sequence: this.#monotonicClock.next() });
    const { applied, previous } = await this.#dynamo.update(update);
    if (!applied) return null;
    const row = applyUpdate(update, previous);
    if (filled !== null) await this.#noteFilled(row, { ...entry, report: filled });
    return { outcome: filled === null ? "duplicate" : "filled", enqueued, event: enqueued ? eventOf(row) : null };
  }

  async #noteFilled(row: Item, entry: Upsert): Promise<void> {
    await this.#devices.touch(eventOf(row), entry);
    await this.#keepPlaces(row);
    await this.#keepShown(row, entry.report);
  }

  /** Writes the event in the place of one that has expired and is still there. */
  async #anew(entry: Upsert, expired: Item): Promise<Written | null> {
    const { condition: _, values, ...change } = upsertUpdate(entry, this.#monotonicClock.next());
    const row = applyUpdate(change, { rev: changeIn(expired).rev });
    const { applied } = await this.#dynamo.put(row, "#ttl <= :now", values);
    if (applied) await this.#devices.touch(eventOf(row), entry);
    return applied ? { outcome: "created", enqueued: entry.action !== null, event: eventOf(row) } : null;
  }

  async #written(entry: Upsert, change: ItemUpdate, before: Item | null): Promise<Written> {
    const { action, report } = entry;
    const row = applyUpdate(change, before);
    await this.#devices.touch(eventOf(row), entry);
    const enqueued = action !== null && !hasAction(before, action.wantAction);
    if (before === null) return { outcome: "created", enqueued, event: eventOf(row) };
    await this.#keepPlaces(row);
    await this.#keepShown(row, report);
    return { outcome: "merged", enqueued, event: enqueued ? eventOf(row) : null };
  }

  /** A picture that another report brought of its kind before is told of by the row of the event; this is for one more. */
  async #keepShown(row: Item, report: Report): Promise<void> {
    await Promise.all(extraRefs(row, report).map((change) => this.#dynamo.update(change)));
  }

  /**
   * Moves the event to where its reports together put it. Nearly always that is where the first one did. Whoever wrote
   * since has seen more and moves it if it must be; a process that ended before it could is made good by the repetition.
   */
  async #keepPlaces(row: Item): Promise<void> {
    const event = eventOf(row);
    const { at, byPerson } = indexKeysOf(event);
    if (row["at"] === at && row["byPerson"] === byPerson) return;
    await this.#dynamo.update({
      pk: event.id,
      set: { at, ...(byPerson === undefined ? {} : { byPerson }) },
      remove: byPerson === undefined ? ["byPerson"] : [],
      condition: "#rev = :rev",
      values: { rev: changeIn(row).rev },
    });
  }
}
