/// <reference path="../.sst/platform/config.d.ts" />
import { stage } from "./stage.ts";

const { partition, dnsSuffix } = aws.getPartitionOutput();
const { accountId } = aws.getCallerIdentityOutput();
const here = aws.getRegionOutput().region;

/** The KMS key of table and bucket, if the stage asks for one. */
export const dataKey = stage.hasOwnKey
  ? keyThrough("DataKey", {
      description: "events and pictures",
      services: ["dynamodb", "s3"],
      readers: stage.pictureReaders,
    })
  : undefined;

interface KeyArgs {
  description: string;
  services: string[];
  /** Another region than the deployment's. */
  region?: string;
  /** Other accounts that may read objects, as far as their bucket lets them. */
  readers?: readonly string[];
}

/**
 * A KMS key of data. Callers that may use its services' resources may use the key through them, and no one may use it
 * directly. AWS's own keys work the same way, so functions need no additional permission.
 */
export function keyThrough(name: string, { description, services, region, readers = [] }: KeyArgs) {
  const policy = $jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "Administer",
        Effect: "Allow",
        Principal: { AWS: $interpolate`arn:${partition}:iam::${accountId}:root` },
        Action: "kms:*",
        Resource: "*",
      },
      {
        Sid: "UseThroughServices",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: [
          "kms:Encrypt",
          "kms:Decrypt",
          "kms:ReEncrypt*",
          "kms:GenerateDataKey*",
          "kms:CreateGrant",
          "kms:DescribeKey",
        ],
        Resource: "*",
        Condition: {
          StringEquals: {
            "kms:CallerAccount": accountId,
            "kms:ViaService": services.map((service) => $interpolate`${service}.${region ?? here}.${dnsSuffix}`),
          },
        },
      },
      ...readers.map((reader) => ({
        Sid: `ReadThroughS3${reader}`,
        Effect: "Allow",
        Principal: { AWS: $interpolate`arn:${partition}:iam::${reader}:root` },
        Action: "kms:Decrypt",
        Resource: "*",
        Condition: { StringEquals: { "kms:ViaService": $interpolate`s3.${region ?? here}.${dnsSuffix}` } },
      })),
    ],
  });
  return new aws.kms.Key(
    name,
    {
      ...(region === undefined ? {} : { region }),
      description: `Gatepost ${$app.stage}: ${description}`,
      enableKeyRotation: true,
      deletionWindowInDays: 30,
      policy,
    },
    // The data may outlive its stage, and cannot be read without the key.
    { retainOnDelete: stage.isProtected },
  );
}

/** Encrypts new objects of a bucket: with a key, or with S3's own. */
export function encrypted(name: string, bucket: sst.aws.Bucket, key: aws.kms.Key | undefined, region?: string) {
  new aws.s3.BucketServerSideEncryptionConfiguration(`${name}Encryption`, {
    bucket: bucket.name,
    ...(region === undefined ? {} : { region }),
    rules: [
      key === undefined
        ? { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }
        : {
            applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key.arn },
            // Without it, each picture would be a paid call of KMS.
            bucketKeyEnabled: true,
          },
    ],
  });
}

/** Events of a month share pictures: the last event of a month outlives the first one by a month. */
const maxMonthDays = 31;

/** Days after which objects expire: one more than their rows, so that no object is gone before its row. */
const outlivingRows = stage.retentionDays + 1;

/** The objects that a copy in another region has, too. */
export const copiedPrefixes = ["pictures/", "registered/", "quarantine/"];

/** When objects expire, by their prefix. */
export const expiring = [
  { id: "pictures", prefix: "pictures/", expiresIn: `${outlivingRows} days` },
  { id: "registered", prefix: "registered/", expiresIn: `${stage.retentionDays + maxMonthDays} days` },
  { id: "quarantine", prefix: "quarantine/", expiresIn: `${outlivingRows} days` },
  // The age of a multipart object counts from its first part, and an export may take hours. Its links end sooner.
  { id: "exports", prefix: "exports/", expiresIn: "2 days" },
] satisfies sst.aws.BucketArgs["lifecycle"];

/**
 * Removes scenes before their events, by the tag with which they are stored. If two rules match an object, the earlier
 * end counts. So a scene is gone after its event at the latest.
 */
export const endedScenes =
  stage.sceneDays === undefined
    ? []
    : [
        {
          id: "scenes",
          status: "Enabled",
          filter: { and: { prefix: "pictures/", tags: { kept: "scene" } } },
          expiration: { days: stage.sceneDays + 1 },
        },
      ];

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
  policy:
    stage.pictureReaders.length === 0
      ? []
      : [
          {
            principals: [{ type: "aws", identifiers: [...stage.pictureReaders] }],
            actions: ["s3:GetObject"],
            paths: ["pictures/*"],
          },
        ],
  transform: {
    lifecycle: (args) => {
      // Nothing else removes the parts of an export that never ended.
      args.rules = $output(args.rules).apply((rules) => [
        ...(rules ?? []),
        ...endedScenes,
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
  },
  primaryIndex: { hashKey: "pk" },
  globalIndexes: indexes,
  ttl: "ttl",
  // The tally counts by it.
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
