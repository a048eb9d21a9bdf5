import { api, type JobDeps, mailHours, mailResets } from "@gatepost/api";
import { openJobs } from "@gatepost/api/records";
import { Viewers } from "@gatepost/core/accounts";
import type { UntoldPorts } from "@gatepost/core/actions";
import { AlarmWatch } from "@gatepost/core/alarms";
import type { ConnectionTrace } from "@gatepost/core/arrivals";
import type { FeedWaits } from "@gatepost/core/events";
import { readLibraries } from "@gatepost/core/sites";
import { SourceRecords } from "@gatepost/core/sources";
import { VisitWatch } from "@gatepost/core/visits";
import { machineZone } from "@gatepost/core/zones";
import { jsonLog } from "@gatepost/http";
import { type Ports, portsForApi } from "@gatepost/receive";
import type { Reserve } from "@gatepost/sqlite";
import type { BoxWatch } from "../boxes/watch.ts";
import type { EmbeddedBus } from "../bus/bus.ts";
import type { DataDir } from "../db/data-dir.ts";
import { type StoreClock, uptimeClock } from "../db/store-clock.ts";
import type { Eraser } from "../erasure/eraser.ts";
import type { Retention } from "../erasure/retention.ts";
import { ChangesOfType } from "../events/change-feed.ts";
import type { IndexChange } from "../events/index.ts";
import type { LostPictures } from "../events/lost-pictures.ts";
import type { Signal } from "../events/signal.ts";
import { peopleOfOtherHosts } from "../factors/lost-codes.ts";
import { JobWorker } from "../jobs/worker.ts";
import { SourceKeys } from "../sources/source-keys.ts";
import { Sources } from "../sources/sources.ts";
import { openBus } from "./bus.ts";
import { openIngest, resumeBatches } from "./ingest.ts";
import type { Metrics } from "./metrics/metrics.ts";
import { type OpenedFolder, openFolder } from "./opened-folder.ts";
import { type Chosen, type RuntimeOptions, usualBody } from "./options.ts";
import { openReads } from "./reads.ts";
import { openStores } from "./stores.ts";
import { type Follower, upkeep } from "./upkeep.ts";

/** An open data folder: its ports, and the API on them. */
export interface Runtime {
  folder: DataDir;
  ingest: Ports & UntoldPorts & { refusals: ConnectionTrace };
  reads: ReturnType<typeof openReads> & { sources: Sources };
  bus: EmbeddedBus;
  metrics: Metrics;
  /** Signals each event when it becomes durable. */
  changes: Signal<IndexChange>;
  /** The requests that wait for changes of the feed. */
  feedWaits: FeedWaits;
  /** Signals the id of each key that is revoked. */
  revocations: Signal<string>;
  /** Finds who is behind a connection of the socket. */
  viewers: Viewers;
  /** Sets the address under which people reach the server, if none was chosen. */
  reachedAt(url: string): void;
  api: ReturnType<typeof api>;
  /** An admin token that is valid only while this process runs. It is not stored. */
  adminToken: string;
  eraser: Eraser;
  retention: Retention;
  storeClock: StoreClock;
  boxes: BoxWatch;
  lostPictures: LostPictures;
  reserve: Reserve;
  jobs: Runtime["reads"]["jobs"];
  /** Null if there is no follower. */
  follower: Follower | null;
  /** The people whose passkeys are all of another host. */
  passkeysElsewhere(): readonly string[];
  /** Sends the mails that are due. */
  sendMails(): Promise<void>;
  /** Tells subscribers of alarms that no person has acknowledged in time. */
  checkAlarms(): Promise<void>;
  /** Tells subscribers of visitors who have arrived. */
  checkVisits(): Promise<void>;
  /** Starts the periodic work of a server. Call the returned function, which ends it, before `close`. */
  upkeep(): () => Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a data folder. Throws DataDirLocked if another process has it. If it cannot be opened, it is as free as before.
 *
 * @example
 * const runtime = await openRuntime({ data: ".gatepost" });
 * const endUpkeep = runtime.upkeep();
 * const { events } = runtime.reads;
 * await endUpkeep();
 * await runtime.close();
 */
export async function openRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { clock = Date.now, elapsed = uptimeClock(), log = jsonLog() } = options;
  const { zone = machineZone().name } = options;
  const chosen: Chosen = { ...options, clock, elapsed, log, zone };
  const opened = openFolder(chosen);
  try {
    return await runtimeOn(opened, chosen);
  } catch (error) {
    // The first failure says more than a later one.
    await opened.close(null).catch(() => undefined);
    throw error;
  }
}

async function runtimeOn(opened: OpenedFolder, chosen: Chosen): Promise<Runtime> {
  const { clock, log } = chosen;
  const { folder, database, wal, packs, reserve } = opened;
  const stores = openStores(opened, chosen);
  const { believed } = stores;
  const { changes, revocations, eraser, retention, storeClock, lostPictures } = stores;
  const { audit } = stores.records;
  const openedBus = openBus(opened, stores, chosen);
  const { bus, reachedAt } = openedBus;
  const jobWorker = new JobWorker((): JobDeps => ({ ...reads, ...portsForApi(ingest) }));
  const started = { ...openJobs({ items: stores.reservedItems, log, clock: believed }), queue: jobWorker };
  const openedIngest = openIngest(opened, stores, { ...openedBus, jobs: started }, chosen);
  const { ports: ingest, largeBodies, boxes } = openedIngest;
  const follower = chosen.follow?.({ database, wal, folder, log, clock, storeClock }) ?? null;
  const sources = new Sources(folder.sources, {
    folder: folder.path,
    records: new SourceRecords(stores.items),
    keys: new SourceKeys({ keyAdmin: stores.keyAdmin, keys: ingest.keys, audit, log }),
    ports: ingest,
    refused: (box, arrived, error) => boxes.refused(box, arrived, error),
    maxBody: chosen.maxBody ?? usualBody,
    secret: opened.cursorSecret,
    log,
    clock: stores.clock,
  });
  openedIngest.health.addConcerns(() => sources.concerns());
  const reads = {
    ...openReads({ opened, stores, bus: openedBus, ingest: openedIngest, follower, started }, chosen),
    sources,
  };
  const { jobs } = reads;
  const sendMails = async () => {
    const deps = { ...reads, ...portsForApi(ingest), clock: believed };
    await mailResets(deps);
    await mailHours(deps);
  };
  const alarms = new AlarmWatch({
    items: stores.items,
    settings: reads.alarms,
    events: reads.events,
    marks: reads.seen,
    feed: new ChangesOfType(database, { type: "blacklist", clock: believed }),
    libraries: () => readLibraries({ sites: reads.sites, boxes: reads.boxes.reader }),
    bus: ingest.bus,
    announcesEvents: ingest.settings.announceEvents,
    clock: believed,
  });
  const checkAlarms = () => alarms.check();
  const visits = new VisitWatch({
    items: stores.items,
    settings: reads.peopleSettings,
    feed: new ChangesOfType(database, { type: "visitor", clock: believed }),
    labels: reads.boxes.labels,
    libraries: () => readLibraries({ sites: reads.sites, boxes: reads.boxes.reader }),
    bus: ingest.bus,
    announcesEvents: ingest.settings.announceEvents,
    clock: believed,
  });
  const checkVisits = () => visits.check();
  await reads.company?.settings.read().catch((cause: unknown) => {
    log.warn("no one can sign in by the company", { cause });
  });
  await openedBus.pushRules.refresh();
  await packs.findLosses();
  await eraser.finishLeft();
  await resumeBatches(openedIngest.makeBatchJob, reads);
  return {
    folder,
    ingest,
    reads,
    api: api({ ...reads, ...portsForApi(ingest), cursorSecret: opened.cursorSecret }),
    adminToken: stores.adminToken,
    passkeysElsewhere: () => peopleOfOtherHosts(database, reads.factors.host ?? ""),
    eraser,
    retention,
    storeClock,
    boxes,
    lostPictures,
    reserve,
    jobs,
    bus,
    metrics: opened.metrics,
    changes,
    feedWaits: stores.feedWaits,
    revocations,
    viewers: new Viewers({ keys: ingest.keys, sessions: stores.records.sessions }),
    reachedAt,
    follower,
    sendMails,
    checkAlarms,
    checkVisits,
    upkeep: () => {
      const endSources = sources.start();
      const end = upkeep({
        follower,
        ingest,
        bus,
        retention,
        storeClock,
        boxes,
        lostPictures,
        reserve,
        jobs,
        audit,
        sendMails,
        checkAlarms,
        checkVisits,
      });
      return async () => {
        await endSources();
        await end();
      };
    },
    async close() {
      await jobs.queue.close();
      await largeBodies.close();
      ingest.refusals.close();
      await ingest.keyMeters?.settle();
      await audit.flush().catch((cause: unknown) => log.warn("pictures that keys read were not counted", { cause }));
      await boxes
        .close()
        .catch((cause: unknown) => log.warn("could not record signs of boxes; the next start does", { cause }));
      await opened.close(follower);
    },
  };
}
