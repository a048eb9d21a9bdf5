import type { DatabaseSync } from "node:sqlite";
import type { ArrivalTrace, RecordListener } from "@gatepost/core/arrivals";
import {
  Boxes,
  BoxNotes,
  type BoxPorts,
  BoxReader,
  type BoxSign,
  BoxStore,
  type EventLabels,
  LocalHours,
  noteSigns,
  type Rhythms,
} from "@gatepost/core/boxes";
import type { KeyedBoxes } from "@gatepost/core/keys";
import type { Log } from "@gatepost/core/log";
import type { BoxStatusReader } from "@gatepost/core/statuses";
import type { Ports } from "@gatepost/receive";
import type { Writer } from "@gatepost/sqlite";
import type { Items } from "@gatepost/store";
import type { Sequence } from "../events/sequence.ts";
import { NotedUpTo } from "./noted-up-to.ts";
import { RowHours } from "./row-hours.ts";

interface Deps {
  items: Items;
  bus: Ports["bus"];
  keyed: Pick<KeyedBoxes, "all" | "has">;
  arrivals: ArrivalTrace;
  status: Pick<BoxStatusReader, "of">;
  labels: EventLabels;
  rhythms: Rhythms | null;
  sequence: Sequence;
  /** The time zone in which the daily rhythm of boxes is measured. */
  zone: string;
  clock(): number;
  /** The clock of the items. */
  believed(): number;
  log: Log;
}

/**
 * Watches the boxes of one machine. Signs are gathered in memory, and written once a minute and at the end. Signs that
 * a killed process had gathered are found again in the events and notices that it wrote.
 */
export class BoxWatch {
  readonly ports: BoxPorts;
  readonly #deps: Deps;
  readonly #rowHours: RowHours;
  readonly #store: BoxStore;
  readonly #boxes: Boxes;
  readonly #notes: BoxNotes;
  readonly #notedUpTo: NotedUpTo;
  /** Boxes that are silent as far as is known: their next sign is written at once. */
  readonly #silent = new Set<string>();
  #isWatching = false;
  /** When it was first tried to find lost signs, ms. */
  #soughtAt = Number.POSITIVE_INFINITY;

  constructor(database: DatabaseSync, writer: Writer, deps: Deps) {
    const { items, bus, keyed, arrivals, status, labels, rhythms, sequence, zone, clock, believed, log } = deps;
    this.#deps = deps;
    const hours = new LocalHours(zone);
    const rowHours = new RowHours(database, writer, zone);
    const store = new BoxStore({ items, clock: believed, storedHour: (hour) => rowHours.of(hour) });
    const heard = { of: (box: string) => this.#notes.of(box), names: () => this.#notes.names() };
    const reader = new BoxReader({
      store,
      keyed,
      status,
      rhythms,
      hours,
      heard,
      isCounted: true,
      clock,
    });
    this.#rowHours = rowHours;
    this.#store = store;
    this.#boxes = new Boxes({ store, bus, hours, clock, log, show: (record) => reader.show(record) });
    this.#notes = new BoxNotes({ boxes: this.#boxes, hours, clock });
    this.#notedUpTo = new NotedUpTo(database, writer, { sequence, log });
    this.ports = {
      reader,
      sites: reader,
      writer: labels.writing(this.#boxes),
      arrivals: { of: async (box) => arrivals.of(box), isWrongKeyKnown: true },
      labels,
    };
  }

  /** The names of boxes that were heard, and of those that are silent. */
  async names(): ReturnType<BoxStore["names"]> {
    const stored = await this.#store.names();
    const known = new Set(stored.map(({ box }) => box));
    const heard = [...this.#notes.names()].filter((box) => !known.has(box));
    return [...stored, ...heard.map((box) => ({ box, isSilent: false }))];
  }

  /** Notes a sign of the box for each report that is stored. */
  noteSigns(): RecordListener {
    return noteSigns((sign) => this.#note(sign));
  }

  /** Notes that a box with a valid key was refused, if the error is a refusal. */
  refused(box: string, arrived: Parameters<ArrivalTrace["note"]>[1], error: unknown): void {
    const { arrivals, clock } = this.#deps;
    const status = arrivals.noteError(box, arrived, error);
    if (status !== null) this.#note({ box, kind: "refused", status, receivedAt: clock() });
  }

  /** Writes the gathered signs, and checks the boxes that are due. Call this every minute. */
  async look(): Promise<void> {
    if (!this.#isWatching) await this.#begin();
    await this.#write();
    await this.#boxes.check(this.#deps.clock());
    this.#silent.clear();
    for (const { box, isSilent } of await this.#store.names()) if (isSilent) this.#silent.add(box);
  }

  /** Reports were received up to the last note of the earlier process, and not between then and now. */
  async #begin(): Promise<void> {
    const now = this.#deps.clock();
    await this.#rowHours.begin();
    // Signs dated by a clock that was ahead are worth nothing once the clock is right. What this process was sent since
    // an earlier try is gathered.
    this.#soughtAt = Math.min(this.#soughtAt, now);
    await this.#boxes.note(this.#notedUpTo.lostSigns(this.#store, this.#soughtAt));
    await this.#boxes.receivedUntil(now, true);
    this.#isWatching = true;
  }

  /** Writes the gathered signs, and that reports were received until now. */
  async close(): Promise<void> {
    if (!this.#isWatching) return;
    await this.#write();
    await this.#boxes.receivedUntil(this.#deps.clock());
  }

  async #write(): Promise<void> {
    const upTo = this.#notedUpTo.now();
    await this.#notes.flushAll();
    await this.#notedUpTo.note(upTo);
  }

  #note(sign: BoxSign): void {
    this.#notes.add([sign]);
    if (sign.kind === "refused" || !this.#silent.delete(sign.box)) return;
    this.#notes.flushAll().catch((cause: unknown) => {
      this.#deps.log.warn("could not record that a box is heard again, trying again", { box: sign.box, cause });
    });
  }
}
