import type { EventIndex, Upsert, Written } from "@gatepost/ingest";
import type { Report } from "@gatepost/protocol";
import { actionAttributes, hasAction } from "./action-attributes.ts";
import { type Change, changed } from "../dynamo/item-update.ts";
import { changing } from "./change-attributes.ts";
import type { DeviceNotes } from "../boxes/device-registry.ts";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { eventOf, joining, placesOf, signatureAttribute, signatureOf } from "./row.ts";
import { isExpired } from "../dynamo/expiry.ts";
import type { Moments } from "../dynamo/monotonic-clock.ts";
import type { Row } from "../dynamo/item.ts";
import { showingBesides } from "../pictures/refs.ts";

/** A try is lost only to a writer that came between two calls; so many in a row are no coincidence. */
const tries = 5;

/**
 * The events in DynamoDB. One conditional UpdateItem is the upsert. The row as it was before, which DynamoDB tells of a
 * write that took place as of one that was refused, decides everything else without a read.
 */
export class DynamoEventIndex implements EventIndex {
  readonly #dynamo: Dynamo;
  readonly #moments: Moments;
  readonly #devices: DeviceNotes;

  constructor(dynamo: Dynamo, { moments, devices }: { moments: Moments; devices: DeviceNotes }) {
    this.#dynamo = dynamo;
    this.#moments = moments;
    this.#devices = devices;
  }

  async upsert(entry: Upsert): Promise<Written> {
    for (let tried = 0; tried < tries; tried++) {
      const change = joining(entry, this.#moments.next());
      const { done, before } = await this.#dynamo.change(change);
      if (done) return this.#written(entry, change, before);
      const written = before === null ? null : await this.#refused(entry, before);
      if (written !== null) return written;
    }
    throw new Error("the event was changed by others between all tries to write it");
  }

  /** What the row shows that refused a report; null where it changed meanwhile and the report is to be tried again. */
  async #refused(entry: Upsert, before: Row): Promise<Written | null> {
    const { report, signature, replaces, now } = entry;
    if (isExpired(before, now)) return this.#anew(entry, before);
    const held = signatureOf(before, report.kind);
    if (held !== undefined && held === replaces) return this.#replacing(entry, held);
    if (held !== signature) return { outcome: "another-face", armed: false, event: null };
    return this.#repeated(entry, before);
  }

  async #repeated({ eventId, report, signature, action }: Upsert, held: Row): Promise<Written | null> {
    await this.#keepPlaces(held);
    await this.#keepShown(held, report);
    if (action === null || hasAction(held, action.wantAction))
      return { outcome: "duplicate", armed: false, event: null };
    const arming: Change = {
      pk: eventId,
      set: { ...actionAttributes(eventId, action), ...changing(eventId, this.#moments.next()) },
      condition: `#${signatureAttribute(report.kind)} = :signature AND attribute_not_exists(#a_${action.wantAction})`,
      values: { signature },
    };
    const { done, before } = await this.#dynamo.change(arming);
    return done ? { outcome: "duplicate", armed: true, event: eventOf(changed(arming, before)) } : null;
  }

  async #replacing(entry: Upsert, held: string): Promise<Written | null> {
    const condition = `#${signatureAttribute(entry.report.kind)} = :held`;
    const replacing: Change = { ...joining(entry, this.#moments.next()), condition, values: { held } };
    const { done, before } = await this.#dynamo.change(replacing);
    return done ? this.#written(entry, replacing, before) : null;
  }

  /** Writes the event in the place of one that has expired and is still there. */
  async #anew(entry: Upsert, expired: Row): Promise<Written | null> {
    const { condition: _, values, ...change } = joining(entry, this.#moments.next());
    const row = changed(change, { rev: Number(expired["rev"]) });
    const { done } = await this.#dynamo.put(row, "#ttl <= :now", values);
    if (done) await this.#devices.note(eventOf(row), entry);
    return done ? { outcome: "created", armed: entry.action !== null, event: eventOf(row) } : null;
  }

  async #written(entry: Upsert, change: Change, before: Row | null): Promise<Written> {
    const { action, report } = entry;
    const row = changed(change, before);
    await this.#devices.note(eventOf(row), entry);
    const armed = action !== null && !hasAction(before, action.wantAction);
    if (before === null) return { outcome: "created", armed, event: eventOf(row) };
    await this.#keepPlaces(row);
    await this.#keepShown(row, report);
    return { outcome: "merged", armed, event: armed ? eventOf(row) : null };
  }

  /** A picture that another report brought of its kind before is told of by the row of the event; this is for one more. */
  async #keepShown(row: Row, report: Report): Promise<void> {
    await Promise.all(showingBesides(row, report).map((change) => this.#dynamo.change(change)));
  }

  /**
   * Moves the event to where its reports together put it. Nearly always that is where the first one did. Whoever wrote
   * since has seen more and moves it if it must be; a process that ended before it could is made good by the repetition.
   */
  async #keepPlaces(row: Row): Promise<void> {
    const { at, byPerson } = placesOf(eventOf(row));
    if (row["at"] === at && row["byPerson"] === byPerson) return;
    await this.#dynamo.change({
      pk: String(row["pk"]),
      set: { at, ...(byPerson === undefined ? {} : { byPerson }) },
      remove: byPerson === undefined ? ["byPerson"] : [],
      condition: "#rev = :rev",
      values: { rev: Number(row["rev"]) },
    });
  }
}
