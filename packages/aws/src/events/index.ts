import type { EventIndex, Upsert, Written } from "@gatepost/ingest";
import type { Report } from "@gatepost/protocol";
import type { DeviceRegistry } from "../boxes/device-registry.ts";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { isExpired } from "../dynamo/expiry.ts";
import type { Item } from "../dynamo/item.ts";
import { applyUpdate, type ItemUpdate } from "../dynamo/item-update.ts";
import type { MonotonicClock } from "../dynamo/monotonic-clock.ts";
import { extraRefs } from "../pictures/refs.ts";
import { actionAttributes, hasAction } from "./action-attributes.ts";
import { changeAttributes } from "./change-attributes.ts";
import { eventOf, fingerprintAttribute, fingerprintOf, indexKeysOf, upsertUpdate } from "./row.ts";

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
    if (held !== undefined && held === replaces) return this.#replacing(entry, held);
    if (held !== fingerprint) return { outcome: "conflict", enqueued: false, event: null };
    return this.#repeated(entry, before);
  }

  async #repeated({ eventId, report, fingerprint, action }: Upsert, held: Item): Promise<Written | null> {
    await this.#keepPlaces(held);
    await this.#keepShown(held, report);
    if (action === null || hasAction(held, action.wantAction))
      return { outcome: "duplicate", enqueued: false, event: null };
    const enqueueing: ItemUpdate = {
      pk: eventId,
      set: { ...actionAttributes(eventId, action), ...changeAttributes(eventId, this.#monotonicClock.next()) },
      condition: `#${fingerprintAttribute(report.kind)} = :fingerprint AND attribute_not_exists(#a_${action.wantAction})`,
      values: { fingerprint },
    };
    const { applied, previous } = await this.#dynamo.update(enqueueing);
    return applied ? { outcome: "duplicate", enqueued: true, event: eventOf(applyUpdate(enqueueing, previous)) } : null;
  }

  async #replacing(entry: Upsert, held: string): Promise<Written | null> {
    const condition = `#${fingerprintAttribute(entry.report.kind)} = :held`;
    const replacing: ItemUpdate = { ...upsertUpdate(entry, this.#monotonicClock.next()), condition, values: { held } };
    const { applied, previous } = await this.#dynamo.update(replacing);
    return applied ? this.#written(entry, replacing, previous) : null;
  }

  /** Writes the event in the place of one that has expired and is still there. */
  async #anew(entry: Upsert, expired: Item): Promise<Written | null> {
    const { condition: _, values, ...change } = upsertUpdate(entry, this.#monotonicClock.next());
    const row = applyUpdate(change, { rev: Number(expired["rev"]) });
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
    const { at, byPerson } = indexKeysOf(eventOf(row));
    if (row["at"] === at && row["byPerson"] === byPerson) return;
    await this.#dynamo.update({
      pk: String(row["pk"]),
      set: { at, ...(byPerson === undefined ? {} : { byPerson }) },
      remove: byPerson === undefined ? ["byPerson"] : [],
      condition: "#rev = :rev",
      values: { rev: Number(row["rev"]) },
    });
  }
}
