import type { JobPorts, StorePorts } from "@gatepost/api";
import { AlikePeople, openCounts } from "@gatepost/api/records";
import { BoxStore } from "@gatepost/core/boxes";
import { PresenceDays } from "@gatepost/core/presence";
import { actionsWithKeptScenes, changesWithKeptScenes } from "@gatepost/core/retention";
import { SqliteActionReader } from "../actions/reader.ts";
import { SqliteDeviceReader } from "../boxes/devices.ts";
import { serverFacts } from "../db/server-facts.ts";
import { SqliteChangeFeed } from "../events/change-feed.ts";
import { SqliteEventIndex } from "../events/index.ts";
import { Signal } from "../events/signal.ts";
import { SqliteImport } from "../imports/import.ts";
import { ExportFolder } from "../jobs/exports.ts";
import type { JobWorker } from "../jobs/worker.ts";
import { SqlitePassings } from "../people/passings.ts";
import { Thumbnails } from "../pictures/thumbnails.ts";
import { SqliteOpenWork } from "../statistics/open-work.ts";
import { ProcessTickets } from "../tickets/tickets.ts";
import type { OpenedBus } from "./bus.ts";
import { openCompany } from "./company.ts";
import type { OpenedIngest } from "./ingest.ts";
import type { OpenedFolder } from "./opened-folder.ts";
import { type Chosen, usualBody } from "./options.ts";
import type { Stores } from "./stores.ts";
import type { Follower } from "./upkeep.ts";

/** The opened parts that the API needs. */
export interface Opened {
  opened: OpenedFolder;
  stores: Stores;
  bus: OpenedBus;
  ingest: OpenedIngest;
  follower: Follower | null;
  started: Pick<JobPorts, "store" | "removals"> & { queue: JobWorker };
}

/** The stores that the API reads and erases, and the jobs that do so for it. */
export function openReads(
  { opened, stores, bus, ingest, follower, started }: Opened,
  { log, zone, maxBody = usualBody, company = null }: Chosen,
) {
  const { folder, database, writer, packs, metrics, rows, sequence } = opened;
  const { days, halfHours, keyAdmin, lookups, quarantine, suppression, storeClock, clock, believed } = stores;
  const { boxes } = ingest;
  const lifetime = () => days.quarantineLifetime;
  const server = serverFacts({
    path: folder.path,
    bodyBytes: maxBody,
    retention: () => days.current,
    clockDoubt: () => storeClock.doubt(),
    shipping: () => follower?.shipping() ?? null,
  });
  const feed = new SqliteChangeFeed(database, { news: stores.news, clock: believed });
  const passings = new SqlitePassings(database, { rows, clock: believed });
  const work = new SqliteOpenWork(database, { clock: believed, lifetime });
  const jobs = {
    ...started,
    exports: new ExportFolder(folder.exports),
    erasures: suppression,
  };
  const reads = {
    ...stores.records,
    ...openCounts({ statistics: halfHours, work, boxes, zone, clock }),
    events: stores.events,
    actionReader: actionsWithKeptScenes(new SqliteActionReader(database, believed), stores.scenes),
    orders: stores.actions,
    rangeFor: [],
    feed: { ...changesWithKeptScenes(feed, stores.scenes), end: () => feed.end() },
    devices: new SqliteDeviceReader(database),
    boxes: boxes.ports,
    passings,
    presence: new PresenceDays(passings),
    alike: new AlikePeople({ passings, sites: stores.records.sites, boxes: boxes.ports.reader, clock }),
    feedWaits: stores.feedWaits,
    mailer: bus.mailer,
    tickets: new ProcessTickets(believed),
    eraser: stores.eraser,
    pictures: packs,
    pictureLinks: null,
    resizer: new Thumbnails(),
    quarantineLinks: null,
    keyAdmin,
    company: openCompany({ options: company, path: folder.path, items: stores.items, log, clock: believed }),
    quarantine,
    deadLetters: bus.deadLetters,
    deliveries: bus.deliveries,
    rules: bus.rules,
    push: bus.push,
    retentionEditor: days,
    metrics: { text: () => metrics.text({ database, boxes, server }) },
    server,
    statistics: halfHours,
    health: ingest.health,
    imports: new SqliteImport(database, writer, {
      pictures: packs,
      quarantine,
      suppression,
      keys: keyAdmin,
      sequence,
      index: new SqliteEventIndex(database, writer, { rows, lookups, sequence, changes: new Signal(), log, believed }),
      boxStatus: stores.boxStatus,
      boxes: new BoxStore({ items: stores.items, clock: believed }),
      sites: stores.records.sites,
      mappings: stores.records.mappings,
      replayed: stores.records.replayed,
    }),
    jobs,
  } satisfies Omit<StorePorts, "sources">;
  return reads;
}
