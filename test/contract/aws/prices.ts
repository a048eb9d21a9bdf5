import type { Used } from "./cost-counter.ts";

/** List prices of us-east-1 in US dollars, for a million unless stated otherwise. docs/costs.md says from when. */
export const price = {
  s3Put: 5,
  s3ColdPut: 10,
  s3Get: 0.4,
  s3ColdGet: 1,
  writeUnit: 0.625,
  readUnit: 0.125,
  request: 1,
  invocation: 0.2,
  gigabyteSecond: 13.3334,
  busEntry: 1,
  /** A GB of log. */
  logged: 0.5,
  /** A GB of objects for a month, and of rows with their backup. */
  objects: 0.023,
  coldObjects: 0.0125,
  /** A million tags for a month. */
  tags: 1,
  rows: 0.45,
  /** A GB that is read from Standard-IA, and one that is sent to another region. */
  coldRead: 0.01,
  sent: 0.02,
};

/** GB-s of a report, at 1 GB: no account has shown them. */
const gigabyteSeconds = 0.12;

/** GB-s of a request that is refused by its keys, at 1 GB; the same. */
export const refusedGigabyteSeconds = 0.01;

/** Requests of a month at the rate that a production stage lets through. */
export const maxRequests = 2000 * 30 * 24 * 60 * 60;

/** Bytes that API Gateway logs for a request. */
const accessLine = 420;

/** What CloudWatch adds to the bytes of a line. */
export const bytesOfLine = 26;

export interface Counted extends Used {
  reports: number;
  /** Bytes of the lines that the functions wrote. */
  logBytes: number;
}

export const kinds = ["S3 requests", "DynamoDB", "Lambda", "HTTP API", "logs"] as const;
export type Costs = Record<(typeof kinds)[number], number>;

/** The cost of a million of something, from the usage of one. */
export function costsOf(used: Counted, seconds = gigabyteSeconds): Costs {
  const logged = used.logBytes + used.reports * (accessLine + bytesOfLine);
  return {
    "S3 requests":
      used.s3Puts * price.s3Put + used.s3ColdPuts * (price.s3ColdPut - price.s3Put) + used.s3Gets * price.s3Get,
    DynamoDB: used.writeUnits * price.writeUnit + used.readUnits * price.readUnit,
    Lambda: used.reports * (price.invocation + seconds * price.gigabyteSecond),
    "HTTP API": used.reports * price.request,
    logs: (logged / 1e9) * 1e6 * price.logged,
  };
}

export function sumOf(costs: Costs): number {
  return kinds.reduce((sum, kind) => sum + costs[kind], 0);
}

/** The additional cost in Standard-IA if each picture of a million passings is looked at once. */
export function looksOf({ s3ColdPuts, s3ColdBytes }: Counted): number {
  return s3ColdPuts * (price.s3ColdGet - price.s3Get) + (s3ColdBytes / 1e9) * 1e6 * price.coldRead;
}

/** The cost of a million passings in a bucket of another region: requests, bytes on the way, and storage to their end. */
export function copyOf(used: Counted): Record<"requests" | "transfer" | "storage", number> {
  const gigabytes = (used.s3Bytes / 1e9) * 1e6;
  return {
    requests: used.s3Puts * price.s3Put + used.s3ColdPuts * (price.s3ColdPut - price.s3Put),
    transfer: gigabytes * price.sent + (used.s3ColdBytes / 1e9) * 1e6 * price.coldRead,
    storage: storageOf({ ...used, rowBytes: 0 }, 1e6).objects,
  };
}

/** Passings a month of a box that sees 500 a day. */
export const passingsOfBox = 500 * 30;

/** Days that events are kept. */
const usualDays = 90;

/** Days that scenes are kept, if they end before their events. */
export const sceneDays = 30;

/** The monthly cost of storage for so many passings a month, once the first of them expire. */
export function storageOf(
  {
    s3Bytes,
    s3ColdBytes,
    s3SceneBytes,
    s3Tags,
    rowBytes,
  }: Pick<Used, "s3Bytes" | "s3ColdBytes" | "s3SceneBytes" | "s3Tags"> & { rowBytes: number },
  passings: number,
  keptDays = usualDays,
) {
  const kept = (passings * keptDays) / 30;
  const objects = (s3Bytes - s3ColdBytes) * price.objects + s3ColdBytes * price.coldObjects;
  const scenes = (passings * sceneDays * s3SceneBytes * price.objects) / 30;
  const tags = (passings * sceneDays * s3Tags * price.tags) / 30 / 1e6;
  return { objects: (kept * objects + scenes) / 1e9 + tags, rows: (kept * rowBytes * price.rows) / 1e9 };
}
