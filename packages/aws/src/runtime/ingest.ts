import { logFirstReports, Receipts, RefusalTrace } from "@gatepost/core/arrivals";
import { BoxZones, boxesOfSite } from "@gatepost/core/boxes";
import { AuthRateLimiter, KeyFinder, KeyUses } from "@gatepost/core/keys";
import type { Log } from "@gatepost/core/log";
import { KnownMappings } from "@gatepost/core/mappings";
import type { EventType } from "@gatepost/core/paths";
import { photoLink } from "@gatepost/core/pictures";
import type { QuarantineSize } from "@gatepost/core/quarantine";
import { lifetimeOf } from "@gatepost/core/retention";
import { Room } from "@gatepost/core/room";
import { BoxStatusStore } from "@gatepost/core/statuses";
import { EnrolledNames, UnknownTerminals } from "@gatepost/core/terminals";
import { hourMs } from "@gatepost/protocol";
import { KeyMeters, type ReceiverPorts } from "@gatepost/receive";
import { terminals } from "@gatepost/receive/terminals";
import * as z from "zod/mini";
import { AnnouncedActions } from "../actions/announced.ts";
import { DeviceRegistry } from "../boxes/devices.ts";
import { EventBridgeBus } from "../bus/bus.ts";
import { Dynamo } from "../dynamo/dynamo.ts";
import { DynamoItems, DynamoRows } from "../dynamo/items.ts";
import { MonotonicClock } from "../dynamo/monotonic-clock.ts";
import { DynamoSuppression } from "../erasure/suppression.ts";
import { FeedWrites } from "../events/feed-writes.ts";
import { DynamoEventIndex, heldReports } from "../events/index.ts";
import { markAnnounced } from "../events/outbox.ts";
import { RecentKeys } from "../keys/recent-keys.ts";
import { type IngestHandler, ingestHandler } from "../lambda/ingest.ts";
import { lambdaLog } from "../lambda/log.ts";
import { batchMetrics, type Count, countAnnounced, countReports, emf } from "../lambda/metrics.ts";
import { ErasureEpoch } from "../pictures/erasure-epoch.ts";
import { SharedPictures } from "../pictures/shared.ts";
import { S3PictureStore } from "../pictures/store.ts";
import { DynamoQuarantine } from "../quarantine/store.ts";
import { Objects } from "../s3/objects.ts";
import { type Clients, connect, type Limits, limits as usual } from "./clients.ts";
import { type Environment, readEnvironment, resourceName, settingsOf, settingsVariables } from "./environment.ts";
import { serviceClock } from "./service-clock.ts";

/** The variables of functions that take reports. */
export const ingestVariables = z.object({
  GATEPOST_TABLE: resourceName,
  GATEPOST_BUCKET: resourceName,
  GATEPOST_BUS: resourceName,
  ...settingsVariables,
  // The public address of the API, and the secret for links to photos. Without them entries have no links.
  GATEPOST_PHOTO_URL: z.optional(resourceName),
  GATEPOST_PHOTO_SECRET: z.optional(resourceName),
});

/** The dependencies of a runtime, which its parts share, and which tests may replace. */
export interface Wiring {
  clients: Clients;
  feed: FeedWrites;
  limits: Limits;
  log: Log;
  clock: () => number;
  count: Count;
  quarantineLimits?: QuarantineSize;
}

/** No box has this name. */
const noBox = "";

/** Most bytes of bodies that are unpacked at the same time: a quarter of the memory of the ingest functions. */
const maxInFlight = 256 * 1024 * 1024;

/**
 * Makes the ports that take reports on AWS, for the resources that the environment names. Call it once in a process.
 */
export function awsReceiver(env: Environment = process.env, wiring: Partial<Wiring> = {}): ReceiverPorts {
  const read = readEnvironment(ingestVariables, env);
  const { GATEPOST_TABLE: tableName, GATEPOST_BUCKET: bucket, GATEPOST_BUS: busName } = read;
  const { limits = usual, log = lambdaLog(), clients = connect(limits), clock = serviceClock(clients) } = wiring;
  const { count = batchMetrics(emf, clock), quarantineLimits } = wiring;
  const hasty = new Dynamo(clients.dynamo, tableName, limits.head);
  const epoch = new ErasureEpoch({ dynamo: hasty, log, clock });
  const table = new Dynamo(clients.dynamo, tableName, limits.index);
  const { feed = new FeedWrites(table, new MonotonicClock(clock)) } = wiring;
  const keyTable = new Dynamo(clients.dynamo, tableName, limits.key);
  const settings = settingsOf(read);
  const objects = new Objects(clients.s3, bucket, limits, settings.retentionDays);
  const lifetime = lifetimeOf(settings);
  const shared = new SharedPictures({ objects, epoch, dynamo: hasty, log, clock });
  const { GATEPOST_PHOTO_URL: base, GATEPOST_PHOTO_SECRET: secret } = read;
  const limited = quarantineLimits && { limits: quarantineLimits };
  const keys = new KeyFinder({
    items: new DynamoRows(keyTable, clock),
    cache: new RecentKeys(clock),
    sites: { boxesOf: (site) => boxesOfSite(site, new DynamoItems(keyTable, clock)) },
    log,
    clock,
    believed: clock,
    noteUseEveryMs: hourMs,
  });
  const authRateLimiter = new AuthRateLimiter(clock);
  const zones = new BoxZones({ items: new DynamoRows(table, clock), usual: null, clock });
  return {
    keys,
    keyMeters: new KeyMeters({ usage: new KeyUses(new DynamoRows(keyTable, clock)), log, clock }),
    authRateLimiter,
    refusals: new RefusalTrace(log, clock),
    receipts: new Receipts({ items: new DynamoRows(table, clock), clock, elapsed: clock }),
    pictures: new S3PictureStore({
      objects,
      shared,
      heldReports: (eventId) => heldReports(eventId, { dynamo: hasty, log, clock }),
    }),
    photoLink: (photo) =>
      base && secret ? photoLink(photo, { base, photoSecret: Buffer.from(secret, "base64"), clock }) : null,
    index: new DynamoEventIndex(table, {
      feed,
      devices: new DeviceRegistry(table, log),
      lifetime,
    }),
    actions: new AnnouncedActions({ dynamo: table, feed, clock }),
    eventOutbox: { markAnnounced: (eventId) => markAnnounced(eventId, table) },
    bus: countAnnounced(new EventBridgeBus(() => clients.events, { name: busName, limit: limits.bus }), count),
    quarantine: new DynamoQuarantine({ dynamo: table, objects, log, clock, lifetime, ...limited }),
    // The sweep of jobs finds waiting batches, so functions that take reports may write no jobs.
    longBatches: { maxValues: Number.POSITIVE_INFINITY, replayLater: async () => undefined },
    boxStatus: new BoxStatusStore(new DynamoRows(table, clock), () => lifetime),
    suppression: new DynamoSuppression({ dynamo: new Dynamo(clients.dynamo, tableName, limits.key), epoch, clock }),
    terminals: terminals({
      unknownTerminals: new UnknownTerminals({ items: new DynamoRows(keyTable, clock), log, clock }),
      enrolled: new EnrolledNames({ items: new DynamoRows(table, clock), lifetime: () => lifetime, clock }),
      keys,
      authRateLimiter,
      zones,
    }),
    zones,
    knownMappings: new KnownMappings({ items: new DynamoItems(keyTable, clock), log, clock }),
    listeners: [logFirstReports(log), countReports(count)],
    room: new Room(maxInFlight),
    log,
    clock,
    settings,
  };
}

/**
 * The same for a function. While Lambda starts the process, it connects to the table and reads the erasures of every box,
 * so that the first report waits for neither.
 *
 * @example
 * const receive = receiver(warmReceiver());
 */
export function warmReceiver(env: Environment = process.env, wiring: Partial<Wiring> = {}): ReceiverPorts {
  const ports = awsReceiver(env, wiring);
  const notRead = (cause: unknown) => ports.log.warn("could not read erasures before the first report", { cause });
  ports.suppression.of(noBox).catch(notRead);
  return ports;
}

/**
 * The handler of a function for a type of event, in the words of the table (`eventTypes`), or for any.
 *
 * @example
 * export const handler = eventHandler({ type: "pass-record", expects: [platformB, platformA] });
 */
export function eventHandler(takes: EventType | { type: "any" }): IngestHandler {
  return ingestHandler(warmReceiver, lambdaLog(), takes.type === "any" ? null : takes);
}
