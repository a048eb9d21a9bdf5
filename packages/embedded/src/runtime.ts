import { fdatasync, rmSync } from "node:fs";
import { resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { Alerter } from "@gatepost/alerts";
import { jsonLog } from "@gatepost/http";
import {
  ArrivalTrace,
  AuthRateLimiter,
  GatepostError,
  hashToken,
  type Key,
  KeyMeters,
  type KeyStore,
  type Log,
  newToken,
  type Ports,
  type QuarantineSize,
  RefusalTrace,
  Room,
  type Settings,
  sayingFirstReports,
} from "@gatepost/ingest";
import {
  type ApiPorts,
  api,
  type BoxPorts,
  type BoxSites,
  type ChangeFeed,
  type DeviceReader,
  type EventReader,
  type HalfHourCounts,
  hearCheck,
  ingestForApi,
  type JobPorts,
  type PictureReader,
  Rhythms,
  type ServerFacts,
  SharedCounts,
  type StoreHealth,
  type TicketStore,
  Zone,
} from "@gatepost/query";
import { lock, Reader, Slack, Wal, Writer } from "@gatepost/sqlite";
import { SqliteActionOutbox } from "./actions/outbox.ts";
import { SqliteActionReader } from "./actions/reader.ts";
import { SqliteDeviceReader } from "./boxes/devices.ts";
import { SqliteBoxSites } from "./boxes/sites.ts";
import { SqliteBoxStatusStore } from "./boxes/status.ts";
import { SqliteBoxStore } from "./boxes/store.ts";
import { BoxWatch } from "./boxes/watch.ts";
import { SqliteAlertRows } from "./bus/alert-rows.ts";
import { type BusOptions, EmbeddedBus } from "./bus/bus.ts";
import { SqliteDeadLetters } from "./bus/dead-letters.ts";
import { SqliteDeliveries } from "./bus/delivery-reader.ts";
import { EmbeddedRules } from "./bus/rule-book.ts";
import { checkRule } from "./bus/rules.ts";
import { openDataDir, watchFile } from "./db/data-dir.ts";
import { DataDirLocked } from "./db/data-dir-locked.ts";
import { durableProbe, openDatabase } from "./db/database.ts";
import { Reserve } from "./db/reserve.ts";
import { serverFacts } from "./db/server-facts.ts";
import { StoreClock } from "./db/store-clock.ts";
import { DiskHealth } from "./db/store-health.ts";
import { Eraser } from "./erasure/eraser.ts";
import { Retention } from "./erasure/retention.ts";
import { RetentionDays } from "./erasure/retention-days.ts";
import { SqliteSuppression } from "./erasure/suppression.ts";
import { SqliteChangeFeed } from "./events/change-feed.ts";
import { SqliteImport } from "./events/import.ts";
import { type IndexChange, SqliteEventIndex } from "./events/index.ts";
import { LostPictures } from "./events/lost-pictures.ts";
import { SqliteEventReader } from "./events/reader.ts";
import { EventRows } from "./events/row.ts";
import { type SeenEvent, SqliteSeenMarks } from "./events/seen.ts";
import { Sequence } from "./events/sequence.ts";
import { Signal } from "./events/signal.ts";
import { ExportFolder } from "./jobs/exports.ts";
import { SqliteRemovals } from "./jobs/removals.ts";
import { SqliteJobStore } from "./jobs/store.ts";
import { JobWorker } from "./jobs/worker.ts";
import { SqliteAuditLog } from "./keys/audit-log.ts";
import { SqliteKeyStore } from "./keys/store.ts";
import { ProcessTickets } from "./keys/tickets.ts";
import { SqliteMissedFeed } from "./live/missed-feed.ts";
import { Metrics } from "./metrics/metrics.ts";
import { PictureRows } from "./pictures/rows.ts";
import { PicturePacks } from "./pictures/store.ts";
import { Thumbnails } from "./pictures/thumbnails.ts";
import { SqliteQuarantine } from "./quarantine/store.ts";
import { SqliteHalfHours } from "./statistics/half-hours.ts";
import { SqliteOpenWork } from "./statistics/open-work.ts";
import { type Follower, upkeep } from "./upkeep.ts";

export interface RuntimeOptions {
  /** The data folder. */
  data: string;
  /** ms to wait for another process to leave the folder. */
  wait?: number;
  settings?: Partial<Settings>;
  /** The time zone whose hours are the rhythm of boxes, as `Asia/Shanghai`; default the machine's. */
  zone?: string;
  clock?: () => number;
  log?: Log;
  quarantineLimits?: QuarantineSize;
  /** Bytes of one body at most. */
  maxBody?: number;
  /** Bytes of all bodies together that are being received, unpacked or stored at the same time. */
  maxInFlight?: number;
  bus?: BusOptions;
  /** Under which address people reach it, as `https://gate.example`; the links of alerts begin with it. */
  publicUrl?: string;
  /** What follows all that is stored, as to ship it elsewhere. */
  follow?: (opened: Followed) => Follower;
  /** Days that counts of passings are kept. */
  statisticsDays?: number;
}

/** What is given to whoever follows what is stored. */
export interface Followed {
  database: DatabaseSync;
  wal: Wal;
  folder: ReturnType<typeof openDataDir>;
  log: Log;
  clock(): number;
}

/** One open data folder: all ports over it, and the API over these. */
export interface Runtime {
  folder: ReturnType<typeof openDataDir>;
  ingest: Ports;
  reads: {
    events: EventReader;
    actionReader: SqliteActionReader;
    orders: SqliteActionOutbox;
    seen: SqliteSeenMarks;
    rangeFor: ApiPorts["rangeFor"];
    feed: ChangeFeed;
    devices: DeviceReader;
    boxes: BoxPorts;
    tickets: TicketStore;
    eraser: Eraser;
    pictures: PictureReader;
    pictureLinks: null;
    resizer: Thumbnails;
    quarantineLinks: null;
    keyAdmin: SqliteKeyStore;
    audit: SqliteAuditLog;
    auditReader: SqliteAuditLog;
    quarantine: SqliteQuarantine;
    deadLetters: SqliteDeadLetters;
    deliveries: SqliteDeliveries;
    rules: EmbeddedRules;
    alertRows: SqliteAlertRows;
    retentionEditor: RetentionDays;
    metrics: { text(): Promise<string> };
    server: ServerFacts;
    statistics: HalfHourCounts;
    counts: SharedCounts;
    health: StoreHealth;
    imports: SqliteImport;
    jobs: JobPorts;
  };
  bus: EmbeddedBus;
  /** What a client of the live feed has missed. */
  missed: SqliteMissedFeed;
  /** Signals each event when it becomes durable. */
  changes: Signal<IndexChange>;
  /** Signals each event that a person has seen. */
  seen: Signal<SeenEvent>;
  /** Signals the id of each key that is revoked. */
  revocations: Signal<string>;
  sites: BoxSites;
  /** Says under which address people reach it, where nobody has said so. */
  reachedAt(url: string): void;
  api: ReturnType<typeof api>;
  /** An admin token that is valid as long as this process lives; it is not stored. */
  adminToken: string;
  eraser: Eraser;
  retention: Retention;
  storeClock: StoreClock;
  boxes: BoxWatch;
  lostPictures: LostPictures;
  reserve: Reserve;
  jobs: { store: SqliteJobStore; queue: JobWorker; exports: ExportFolder; removals: SqliteRemovals };
  /** Null where nothing follows. */
  follower: Follower | null;
  /** Starts what runs unasked while it serves. Call the returned function, which ends that, before `close`. */
  upkeep(): () => Promise<void>;
  close(): Promise<void>;
}

const settings: Settings = { retentionDays: 90, keepFeatures: false, openBox: null, announceEvents: false };

const datasync = promisify(fdatasync);

const maxBody = 64 * 1024 * 1024;
const statisticsDays = 400;

const maxInFlight = 512 * 1024 * 1024;

/**
 * Opens a data folder. Throws DataDirLocked where another process has it.
 *
 * @example
 * const runtime = await openRuntime({ data: ".gatepost" });
 * const endUpkeep = runtime.upkeep();
 * const { events } = runtime.reads;
 * await endUpkeep();
 * await runtime.close();
 */
export async function openRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { clock = Date.now, log = jsonLog(), wait = 0 } = options;
  const folder = openDataDir(resolve(options.data));
  const taken = (cause: unknown) => new DataDirLocked(folder.path, { cause });
  const unlock = lock(folder.lock, { wait, taken });
  // A process that ended while it shipped has left it, with what may be erased by now.
  rmSync(folder.copy, { force: true });
  const reserve = new Reserve(folder.reserve);
  const database = reserve.runSync(() => openDatabase(folder.database));
  const sequence = reserve.runSync(() => new Sequence(database));
  const metrics = new Metrics();
  const wal = new Wal(database, folder.database, (file) => metrics.sync(() => datasync(file)));
  const onCopyFailure = (cause: unknown) => log.error("the log stays longer than it should", { cause });
  const reader = new Reader(folder.database, () => {
    return new GatepostError("unavailable", "too much is being counted at once, ask again", { retryAfter: 5 });
  });
  const writer = new Writer(database, {
    ...{ before: watchFile(folder.database), wal, onCopyFailure },
    quietly: (work) => reader.quietly(work),
  });
  const packs = new PicturePacks(folder.packs, { rows: new PictureRows(database), writer, log });
  const rows = new EventRows(database);
  const lostPictures = new LostPictures(database, writer, { rows, sequence });
  const changes = new Signal<IndexChange>();
  const seen = new Signal<SeenEvent>();
  const revocations = new Signal<string>();
  const sites = new SqliteBoxSites(database);
  const keyStore = new SqliteKeyStore(database, writer, { clock, log, revocations, reserve, sites });
  const audit = new SqliteAuditLog(database, writer, { clock, log, reserve });
  const asked = { ...settings, ...options.settings };
  const started = { eventDays: asked.retentionDays, quarantineDays: asked.retentionDays };
  const days = new RetentionDays(database, writer, { started });
  const chosen: Settings = {
    ...asked,
    get retentionDays() {
      return days.current.eventDays;
    },
  };
  const lifetime = () => days.quarantineLifetime;
  const limits = options.quarantineLimits;
  const quarantine = new SqliteQuarantine(database, writer, { log, clock, lifetime, limits });
  const suppression = new SqliteSuppression(database, { clock, lifetime: () => days.eventLifetime });
  const eraser = new Eraser(database, writer, { packs, reserve, suppression, sequence, log, clock });
  const events = new SqliteEventReader(database, { reader, clock });
  const actions = new SqliteActionOutbox(database, writer, { rows, sequence, clock });
  const ownRules = [checkRule((envelope) => hearCheck(envelope, { events, actions }))];
  const { zone = Intl.DateTimeFormat().resolvedOptions().timeZone } = options;
  const alertRows = new SqliteAlertRows(database, writer, clock);
  let publicUrl = options.publicUrl ?? null;
  const alerter = new Alerter({
    ...{ rows: alertRows, pictures: packs, secret: cursorSecretOf(database), log, clock },
    find: (id) => events.get(id),
    publicUrl: () => publicUrl,
    zone: Zone.find(zone) ?? Zone.utc,
    allowPrivateTargets: options.bus?.allowPrivateTargets ?? false,
    // Each rule has one delivery in progress.
    underWayMs: 0,
  });
  const busDeps = { rulesFile: folder.rules, ownRules, alerter, log, clock };
  const bus = new EmbeddedBus(database, writer, { ...busDeps, ...options.bus });
  const hasRule = (name: string) => bus.hasRule(name);
  const deadLetters = new SqliteDeadLetters(database, writer, { clock, hasRule });
  const adminToken = newToken("admin");
  const health = new DiskHealth({
    path: folder.path,
    write: durableProbe(database, writer),
    checkPictures: () => packs.checkFiles(),
    clock,
  });
  const index = new SqliteEventIndex(database, writer, { rows, sequence, changes, log });
  const arrivals = new ArrivalTrace(clock);
  const halfHours = new SqliteHalfHours(database, writer, {
    ...{ reader, clock, days: options.statisticsDays ?? statisticsDays },
  });
  const rhythms = new Rhythms(halfHours);
  const boxes = new BoxWatch(database, writer, { bus, keys: keyStore, arrivals, rhythms, sequence, zone, clock, log });
  const watched = metrics.measured(health.watch({ pictures: packs, index, quarantine }));
  const noting = boxes.noting({ ...watched, boxStatus: new SqliteBoxStatusStore(database, writer) });
  const storeClock = new StoreClock(database, writer, { clock, log });
  const server = serverFacts({
    path: folder.path,
    bodyBytes: options.maxBody ?? maxBody,
    retention: () => days.current,
    clockDoubt: () => storeClock.doubt(),
  });
  const ingest: Ports = {
    keys: withProcessKey(keyStore, adminToken),
    authRateLimiter: new AuthRateLimiter(clock),
    keyMeters: new KeyMeters({ usage: keyStore, clock }),
    refusals: new RefusalTrace(log, clock, metrics.refused),
    arrivals,
    ...watched,
    ...noting,
    ...sayingFirstReports(noting, log),
    actions,
    bus,
    suppression,
    room: new Room(options.maxInFlight ?? maxInFlight),
    log,
    clock,
    settings: chosen,
  };
  const work = new SqliteOpenWork(database, { clock, lifetime });
  const stored = {
    events,
    actionReader: new SqliteActionReader(database, clock),
    orders: actions,
    seen: new SqliteSeenMarks(database, writer, { clock, seen }),
    rangeFor: [],
    feed: new SqliteChangeFeed(database, clock),
    devices: new SqliteDeviceReader(database),
    boxes: boxes.ports,
    tickets: new ProcessTickets(clock),
    eraser,
    pictures: packs,
    pictureLinks: null,
    resizer: new Thumbnails(),
    quarantineLinks: null,
    keyAdmin: keyStore,
    audit,
    auditReader: audit,
    quarantine,
    deadLetters,
    deliveries: new SqliteDeliveries(database, { writer, clock, deadLetters }),
    rules: new EmbeddedRules(database, {
      ...{ bus, rulesFile: folder.rules, clock },
      allowPrivateTargets: options.bus?.allowPrivateTargets ?? false,
      addressOf: (month, kind, sha256) => packs.address(month, kind, sha256),
    }),
    alertRows,
    retentionEditor: days,
    metrics: { text: () => metrics.text({ database, boxes, server }) },
    server,
    statistics: halfHours,
    counts: new SharedCounts({ statistics: halfHours, work, boxes, clock }),
    health,
    imports: new SqliteImport(database, writer, {
      ...{ pictures: packs, quarantine, suppression, keys: keyStore },
      sequence,
      index: new SqliteEventIndex(database, writer, { rows, sequence, changes: new Signal(), log }),
      boxStatus: new SqliteBoxStatusStore(database, writer),
      boxes: new SqliteBoxStore(database, writer),
    }),
  };
  const worker: JobWorker = new JobWorker(() => ({ ...reads, ...ingestForApi(ingest) }));
  const jobs = {
    store: new SqliteJobStore(database, writer, { reserve, clock }),
    queue: worker,
    exports: new ExportFolder(folder.exports),
    erasures: suppression,
    removals: new SqliteRemovals(database, writer, { reserve, clock }),
  };
  const reads = { ...stored, jobs };
  const follower = options.follow?.({ database, wal, folder, log, clock }) ?? null;
  const slack = new Slack(folder.database);
  const retention = new Retention(database, writer, {
    reader,
    packs,
    days,
    halfHours,
    slack,
    erasures: () => eraser.count,
  });
  await packs.findLosses();
  await eraser.finish();
  return {
    folder,
    ingest,
    reads,
    api: api({ ...reads, ...ingestForApi(ingest), cursorSecret: cursorSecretOf(database) }),
    adminToken,
    eraser,
    retention,
    storeClock,
    boxes,
    lostPictures,
    reserve,
    jobs,
    bus,
    missed: new SqliteMissedFeed(database, clock),
    changes,
    seen,
    revocations,
    sites,
    reachedAt(url) {
      publicUrl ??= url;
    },
    follower,
    upkeep: () => upkeep({ follower, ingest, bus, retention, storeClock, boxes, lostPictures, reserve, jobs, audit }),
    async close() {
      await worker.close();
      ingest.refusals.close();
      await audit.flush().catch((cause: unknown) => log.warn("pictures that keys read were not counted", { cause }));
      await boxes.close();
      await packs.close();
      await writer.idle();
      await follower?.end();
      await reader.close();
      await wal.close();
      database.close();
      slack.close();
      unlock();
    },
  };
}

/** The stored keys, and one more that is valid as long as this process lives. */
function withProcessKey(stored: KeyStore, token: string): KeyStore {
  const hash = hashToken(token);
  const key: Key = { id: "key_process", scope: "admin", box: null };
  return {
    find: (tokenHash) => (tokenHash === hash ? Promise.resolve(key) : stored.find(tokenHash)),
    noteUse: (used) => (used === key ? Promise.resolve() : stored.noteUse(used)),
  };
}

function cursorSecretOf(database: DatabaseSync): Buffer {
  const secret = database.prepare("SELECT value FROM secrets WHERE name = 'cursor'").get()?.["value"];
  if (!(secret instanceof Uint8Array)) throw new Error("the data folder lacks its cursor secret");
  return Buffer.from(secret);
}
