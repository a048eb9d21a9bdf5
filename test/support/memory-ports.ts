import type { DatabaseSync } from "node:sqlite";
import type { StorePorts } from "@gatepost/api";
import { AlikePeople, openCounts, openJobs, openRecords } from "@gatepost/api/records";
import type { FileMail, Mailer } from "@gatepost/core/accounts";
import type { UntoldPorts } from "@gatepost/core/actions";
import { ArrivalTrace, ConnectionTrace, Receipts } from "@gatepost/core/arrivals";
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
import { FeedWaits, RecentNews, type Written } from "@gatepost/core/events";
import { givenFactorKey } from "@gatepost/core/factors";
import { AuthRateLimiter, type Key, KeyedBoxes } from "@gatepost/core/keys";
import { KnownMappings } from "@gatepost/core/mappings";
import type { PassingReader } from "@gatepost/core/people";
import { personRecordsIn } from "@gatepost/core/person-records";
import { PresenceDays, type PresenceReader } from "@gatepost/core/presence";
import { PushContact, PushSubscriptions } from "@gatepost/core/push";
import type { LongBatches, QuarantineRecord, QuarantineSize } from "@gatepost/core/quarantine";
import { actionsWithKeptScenes, eventsWithKeptScenes, lifetimeOf } from "@gatepost/core/retention";
import { Room } from "@gatepost/core/room";
import type { OpenWork } from "@gatepost/core/statistics";
import { BoxStatusReader, type BoxStatusRecord, BoxStatusStore } from "@gatepost/core/statuses";
import { EnrolledNames } from "@gatepost/core/terminals";
import { Tickets } from "@gatepost/core/tickets";
import { type BusEntry, type FaceEvent, limits, merge } from "@gatepost/protocol";
import type { KeyMeters, LargeBodies, Ports } from "@gatepost/receive";
import { terminals } from "@gatepost/receive/terminals";
import { Reserve } from "@gatepost/sqlite";
import { SqliteActionOutbox } from "../../packages/embedded/src/actions/outbox.ts";
import { SqliteActionReader } from "../../packages/embedded/src/actions/reader.ts";
import { SqliteDeviceReader } from "../../packages/embedded/src/boxes/devices.ts";
import { SqliteItems } from "../../packages/embedded/src/db/items.ts";
import { Eraser } from "../../packages/embedded/src/erasure/eraser.ts";
import { SqliteSuppression } from "../../packages/embedded/src/erasure/suppression.ts";
import { SqliteChangeFeed } from "../../packages/embedded/src/events/change-feed.ts";
import { SqliteEventIndex } from "../../packages/embedded/src/events/index.ts";
import { EventLookups } from "../../packages/embedded/src/events/lookups.ts";
import { NewTexts } from "../../packages/embedded/src/events/new-texts.ts";
import { SqliteEventOutbox } from "../../packages/embedded/src/events/outbox.ts";
import { SqliteEventReader } from "../../packages/embedded/src/events/reader.ts";
import { EventRows } from "../../packages/embedded/src/events/row.ts";
import { cursorAt, Sequence } from "../../packages/embedded/src/events/sequence.ts";
import { Signal } from "../../packages/embedded/src/events/signal.ts";
import { SqlitePassings } from "../../packages/embedded/src/people/passings.ts";
import { PictureRows } from "../../packages/embedded/src/pictures/rows.ts";
import { isComplete, pieceRow, piecesSql } from "../../packages/embedded/src/quarantine/pieces.ts";
import { listedOf, SqliteQuarantine } from "../../packages/embedded/src/quarantine/store.ts";
import { markedEvents } from "../../packages/embedded/src/seen/seen.ts";
import { SqliteHalfHours } from "../../packages/embedded/src/statistics/half-hours.ts";
import { SqliteOpenWork } from "../../packages/embedded/src/statistics/open-work.ts";
import { MemoryReader, MemoryWriter, memoryDatabase } from "./memory/database.ts";
import { MemoryExports } from "./memory/jobs.ts";
import { KeysOfTest } from "./memory/keys.ts";
import { MemoryPictures } from "./memory/pictures.ts";
import { asStored } from "./memory/stored.ts";
import { received } from "./reports.ts";

export type FailingPort = "keys" | "pictures" | "index" | "quarantine" | "actions" | "bus" | "health";

interface LogLine {
  level: "info" | "warn" | "error";
  message: string;
  facts: Record<string, unknown> | undefined;
}

const hours = new LocalHours("UTC");

/** The ports of ingest and query on the stores of one machine, in memory: nothing of it outlives the test. */
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
  /** ms by which the clock was set: no time has passed then. */
  setAhead = 0;
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

  readonly refusals = new ConnectionTrace(this.log, this.clock);
  readonly arrivals = new ArrivalTrace(this.clock);

  /** The store itself, for who tampers with it. */
  readonly database = memoryDatabase();
  readonly #rows = new EventRows(this.database);
  readonly #pictures = new MemoryPictures(new PictureRows(this.database));
  readonly #writer = new MemoryWriter(this.database);
  readonly #events = openEvents(this.database, {
    log: this.log,
    clock: this.clock,
    writer: this.#writer,
    rows: this.#rows,
  });
  readonly items = new SqliteItems(this.database, {
    clock: this.clock,
    run: (work) => this.#writer.run(work),
    emptyLog: async () => {},
  });
  readonly receipts = new Receipts({
    items: this.items,
    clock: this.clock,
    elapsed: () => this.now - this.setAhead,
  });
  readonly enrolled = new EnrolledNames({
    items: this.items,
    lifetime: () => lifetimeOf({ retentionDays: 30 }),
    clock: this.clock,
  });
  readonly knownMappings = new KnownMappings({ items: this.items, log: this.log, clock: this.clock });
  readonly zones = new BoxZones({ items: this.items, usual: null, clock: this.clock });
  readonly suppression = new SqliteSuppression(this.database, {
    clock: this.clock,
    lifetime: () => lifetimeOf(this.settings),
  });
  readonly #keys: KeysOfTest;
  readonly work: OpenWork;
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
    const { clock, log, items, suppression } = this;
    const [database, writer, pictures] = [this.database, this.#writer, this.#pictures];
    const lifetime = () => lifetimeOf(this.settings);
    const { sequence, news, statistics, actions } = this.#events;
    const quarantine = new SqliteQuarantine(database, writer, { log, clock, lifetime, limits: quarantineLimits });
    const openWork = new SqliteOpenWork(database, { clock, lifetime });
    this.work = {
      actions: (asked) => openWork.actions(asked),
      quarantined: (asked) => openWork.quarantined(asked),
      deadLetters: async () => null,
    };
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
      rhythms: new Rhythms({ totals: (range) => statistics.totals(range) }),
      heard: { of: (box) => this.notes.of(box), names: () => this.notes.names() },
    });
    this.boxes = new Boxes({ store, hours, clock, log, bus: this.bus, show: (record) => reader.show(record) });
    this.notes = new BoxNotes({ boxes: this.boxes, hours, clock });
    const labels = new EventLabels({ store, status, clock });
    const readNotices = { boxStatus: ({ box }: { box: string }) => labels.forgetNotices(box) };
    this.listeners = [noteSigns((sign) => this.notes.add([sign])), readNotices];
    const stores = this.#stores(quarantine);
    this.index = stores.index;
    this.quarantine = stores.quarantine;
    this.boxStatus = stores.boxStatus;
    const scenes = { sceneDays: () => this.settings.sceneDays, clock };
    let opened: SqlitePassings | null = null;
    // Its triggers, which few tests need, change the schema: SQLite would prepare every statement again.
    const people = () => (opened ??= new SqlitePassings(database, { rows: this.#rows, clock }));
    const passings: PassingReader & PresenceReader = {
      read: (range) => people().read(range),
      lastBefore: (...asked) => people().lastBefore(...asked),
      named: (asked) => people().named(asked),
      known: (of) => people().known(of),
      forget: () => people().forget(),
      readBack: (...asked) => people().readBack(...asked),
      hasOwnWays: (box) => people().hasOwnWays(box),
      follow: () => people().follow(),
    };
    const boxes = { names: async () => this.boxNames() };
    const records = openRecords({
      items: this.items,
      marked: markedEvents(database, writer, { items, believed: clock }),
      news,
      keys: this.keys,
      factorKey: givenFactorKey(Buffer.alloc(32, 7)),
      passkeyHost: "localhost",
      log,
      zone: "UTC",
      clock,
      mappingChanged: () => this.knownMappings.forget(),
    });
    this.reads = {
      ...records,
      ...openCounts({ statistics, work: this.work, boxes, zone: "UTC", clock }),
      events: eventsWithKeptScenes(new SqliteEventReader(database, { reader: this.#events.reader, clock }), scenes),
      feed: new SqliteChangeFeed(database, { news, clock }),
      devices: new SqliteDeviceReader(database),
      pictures,
      quarantine,
      keyAdmin: this.#keys.admin,
      rangeFor: [],
      company: null,
      actionReader: actionsWithKeptScenes(new SqliteActionReader(database, clock), scenes),
      orders: actions,
      eraser: new Eraser(database, writer, {
        packs: pictures,
        reserve: new Reserve("none"),
        suppression,
        sequence,
        rows: this.#rows,
        items,
        personRecords: personRecordsIn(items),
        log,
        news,
        earliest: clock,
      }),
      tickets: new Tickets(this.items, this.clock),
      boxes: {
        reader,
        sites: reader,
        writer: labels.writing(this.boxes),
        arrivals: { of: async (box) => this.arrivals.of(box), isWrongKeyKnown: true },
        labels,
      },
      passings,
      presence: new PresenceDays(passings),
      alike: new AlikePeople({ passings, sites: records.sites, boxes: reader, clock }),
      feedWaits: this.#events.waits,
      mailer: this.mailer,
      pictureLinks: null,
      resizer: null,
      quarantineLinks: null,
      deadLetters: null,
      deliveries: null,
      rules: null,
      sources: null,
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
      statistics,
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
    markAnnounced: this.#unlessFailing("actions", (...said) => this.#events.actions.markAnnounced(...said)),
    withhold: this.#unlessFailing("actions", (actionId, reason) => this.#events.actions.withhold(actionId, reason)),
    lease: this.#unlessFailing("actions", (pending) => this.#events.actions.lease(pending)),
    untold: this.#unlessFailing("actions", (...asked) => this.#events.actions.untold(...asked)),
    settle: this.#unlessFailing("actions", (...said) => this.#events.actions.settle(...said)),
  };

  /** Links to photos in entries of the bus; absent by default. */
  photoLink?: NonNullable<Ports["photoLink"]>;

  readonly bus: Ports["bus"] = {
    put: this.#unlessFailing("bus", async (entry) => this.announced.push(asStored(entry)) > 0),
  };

  #stores(quarantine: Ports["quarantine"]): Pick<Ports, "index" | "quarantine" | "boxStatus"> {
    const store = new BoxStatusStore(this.items, () => lifetimeOf(this.settings));
    return {
      index: {
        upsert: this.#unlessFailing("index", async (entry) => {
          const written = await this.#events.index.upsert(entry);
          this.written.push(written);
          return written;
        }),
      },
      quarantine: { put: this.#unlessFailing("quarantine", (record) => quarantine.put(record)) },
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

  /** The records in quarantine, in order of arrival. */
  get records(): ReadonlyMap<string, QuarantineRecord> {
    const rows = this.database
      .prepare(`SELECT * FROM quarantine WHERE ${isComplete} AND received_at > ? ORDER BY rowid`)
      .all(this.now - lifetimeOf(this.settings));
    const pieces = this.database.prepare(piecesSql);
    return new Map(
      rows.map((row) => {
        const [record, body] = [listedOf(row), row["body"] as Uint8Array];
        const parts = pieces.all(record.id).map((piece) => pieceRow.parse(piece).bytes);
        const { bytes: _, ...facts } = record;
        return [record.id, { ...facts, body: parts.length === 0 ? body : Buffer.concat(parts) }];
      }),
    );
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
    const ids = this.database.prepare("SELECT id FROM events WHERE expires_at > ? ORDER BY made").all(this.now);
    return ids.flatMap(({ id }) => this.#rows.read(String(id)) ?? []).map(merge);
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

interface EventDeps {
  log: Ports["log"];
  clock(): number;
  writer: MemoryWriter;
  rows: EventRows;
}

function openEvents(database: DatabaseSync, { log, clock, writer, rows }: EventDeps) {
  const sequence = new Sequence(database);
  const waits = new FeedWaits();
  sequence.given.listen(() => waits.notify());
  const texts = new NewTexts(database, writer, (cause) => log.error("could not index new search texts", { cause }));
  const lookups = new EventLookups(database, texts);
  const times = { log, clock, believed: clock };
  const reader = new MemoryReader(database);
  return {
    sequence,
    waits,
    reader,
    news: new RecentNews({ next: () => cursorAt(sequence.next()), begun: cursorAt(sequence.last), clock }),
    statistics: new SqliteHalfHours(database, writer, { reader, clock, days: 400 }),
    index: new SqliteEventIndex(database, writer, { rows, lookups, sequence, changes: new Signal(), ...times }),
    actions: new SqliteActionOutbox(database, writer, { rows, sequence, ...times }),
    outbox: new SqliteEventOutbox(database, writer, times),
  };
}
