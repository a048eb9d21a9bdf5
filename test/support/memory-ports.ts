import type { StorePorts } from "@gatepost/api";
import { AlikePeople, openCounts, openJobs, openRecords } from "@gatepost/api/records";
import type { UntoldPorts } from "@gatepost/core/actions";
import { ArrivalTrace, RefusalTrace } from "@gatepost/core/arrivals";
import {
  Boxes,
  BoxNotes,
  BoxReader,
  BoxStore,
  BoxZones,
  EventLabels,
  LocalHours,
  noteSigns,
  Rhythms,
} from "@gatepost/core/boxes";
import type { Written } from "@gatepost/core/events";
import type { FileMail, Mailer } from "@gatepost/core/hours";
import { AuthRateLimiter, type Key, KeyedBoxes } from "@gatepost/core/keys";
import { KnownMappings } from "@gatepost/core/mappings";
import { personRecordsIn } from "@gatepost/core/person-records";
import { PresenceDays, readerOf } from "@gatepost/core/presence";
import { PushContact, PushSubscriptions } from "@gatepost/core/push";
import {
  type LongBatches,
  QuarantineQuota,
  type QuarantineRecord,
  type QuarantineSize,
} from "@gatepost/core/quarantine";
import { actionsWithKeptScenes, eventsWithKeptScenes, lifetimeOf } from "@gatepost/core/retention";
import { Room } from "@gatepost/core/room";
import { BoxStatusReader, type BoxStatusRecord, BoxStatusStore } from "@gatepost/core/statuses";
import { EnrolledNames } from "@gatepost/core/terminals";
import { Tickets } from "@gatepost/core/tickets";
import { type BusEntry, type FaceEvent, limits } from "@gatepost/protocol";
import type { KeyMeters, LargeBodies, Ports } from "@gatepost/receive";
import { terminals } from "@gatepost/receive/terminals";
import { MemoryItems } from "@gatepost/store";
import { MemoryActions } from "./memory/actions.ts";
import { MemoryEraser } from "./memory/eraser.ts";
import { MemoryEvents } from "./memory/events.ts";
import { MemoryHalfHours } from "./memory/half-hours.ts";
import { MemoryExports } from "./memory/jobs.ts";
import { KeysOfTest } from "./memory/keys.ts";
import { MemoryOpenWork } from "./memory/open-work.ts";
import { MemoryPassings } from "./memory/passings.ts";
import { MemoryPictures } from "./memory/pictures.ts";
import { MemoryQuarantine } from "./memory/quarantine.ts";
import { asStored } from "./memory/stored.ts";
import { MemorySuppression } from "./memory/suppression.ts";
import { received } from "./reports.ts";

export type FailingPort = "keys" | "pictures" | "index" | "quarantine" | "actions" | "bus" | "health";

interface LogLine {
  level: "info" | "warn" | "error";
  message: string;
  facts: Record<string, unknown> | undefined;
}

/** The ports of ingest and query in memory, with all their promises but that nothing of it outlives the test. */
export class MemoryPorts implements Ports {
  /** The ports of ingest that throw, each with what it throws. */
  readonly failing = new Map<FailingPort, Error>();
  /** The concerns that /healthz shows. */
  concerns: string[] = [];
  readonly announced: BusEntry[] = [];
  readonly lines: LogLine[] = [];
  /** The ids of keys whose use was noted, each time. */
  readonly usedKeys: string[] = [];
  /** Every answer of the index, in order. */
  readonly written: Written[] = [];
  now = received;
  settings = {
    retentionDays: 30,
    sceneDays: null as number | null,
    keepFeatures: false,
    openBox: null as string | null,
    announceEvents: false,
  };

  readonly clock = () => this.now;
  room = new Room(512 * 1024 * 1024);
  readonly authRateLimiter = new AuthRateLimiter(this.clock);
  keyMeters?: KeyMeters;
  largeBodies?: LargeBodies;
  longBatches?: LongBatches;

  readonly log: Ports["log"] = {
    info: (message, facts) => this.#log("info", message, facts),
    warn: (message, facts) => this.#log("warn", message, facts),
    error: (message, facts) => this.#log("error", message, facts),
  };

  readonly suppression = new MemorySuppression(this.clock);

  readonly refusals = new RefusalTrace(this.log, this.clock);
  readonly arrivals = new ArrivalTrace(this.clock);

  readonly #halfHours = new MemoryHalfHours({
    clock: this.clock,
    events: () => this.events(),
    keptMs: 400 * 24 * 60 * 60_000,
  });
  readonly #events = new MemoryEvents(this.clock, (before, after) => this.#halfHours.move(before, after));
  readonly #pictures = new MemoryPictures();
  readonly items = new MemoryItems({ clock: this.clock });
  readonly enrolled = new EnrolledNames({
    items: this.items,
    lifetime: () => lifetimeOf({ retentionDays: 30 }),
    clock: this.clock,
  });
  readonly knownMappings = new KnownMappings({ items: this.items, log: this.log, clock: this.clock });
  readonly zones = new BoxZones({ items: this.items, usual: null, clock: this.clock });
  readonly #keys: KeysOfTest;
  readonly #quarantine: MemoryQuarantine;
  readonly work: MemoryOpenWork;
  readonly reads;
  /** The facts about boxes: `notes` gathers them, `boxes` writes them. */
  readonly boxes: Boxes;
  readonly notes: BoxNotes;
  readonly listeners: Ports["listeners"];
  readonly index: Ports["index"];
  readonly quarantine: Ports["quarantine"];
  readonly boxStatus: Ports["boxStatus"];
  /** The statuses that were stored, by box and kind. */
  readonly boxStatuses = new Map<string, BoxStatusRecord>();
  /** The mails that were sent, unless there is a failure. */
  readonly mails: FileMail[] = [];
  mailFailure: string | null = null;
  readonly mailer: Mailer = {
    language: () => "en",
    send: async (mail) => {
      if (this.mailFailure === null) this.mails.push(mail);
      return this.mailFailure;
    },
  };

  constructor({ quarantineLimits = limits.quarantineOfBox }: { quarantineLimits?: QuarantineSize } = {}) {
    const expiry = { clock: this.clock, lifetime: () => lifetimeOf(this.settings) };
    this.#quarantine = new MemoryQuarantine({ ...expiry, quota: new QuarantineQuota(this.log, quarantineLimits) });
    const [events, pictures, quarantine] = [this.#events, this.#pictures, this.#quarantine];
    this.work = new MemoryOpenWork(events, quarantine);
    const { clock, log } = this;
    const hours = new LocalHours("UTC");
    const store = new BoxStore({ items: this.items, clock });
    const status = new BoxStatusReader(this.items, log);
    this.#keys = new KeysOfTest({ items: this.items, sites: store, log, clock });
    const keyed = new KeyedBoxes({ items: this.items, clock, knownForMs: 0 });
    const reader = new BoxReader({
      store,
      hours,
      clock,
      keyed,
      isCounted: true,
      status,
      rhythms: new Rhythms({ totals: async (range) => this.#events.totals(range) }),
      heard: { of: (box) => this.notes.of(box), names: () => this.notes.names() },
    });
    this.boxes = new Boxes({ store, hours, clock, log, bus: this.bus, show: (record) => reader.show(record) });
    this.notes = new BoxNotes({ boxes: this.boxes, hours, clock });
    const labels = new EventLabels({ store, status, clock });
    const readNotices = { boxStatus: ({ box }: { box: string }) => labels.forgetNotices(box) };
    this.listeners = [noteSigns((sign) => this.notes.add([sign])), readNotices];
    const stores = this.#stores();
    this.index = stores.index;
    this.quarantine = stores.quarantine;
    this.boxStatus = stores.boxStatus;
    const marked = events.markedIn(this.items);
    const { news } = events;
    const scenes = { sceneDays: () => this.settings.sceneDays, clock };
    const passings = new MemoryPassings(events);
    const boxes = { names: async () => this.boxNames() };
    const records = openRecords({
      items: this.items,
      marked,
      news,
      keys: this.keys,
      log,
      zone: "UTC",
      clock,
      mappingChanged: () => this.knownMappings.forget(),
    });
    this.reads = {
      ...records,
      ...openCounts({ statistics: this.#halfHours, work: this.work, boxes, zone: "UTC", clock }),
      events: eventsWithKeptScenes(events, scenes),
      feed: events,
      devices: events,
      pictures,
      quarantine,
      keyAdmin: this.#keys.admin,
      rangeFor: [],
      company: null,
      actionReader: actionsWithKeptScenes(new MemoryActions(events), scenes),
      orders: events,
      eraser: new MemoryEraser({
        events,
        pictures,
        quarantine,
        items: this.items,
        personRecords: personRecordsIn(this.items),
        log,
        suppression: this.suppression,
        clock: this.clock,
      }),
      tickets: new Tickets(this.items, this.clock),
      boxes: {
        reader,
        writer: labels.writing(this.boxes),
        arrivals: { of: async (box) => this.arrivals.of(box), isWrongKeyKnown: true },
        labels,
      },
      passings,
      presence: new PresenceDays(readerOf(passings)),
      alike: new AlikePeople({ passings, sites: records.sites, boxes: reader, clock }),
      feedWaits: events.waits,
      mailer: this.mailer,
      pictureLinks: null,
      resizer: null,
      quarantineLinks: null,
      deadLetters: null,
      deliveries: null,
      rules: null,
      push: {
        subscriptions: new PushSubscriptions({ items: this.items, clock }),
        keys: { read: async () => ({ publicKey: "B", privateKey: "d" }) },
        sender: {
          faultOf: () => null,
          test: async () => ({ sent: true, status: 201, ms: 310, why: null, reason: null }),
        },
        contact: new PushContact({ items: this.items, given: null, publicUrl: () => null }),
      },
      metrics: { text: async () => "# EOF\n" },
      retentionEditor: {
        set: async ({ eventDays, sceneDays }) => {
          this.settings.retentionDays = eventDays;
          this.settings.sceneDays = sceneDays;
        },
      },
      server: {
        runtime: "one-machine",
        rules: "editable",
        bodyBytes: 67_108_864,
        retention: async () => ({
          eventDays: this.settings.retentionDays,
          quarantineDays: this.settings.retentionDays,
          sceneDays: this.settings.sceneDays,
        }),
        room: async () => ({ usedBytes: 1000, ofBytes: 4000 }),
        clockDoubt: async () => null,
        shipping: async () => null,
      },
      statistics: this.#halfHours,
      jobs: {
        ...openJobs({ items: this.items, log, clock }),
        queue: { push: async () => undefined, alone: (_id, slice) => slice() },
        exports: new MemoryExports(),
        erasures: this.suppression,
      },
      imports: null,
      health: {
        reason: async () => this.failing.get("index")?.message ?? null,
        concerns: () => this.concerns,
        toldOf: () => null,
      },
    } satisfies StorePorts;
  }

  readonly keys: Ports["keys"] = {
    find: this.#unlessFailing("keys", (tokenHash) => this.#keys.finder.find(tokenHash)),
    ofSerial: this.#unlessFailing("keys", (serial) => this.#keys.finder.ofSerial(serial)),
    noteUse: async (key) => {
      this.usedKeys.push(key.id);
      await this.#keys.finder.noteUse(key);
    },
  };

  get audit() {
    return this.reads.audit;
  }

  get unknownTerminals() {
    return this.reads.unknownTerminals;
  }

  /** Absent if only boxes and platforms of SophonGate deliver. */
  terminals?: NonNullable<Ports["terminals"]> = terminals(this);

  readonly pictures: Ports["pictures"] = {
    putAll: this.#unlessFailing("pictures", (passing, _of) => this.#pictures.putAll(passing)),
    address: (picture) => this.#pictures.address(picture),
  };

  readonly eventOutbox: Ports["eventOutbox"] = {
    markAnnounced: this.#unlessFailing("actions", (eventId) => this.#events.outbox.markAnnounced(eventId)),
    lease: this.#unlessFailing("actions", (pending) => this.#events.outbox.lease(pending)),
  };

  readonly actions: Ports["actions"] & UntoldPorts["actions"] = {
    markAnnounced: this.#unlessFailing("actions", (...said) => this.#events.markAnnounced(...said)),
    withhold: this.#unlessFailing("actions", (actionId, reason) => this.#events.withhold(actionId, reason)),
    lease: this.#unlessFailing("actions", (pending) => this.#events.lease(pending)),
    untold: this.#unlessFailing("actions", (...asked) => this.#events.untold(...asked)),
    settle: this.#unlessFailing("actions", (...said) => this.#events.settle(...said)),
  };

  /** Links to photos in entries of the bus; absent by default. */
  photoLink?: NonNullable<Ports["photoLink"]>;

  readonly bus: Ports["bus"] = {
    put: this.#unlessFailing("bus", async (entry) => this.announced.push(asStored(entry)) > 0),
  };

  #stores(): Pick<Ports, "index" | "quarantine" | "boxStatus"> {
    const store = new BoxStatusStore(this.items, () => lifetimeOf(this.settings));
    return {
      index: {
        upsert: this.#unlessFailing("index", async (entry) => {
          const written = await this.#events.upsert(entry);
          this.written.push(written);
          return written;
        }),
      },
      quarantine: { put: this.#unlessFailing("quarantine", (record) => this.#quarantine.put(record)) },
      boxStatus: {
        put: this.#unlessFailing("health", async (boxStatus) => {
          await store.put(boxStatus);
          this.boxStatuses.set(`${boxStatus.box} ${boxStatus.kind}`, asStored(boxStatus));
        }),
      },
    };
  }

  get pictureMonths(): ReadonlyMap<string, ReadonlyMap<string, Buffer>> {
    return this.#pictures.months;
  }

  /** The last record in quarantine. */
  get lastRecord(): QuarantineRecord {
    const record = [...this.records.values()].at(-1);
    if (record === undefined) throw new Error("nothing was kept");
    return record;
  }

  get records(): ReadonlyMap<string, QuarantineRecord> {
    return this.#quarantine.records;
  }

  /** Makes a key and returns its token. */
  addKey(
    scope: Key["scope"] = "ingest",
    box: string | null = "gate-1",
    bounds: Pick<Key, "boxes" | "site" | "expiresAt" | "people"> = {},
  ): string {
    return this.#keys.add(scope, box, bounds);
  }

  revoke(token: string): void {
    this.#keys.revokeToken(token);
  }

  /** The events as a reader gets them, in the order in which they were made. */
  events(): FaceEvent[] {
    return this.#events.shown();
  }

  /** The boxes of events. Their silence is not watched. */
  boxNames(): { box: string; isSilent: boolean }[] {
    return [...new Set(this.events().map(({ box }) => box.id))].map((box) => ({ box, isSilent: false }));
  }

  /** The reasons of the quarantined records, in order of arrival. */
  reasons(): string[] {
    return [...this.records.values()].map((record) => record.reason);
  }

  /** Every picture that is stored. */
  storedPictures(): Buffer[] {
    return this.#pictures.all();
  }

  /** All that is stored or logged, as one text to search for forbidden content. */
  everything(): string {
    const bodies = [...this.records.values()].map(({ body }) => Buffer.from(body).toString("latin1"));
    return (
      JSON.stringify([
        this.events(),
        [...this.records.values()],
        [...this.boxStatuses.values()],
        this.announced,
        this.lines,
      ]) + bodies.join()
    );
  }

  #log(level: LogLine["level"], message: string, facts: LogLine["facts"]): void {
    this.lines.push({ level, message, facts });
  }

  /** The method of a port, which throws while the port is to fail. */
  #unlessFailing<Args extends unknown[], Result>(port: FailingPort, method: (...args: Args) => Promise<Result>) {
    return async (...args: Args): Promise<Result> => {
      const error = this.failing.get(port);
      if (error !== undefined) throw error;
      return method(...args);
    };
  }
}
