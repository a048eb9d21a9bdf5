/// <reference path="../.sst/platform/config.d.ts" />
import { dataKey, encrypted } from "./key.ts";
import { stage } from "./stage.ts";

/** Events of a month share pictures: the last event of a month outlives the first one by a month. */
const maxMonthDays = 31;

/** Days after which objects expire: one more than their rows, so that no object is gone before its row. */
const outlivingRows = stage.retentionDays + 1;

/** The objects that a copy in another region has, too. */
export const copiedPrefixes = ["pictures/", "registered/", "quarantine/"];

/** When objects expire, by their prefix. */
export const expiring = [
  { id: "pictures", prefix: "pictures/", expiresIn: `${outlivingRows} days` },
  // If two rules match an object, the earlier end counts. So a scene is gone after its event at the latest.
  ...(stage.sceneDays === undefined
    ? []
    : [{ id: "scenes", prefix: "pictures/scene/", expiresIn: `${stage.sceneDays + 1} days` as const }]),
  { id: "registered", prefix: "registered/", expiresIn: `${stage.retentionDays + maxMonthDays} days` },
  { id: "quarantine", prefix: "quarantine/", expiresIn: `${outlivingRows} days` },
  // The age of a multipart object counts from its first part, and an export may take hours. Its links end sooner.
  { id: "exports", prefix: "exports/", expiresIn: "2 days" },
] satisfies sst.aws.BucketArgs["lifecycle"];

/**
 * Removes the versions of erased objects. A bucket has versions only with a copy in another region, but keeps those that
 * it has when the copy is dropped.
 */
export const erasedVersions = {
  id: "erased-versions",
  status: "Enabled",
  filter: { prefix: "" },
  noncurrentVersionExpiration: { noncurrentDays: 1 },
  expiration: { expiredObjectDeleteMarker: true },
};

export const bucket = new sst.aws.Bucket("Store", {
  enforceHttps: true,
  cors: false,
  // Without a copy no versions: an erased picture is gone at once. S3 copies only between buckets with versions.
  versioning: stage.replica !== undefined,
  lifecycle: expiring,
  transform: {
    lifecycle: (args) => {
      // Nothing else removes the parts of an export that never ended.
      args.rules = $output(args.rules).apply((rules) => [
        ...(rules ?? []),
        erasedVersions,
        {
          id: "unfinished-exports",
          status: "Enabled",
          filter: { prefix: "exports/" },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
        },
      ]);
    },
    bucket: (args) => {
      // A bucket with pictures in it is never removed by removing the stage.
      args.forceDestroy = !stage.isProtected;
    },
  },
});

encrypted("Store", bucket, dataKey);

new aws.s3.BucketOwnershipControls("StoreOwnership", {
  bucket: bucket.name,
  rule: { objectOwnership: "BucketOwnerEnforced" },
});

export const indexes = {
  byTime: { hashKey: "byTime", rangeKey: "at", projection: "keys-only" },
  byBox: { hashKey: "byBox", rangeKey: "at", projection: "keys-only" },
  byPerson: { hashKey: "byPerson", rangeKey: "at", projection: "keys-only" },
  changes: { hashKey: "byChange", rangeKey: "changed", projection: "keys-only" },
  actions1001: { hashKey: "a_1001", rangeKey: "t_1001", projection: "keys-only" },
  actions1002: { hashKey: "a_1002", rangeKey: "t_1002", projection: "keys-only" },
  awaited: { hashKey: "awaited", rangeKey: "awaitedAt", projection: "keys-only" },
  ordered1001: { hashKey: "v_1001", rangeKey: "t_1001", projection: "keys-only" },
  ordered1002: { hashKey: "v_1002", rangeKey: "t_1002", projection: "keys-only" },
  byPicture: { hashKey: "byPicture", rangeKey: "pk", projection: "keys-only" },
  spare1: { hashKey: "spare1", rangeKey: "spare1At", projection: "keys-only" },
  spare2: { hashKey: "spare2", rangeKey: "spare2At", projection: "keys-only" },
} as const;

export const table = new sst.aws.Dynamo("Events", {
  fields: {
    pk: "string",
    byTime: "string",
    byBox: "string",
    byPerson: "string",
    at: "string",
    byChange: "string",
    changed: "string",
    a_1001: "string",
    t_1001: "string",
    a_1002: "string",
    t_1002: "string",
    awaited: "string",
    awaitedAt: "string",
    v_1001: "string",
    v_1002: "string",
    byPicture: "string",
    spare1: "string",
    spare1At: "string",
    spare2: "string",
    spare2At: "string",
  },
  primaryIndex: { hashKey: "pk" },
  globalIndexes: indexes,
  ttl: "ttl",
  // The live feed reads it.
  stream: "new-and-old-images",
  deletionProtection: stage.isProtected,
  transform: {
    table: (args, opts) => {
      // An index of a large table is built for hours, and a deploy would give up after one.
      opts.customTimeouts = { update: "24h" };
      if (dataKey !== undefined) args.serverSideEncryption = { enabled: true, kmsKeyArn: dataKey.arn };
    },
  },
});
