import type { ApiPorts, StorePorts } from "@gatepost/api";
import { AlikePeople, openCounts, openRecords } from "@gatepost/api/records";
import { hearCheck } from "@gatepost/core/actions";
import { type CompanyPorts, CompanyProvider, CompanyRecords } from "@gatepost/core/company";
import { type FactorKey, givenFactorKey } from "@gatepost/core/factors";
import { probedHealth } from "@gatepost/core/health";
import { personRecordsIn } from "@gatepost/core/person-records";
import { PresenceDays, readerOf } from "@gatepost/core/presence";
import {
  actionsWithKeptScenes,
  changesWithKeptScenes,
  eventsWithKeptScenes,
  lifetimeOf,
} from "@gatepost/core/retention";
import { Tickets } from "@gatepost/core/tickets";
import { type Ports, portsForApi } from "@gatepost/receive";
import * as z from "zod/mini";
import { DynamoActionOrders } from "../actions/orders.ts";
import { DynamoActionReader } from "../actions/reader.ts";
import { StoredArrivals } from "../boxes/arrivals.ts";
import { DynamoDeviceReader } from "../boxes/devices.ts";
import { Dynamo } from "../dynamo/dynamo.ts";
import { DynamoItems } from "../dynamo/items.ts";
import { MonotonicClock } from "../dynamo/monotonic-clock.ts";
import { DynamoEraser } from "../erasure/eraser.ts";
import { DynamoChangeFeed } from "../events/change-feed.ts";
import { FeedWrites } from "../events/feed-writes.ts";
import { DynamoNews } from "../events/news.ts";
import { DynamoEventReader } from "../events/reader.ts";
import type { SendMessage } from "../jobs/queue.ts";
import { KeysWithRecentFaults } from "../keys/recent-keys.ts";
import type { BehindEdge } from "../lambda/viewer.ts";
import { PassingFollower } from "../people/passing-follower.ts";
import { DynamoPassings } from "../people/passings.ts";
import { epochRow } from "../pictures/erasure-epoch.ts";
import { S3PictureReader } from "../pictures/reader.ts";
import { DynamoQuarantineReader, S3QuarantineLinks } from "../quarantine/reader.ts";
import { DynamoQuarantine } from "../quarantine/store.ts";
import { Objects } from "../s3/objects.ts";
import { markedEvents } from "../seen/seen.ts";
import { DynamoHalfHours } from "../statistics/half-hours.ts";
import { DynamoOpenWork } from "../statistics/open-work.ts";
import { passingsOn } from "../statistics/passings.ts";
import { boxesOn } from "./boxes.ts";
import { limits as usual } from "./clients.ts";
import {
  type Environment,
  readEnvironment,
  resourceName,
  serverFacts,
  statisticsKeptMs,
  statisticsVariables,
} from "./environment.ts";
import { awsImports } from "./imports.ts";
import type { Wiring } from "./ingest.ts";
import { awsJobs } from "./jobs.ts";
import { connectNaming, missingRight } from "./missing-right.ts";
import { pushOn } from "./push.ts";

/** What tests replace on the read side. */
export type ReadWiring = Pick<Wiring, "clients" | "limits"> & { sendJob: SendMessage };

const variables = z.object({
  GATEPOST_TABLE: resourceName,
  GATEPOST_BUCKET: resourceName,
  ...statisticsVariables,
});

/** The secret that signs cursors: base64 of random bytes. */
const secret = z.pipe(
  z.string(),
  z.transform((text) => Buffer.from(text, "base64")),
);
export const cursorSecret = secret.check(z.refine(({ length }) => length >= 32));

const apiVariables = z.object({
  GATEPOST_TABLE: resourceName,
  GATEPOST_CURSOR_SECRET: cursorSecret,
  GATEPOST_FACTOR_KEY: cursorSecret,
  GATEPOST_CONSOLE_DOMAIN: z.optional(z.string()),
  GATEPOST_PHOTO_SECRET: z.optional(secret),
  GATEPOST_EDGE_SECRET: z.optional(z.string().check(z.minLength(32))),
  GATEPOST_MAIL_LANGUAGE: z.optional(z.enum(["zh", "en"])),
  GATEPOST_CONTACT: z.optional(z.email()),
  GATEPOST_OIDC_ISSUER: z.optional(z.url()),
  GATEPOST_OIDC_CLIENT_ID: z.optional(z.string()),
  GATEPOST_OIDC_CLIENT_SECRET: z.optional(z.string()),
});

const ofApiAlone = async () => {
  throw new Error("only the API has the key of factors");
};

/** Other functions than the API sign nobody in. */
const noFactorKey: FactorKey = { find: ofApiAlone, make: ofApiAlone };

/** Filters that have no index: every event in the range is read. */
const scannedFilters = ["device", "type", "action", "flag", "result", "q"] as const;

/**
 * Makes the ports that read and erase in the stores. It is separate from the ports for boxes, so that the functions for
 * boxes do not contain it.
 */
export function awsReads(
  { keys, log, clock, settings }: Pick<Ports, "keys" | "log" | "clock" | "settings">,
  env: Environment = process.env,
  {
    limits = usual,
    clients = connectNaming({ ...limits, index: limits.read }),
    factorKey = noFactorKey,
    passkeyHost = null,
  }: Partial<ReadWiring & { factorKey: FactorKey; passkeyHost: string | null }> = {},
) {
  const { GATEPOST_TABLE: table, GATEPOST_BUCKET: bucket, ...chosen } = readEnvironment(variables, env);
  const dynamo = new Dynamo(clients.dynamo, table, limits.read);
  const items = new DynamoItems(dynamo, clock);
  const objects = new Objects(clients.s3, bucket, { ...limits, object: limits.read });
  const quarantine = new DynamoQuarantine({ dynamo, objects, log, clock, lifetime: lifetimeOf(settings) });
  const pictures = new S3PictureReader(clients.s3, objects, clock);
  const statistics = new DynamoHalfHours(dynamo, { clock, keptMs: statisticsKeptMs(chosen) });
  const work = new DynamoOpenWork(dynamo, { clock, lifetime: lifetimeOf(settings) });
  const scenes = { sceneDays: () => settings.sceneDays, clock };
  const events = eventsWithKeptScenes(new DynamoEventReader(dynamo, clock), scenes);
  const all = new DynamoChangeFeed({ dynamo, log, clock });
  const feed = {
    ...changesWithKeptScenes(all, scenes),
    heartbeats: all.heartbeats,
    end: () => all.end(),
  };
  const writes = new FeedWrites(dynamo, new MonotonicClock(clock));
  const news = new DynamoNews({ dynamo, feed: writes, clock });
  const marked = markedEvents({ dynamo, items, clock });
  const keyAdmin = new KeysWithRecentFaults({ items, urgent: items, clock, believed: clock });
  const records = new DynamoQuarantineReader({ dynamo, objects, quarantine, clock });
  const { boxes, reader, store, labels } = boxesOn({ items, log, clock, bus: null, counts: statistics });
  const follower = new PassingFollower({ feed: all, clock });
  const passings = passingsOn({ events, items, passings: new DynamoPassings(dynamo, clock) });
  const personRecords = personRecordsIn(items);
  const opened = openRecords({ items, marked, news, keys, factorKey, passkeyHost, zone: "UTC", log, clock });
  return {
    ...opened,
    ...openCounts({ statistics, work, boxes: store, zone: "UTC", clock }),
    statistics,
    events,
    actionReader: actionsWithKeptScenes(new DynamoActionReader(dynamo, clock), scenes),
    orders: new DynamoActionOrders({ dynamo, feed: writes, clock }),
    rangeFor: scannedFilters,
    feed,
    // A function is paid for while it waits.
    feedWaits: null,
    eraser: new DynamoEraser({ dynamo, items, personRecords, news, objects, quarantine, log, clock }),
    devices: new DynamoDeviceReader(dynamo, clock),
    boxes: {
      reader,
      sites: reader,
      writer: labels.writing(boxes),
      arrivals: new StoredArrivals(events, records),
      labels,
    },
    passings,
    presence: new PresenceDays(readerOf(passings, () => follower.follow())),
    alike: new AlikePeople({ passings, sites: opened.sites, boxes: reader, clock }),
    tickets: new Tickets(items, clock),
    pictures,
    pictureLinks: pictures,
    // A function would load sharp at each cold start, and S3 delivers the picture.
    resizer: null,
    keyAdmin,
    quarantine: records,
    quarantineLinks: new S3QuarantineLinks(clients.s3, bucket, clock),
    // Dead letters are in the SQS queue of each rule.
    deadLetters: null,
    deliveries: null,
    rules: null,
    sources: null,
    retentionEditor: null,
    metrics: null,
    health: {
      ...probedHealth({ probe: () => reach({ dynamo, objects, log }), clock, keepMs: healthMs }),
      toldOf: missingRight,
    },
  } satisfies Omit<StorePorts, "server" | "jobs" | "imports" | "company" | "push" | "mailer">;
}

/** ms for which a process relies on having reached the stores. */
const healthMs = 5000;

/** Reads one row, and asks for an object that does not exist. */
async function reach({ dynamo, objects, log }: { dynamo: Dynamo; objects: Objects } & Pick<Ports, "log">) {
  const [table, bucket] = await Promise.allSettled([dynamo.get(epochRow), objects.reach("pictures/healthz")]);
  for (const store of [table, bucket]) {
    if (store.status === "rejected") log.warn("a store was not reached", { cause: store.reason });
  }
  if (table.status === "rejected") return "the table of events does not answer";
  return bucket.status === "rejected" ? "the bucket of pictures does not answer" : null;
}

/** Makes the handler of bus entries about checks. Call it once in a process. */
export function awsCheckSubscriber(ingest: Ports) {
  const { events } = awsReads(ingest);
  return (envelope: object) => hearCheck(envelope, { events, actions: ingest.actions });
}

/** Makes the ports of the API. Call it once in a process. */
export function awsApi(ingest: Ports, env: Environment = process.env, wiring: Partial<ReadWiring> = {}) {
  const read = readEnvironment(apiVariables, env);
  const server = serverFacts(ingest.settings);
  const { limits = usual } = wiring;
  const { clients = connectNaming({ ...limits, index: limits.read }) } = wiring;
  const jobs = awsJobs(ingest, env, { limits, clients, sendJob: wiring.sendJob });
  const factorKey = givenFactorKey(read.GATEPOST_FACTOR_KEY);
  const passkeyHost = read.GATEPOST_CONSOLE_DOMAIN ?? null;
  const reads = awsReads(ingest, env, { limits, clients, factorKey, passkeyHost });
  const imports = awsImports(ingest, env, { limits, clients });
  const { GATEPOST_CURSOR_SECRET: cursorSecret, GATEPOST_EDGE_SECRET: edgeSecret } = read;
  const items = new DynamoItems(new Dynamo(clients.dynamo, read.GATEPOST_TABLE, limits.read), ingest.clock);
  const company = companyOn(items, read, ingest);
  const { log, clock } = ingest;
  const push = pushOn({ items, reads, alarms: read.GATEPOST_CONTACT ?? null, cursorSecret, log, clock });
  const { GATEPOST_PHOTO_SECRET: photoSecret, GATEPOST_MAIL_LANGUAGE: language = null } = read;
  // Another function sends the mails: it alone knows the server and its password.
  const mailer = { language: () => language };
  const links = photoSecret === undefined ? {} : { photoSecret };
  const apiOnly = { server, jobs, imports, company, push, mailer, cursorSecret, ...links };
  const ports = { ...reads, ...portsForApi(ingest), ...apiOnly } satisfies ApiPorts;
  return { ...ports, edgeSecret } satisfies BehindEdge;
}

/** The sign-in of a company; null if the deployment names no provider. */
function companyOn(
  items: DynamoItems,
  read: z.output<typeof apiVariables>,
  { log, clock }: Pick<Ports, "log" | "clock">,
): CompanyPorts | null {
  const { GATEPOST_OIDC_ISSUER: issuer, GATEPOST_OIDC_CLIENT_ID: clientId } = read;
  const { GATEPOST_OIDC_CLIENT_SECRET: clientSecret } = read;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) return null;
  const settings = new CompanyRecords(items);
  const authority = async () => (await settings.read()).settings.ca;
  return { provider: new CompanyProvider({ issuer, clientId, clientSecret, authority, log, clock }), settings };
}
