import { type BoxEntry, BrokenRow, boxHeard, type ShownBox, unknownActionRequested } from "@gatepost/protocol";
import type { ActionBus } from "../actions/ports.ts";
import { type Log, LogOnce } from "../log/log.ts";
import { joinedPauses, summed } from "./activity.ts";
import { type BoxStore, type StoredBox, UnusableBox, usable } from "./box-store.ts";
import {
  afterLook,
  announced,
  type BoxSettings,
  dueIn,
  leased,
  noted,
  partPauses,
  setBack,
  withSettings,
  withSiteZone,
} from "./noted.ts";
import {
  type Announcement,
  type BoxActivity,
  type BoxRecord,
  fitRecord,
  newRecord,
  type Pauses,
  type Reception,
} from "./record.ts";
import type { LocalHours } from "./rhythms.ts";
import type { BoxSign } from "./signs.ts";
import { beat, isCurrent, rhythmHours } from "./silence.ts";

/** Boxes that are worked on at the same time. */
const boxesAtOnce = 50;

/** Works on many boxes separately: a failure at one box does not stop the others. */
export class BoxByBox {
  readonly #log: Log;
  /** Boxes whose failure is logged already. They fail again each minute, and one log line is enough. */
  readonly #logged = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Returns the boxes at which the work failed, with why. A box that is unusable is logged. */
  async each(boxes: readonly string[], work: (box: string) => Promise<unknown>): Promise<Map<string, unknown>> {
    const failed = new Map<string, unknown>();
    for (let next = 0; next < boxes.length; next += boxesAtOnce) {
      const some = boxes.slice(next, next + boxesAtOnce);
      const ends = await Promise.allSettled(some.map((box) => work(box)));
      for (const [index, box] of some.entries()) {
        const end = ends[index];
        if (end?.status === "rejected") failed.set(box, end.reason);
        if (end?.status === "rejected" && end.reason instanceof UnusableBox) this.#tell(box, end.reason);
        else this.#logged.delete(box);
      }
    }
    return failed;
  }

  #tell(box: string, cause: UnusableBox): void {
    if (this.#logged.has(box)) return;
    this.#logged.add(box);
    this.#log.error("a box is not followed: its row cannot be read or written; remove the row, and it begins anew", {
      box,
      cause,
    });
  }
}

const logged = {
  silent: "box is silent",
  recovered: "box is heard again",
  "unknown-action": "box wants an unknown action",
} as const satisfies Record<Announcement["type"], string>;

function entryOf({ type, device, since, at, asked }: Announcement, box: ShownBox): BoxEntry {
  if (asked !== undefined) return unknownActionRequested({ box, since, at, ...asked });
  return boxHeard(type === "silent" ? "silent" : "recovered", { box, device, since, at });
}

/** Throws the first failure that another try may overcome. */
function throwPassing(failed: ReadonlyMap<string, unknown>): void {
  for (const cause of failed.values()) if (!(cause instanceof UnusableBox)) throw cause;
}

export interface BoxesDeps {
  store: BoxStore;
  /** Null if another process announces and looks at the boxes. */
  bus: ActionBus | null;
  hours: LocalHours;
  /** A box as an entry of the bus shows it. */
  show(record: BoxRecord): Promise<ShownBox>;
  clock(): number;
  log: Log;
}

/** Tries to write a record that others write at the same time. */
const maxTries = 10;

/** Boxes that are due, read from the store at a time. */
const batchSize = 50;

/**
 * ms after which no other announcement of a box is put on the bus: the process may be ended, and entries that it has
 * put there by then are not noted yet and would be announced again. The others wait for the end of their lease.
 */
const announcesForMs = 15_000;

/** ms by which a noted time may be ahead of this clock: clocks of machines differ. */
const maxAheadMs = 60_000;

/** What users set of boxes. */
export type BoxWriter = Pick<Boxes, "set" | "noteSiteZone">;

/** Changes the records of boxes: by their signs, by the look at them each minute, and by a person's settings. */
export class Boxes {
  readonly #deps: BoxesDeps;
  readonly #boxByBox: BoxByBox;
  readonly #broken: LogOnce;

  constructor(deps: BoxesDeps) {
    this.#deps = deps;
    this.#broken = new LogOnce(deps.log, "when reports could be received is broken, and counts as not known");
    this.#boxByBox = new BoxByBox(deps.log);
  }

  /** Notes signs, some at a time. Once it resolves, they are durable. */
  async note(pages: AsyncIterable<Iterable<BoxSign>> | Iterable<Iterable<BoxSign>>): Promise<void> {
    const sums = new Map<string, BoxActivity>();
    for await (const signs of pages) summed(signs, this.#deps.hours, sums);
    throwPassing(await this.noteSums(sums));
  }

  /**
   * Adds sums of signs to the records, by box. Returns the boxes that failed and may succeed at another try, with the
   * errors. Sums that can never be written are logged and dropped.
   */
  async noteSums(sums: ReadonlyMap<string, BoxActivity>): Promise<Map<string, unknown>> {
    if (sums.size === 0) return new Map();
    const reception = await this.#reception();
    const failed = await this.#boxByBox.each([...sums.keys()], (box) =>
      this.#change(box, (record) => {
        const sum = sums.get(box);
        return sum === undefined ? record : noted(record, sum, this.#context(reception));
      }),
    );
    return new Map([...failed].filter(([, cause]) => !(cause instanceof UnusableBox)));
  }

  /** Sets the settings of a box that a person may change. Returns its record. */
  async set(box: string, settings: BoxSettings): Promise<BoxRecord> {
    return this.#change(box, (record) => withSettings(record, settings, this.#deps.clock()));
  }

  /** Notes that the site of these boxes has another zone. */
  async noteSiteZone(boxes: readonly string[]): Promise<void> {
    const note = (box: string) => this.#change(box, (record) => withSiteZone(record, this.#deps.clock()));
    throwPassing(await this.#boxByBox.each(boxes, note));
  }

  /**
   * Notes until when it is known that reports were received (ms).
   *
   * @param isRestart whether nothing was received since the last note, however short that was
   */
  async receivedUntil(time: number, isRestart = false): Promise<Reception> {
    const { store, clock } = this.#deps;
    const before = await this.#knownReception();
    // Records are written before the reception: if this process ends in between, the next one sets them back again.
    const isAhead = before !== null && before.until > clock() + maxAheadMs;
    if (isAhead) await this.#setBack();
    // Another process has noted meanwhile that it heard more. That is no clock that was set back, which forgets gaps.
    if (before !== null && !isAhead && !isRestart && time < before.until) return before;
    const reception = beat(before, time, isRestart);
    await store.putReception(reception);
    return reception;
  }

  /** Has all boxes go by a clock that was set back. */
  async #setBack(): Promise<void> {
    const { store, hours, clock } = this.#deps;
    const boxes = (await store.names()).map(({ box }) => box);
    const goBack = (box: string) => this.#change(box, (record) => setBack(record, clock(), hours));
    throwPassing(await this.#boxByBox.each(boxes, goBack));
  }

  /**
   * Looks at every box that is due, and announces boxes that became silent or were heard again. Call it every minute;
   * several processes may. A failure at one box does not stop the others. A failure that may pass is thrown at the end.
   *
   * @param receivedUntil until when it is known that reports were received and noted (ms)
   * @param withinMs ms after which no other boxes are looked at: they stay due
   */
  async check(receivedUntil: number, withinMs = Number.POSITIVE_INFINITY): Promise<void> {
    const { store, clock } = this.#deps;
    const end = clock() + withinMs;
    const reception = await this.receivedUntil(receivedUntil);
    if (!isCurrent(reception, clock())) return this.checkReceived(reception.until);
    const looked = new Set<string>();
    const failed = new Map<string, unknown>();
    for (;;) {
      // Boxes that failed are still due: the limit leaves room for the others.
      const limit = batchSize + failed.size;
      const due = await store.due(clock(), limit);
      // An index may lag, and give boxes again that are not due any more.
      const fresh = due.filter((box) => !looked.has(box));
      for (const [box, cause] of await this.#boxByBox.each(fresh, (one) => this.#look(one, reception))) {
        failed.set(box, cause);
      }
      for (const box of fresh) looked.add(box);
      if (due.length < limit || fresh.length === 0 || clock() >= end) return throwPassing(failed);
    }
  }

  /** Warns if no reception is known since a time (ms) that is too long ago. */
  checkReceived(since: number): void {
    const { clock, log } = this.#deps;
    if (isCurrent({ until: since }, clock())) return;
    log.warn("no box is looked at: what they send is not received or not noted", { since });
  }

  async #look(box: string, reception: Reception): Promise<void> {
    const { clock } = this.#deps;
    const found = await this.#deps.store.get(box);
    if (found === null) return;
    const rhythms = await this.#rhythmsOf(found.record, clock());
    await this.#change(box, (record) => {
      const now = clock();
      const looked = afterLook(record, (device) => rhythms.get(device) ?? {}, this.#context(reception));
      return leased(looked, now) ?? looked;
    });
  }

  /** The pauses that decide whether a due box or device is silent. */
  async #rhythmsOf(record: BoxRecord, now: number): Promise<Map<string | null, Pauses>> {
    const { store, hours } = this.#deps;
    const asked = rhythmHours(now, hours);
    const rhythms = new Map<string | null, Pauses>();
    for (const device of dueIn(record, now)) {
      const life = device === null ? record.activity?.life : record.activity?.devices[device];
      rhythms.set(device, joinedPauses(await store.pauses({ box: record.box, device }, asked), life?.pauses ?? {}));
    }
    return rhythms;
  }

  /** Changes a record, and announces the result of the change and the announcements left by a dead process. */
  async #change(box: string, change: (record: BoxRecord) => BoxRecord): Promise<BoxRecord> {
    const { store, bus, hours, clock } = this.#deps;
    for (let tries = 0; tries < maxTries; tries += 1) {
      const found: StoredBox = (await store.get(box)) ?? { record: newRecord(box), rev: 0 };
      const changed = usable(box, () => change(found.record));
      const isMine = changed.leasedUntil !== found.record.leasedUntil;
      const left = isMine && bus === null ? { ...changed, leasedUntil: clock() } : changed;
      const { record: parted, over } = partPauses(left, hours.hourOf(clock()));
      const record = fitRecord(parted);
      // Stored before they are removed from the record; to store them twice changes nothing.
      for (const { device, pauses } of over) await store.addPauses({ box, device }, pauses);
      const isMoved = found.rev === 0 || record.site !== found.record.site;
      if (!(await store.put({ record, rev: found.rev }, isMoved))) continue;
      return isMine && bus !== null ? this.#announce(record, bus) : record;
    }
    throw new Error(`box ${box} is changed by others again and again`);
  }

  /** Puts the announcements on the bus that this process has leased. Failed ones are tried again after the lease. */
  async #announce(record: BoxRecord, bus: ActionBus): Promise<BoxRecord> {
    const { log, show, clock } = this.#deps;
    const done: Announcement[] = [];
    const end = clock() + announcesForMs;
    try {
      for (const announcement of record.announcements) {
        if (clock() > end) break;
        await bus.put(entryOf(announcement, await show(record)));
        log.info(logged[announcement.type], { box: record.box, device: announcement.device });
        done.push(announcement);
      }
    } catch (cause) {
      log.warn("could not announce the news of a box, trying again", { box: record.box, cause });
    }
    if (done.length === 0) return record;
    const left = await this.#change(record.box, (now) => announced(now, done));
    const isMine = left.announcements.length > 0 && left.leasedUntil === record.leasedUntil;
    return isMine && done.length === record.announcements.length ? this.#announce(left, bus) : left;
  }

  #context(reception: Reception) {
    return { hours: this.#deps.hours, reception, now: this.#deps.clock() };
  }

  async #reception(): Promise<Reception> {
    return (await this.#knownReception()) ?? beat(null, this.#deps.clock(), false);
  }

  /** Null if nothing is noted, or the note is broken: it is written anew each minute, and all boxes wait for it. */
  async #knownReception(): Promise<Reception | null> {
    try {
      return await this.#deps.store.reception();
    } catch (cause) {
      if (!(cause instanceof BrokenRow)) throw cause;
      this.#broken.error("reception", { todo: "nothing, as it is noted anew each minute", cause });
      return null;
    }
  }
}
