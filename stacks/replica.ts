/// <reference path="../.sst/platform/config.d.ts" />
import { stage } from "./stage.ts";
import {
  bucket,
  copiedPrefixes,
  dataKey,
  encrypted,
  endedScenes,
  erasedVersions,
  expiring,
  keyThrough,
} from "./storage.ts";

/**
 * The bucket with the copy, and the metric of copies that failed, for each rule of the replication; undefined without a
 * copy.
 */
export const replica = stage.replica === undefined ? undefined : copying(stage.replica);

/**
 * Has S3 copy each new picture to a bucket of another region. An erasure leaves a marker, which is copied, too: no one
 * reads the picture any more, and both buckets remove its versions after a day. S3 copies no end by age, so the other
 * bucket has the same rules.
 */
function copying(region: string) {
  // In production a copy that is no longer wanted outlives its setting. It must stay private, and its pictures must end.
  const staying = (args: { region?: $util.Input<string> }, opts: $util.CustomResourceOptions): undefined => {
    args.region = region;
    opts.retainOnDelete = stage.isProtected;
  };
  const copy = new sst.aws.Bucket("Replica", {
    enforceHttps: true,
    cors: false,
    versioning: true,
    lifecycle: expiring.filter(({ prefix }) => copiedPrefixes.some((copied) => prefix.startsWith(copied))),
    transform: {
      lifecycle: (args, opts) => {
        staying(args, opts);
        args.rules = $output(args.rules).apply((rules) => [...(rules ?? []), ...endedScenes, erasedVersions]);
      },
      bucket: { region, forceDestroy: !stage.isProtected },
      policy: staying,
      publicAccessBlock: staying,
      versioning: staying,
    },
  });
  const key =
    dataKey === undefined
      ? undefined
      : keyThrough("ReplicaKey", { description: "the copy of pictures", services: ["s3"], region });
  encrypted("Replica", copy, key, region);
  new aws.s3.BucketOwnershipControls("ReplicaOwnership", {
    bucket: copy.name,
    region,
    rule: { objectOwnership: "BucketOwnerEnforced" },
  });
  const replication = new aws.s3.BucketReplicationConfig(
    "StoreReplication",
    {
      bucket: bucket.name,
      role: copierOf(copy).arn,
      rules: copiedPrefixes.map((prefix, priority) => ({
        id: prefix.replace("/", ""),
        priority,
        status: "Enabled",
        filter: { prefix },
        deleteMarkerReplication: { status: "Enabled" },
        ...(key === undefined ? {} : { sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } } }),
        destination: {
          bucket: copy.arn,
          metrics: { status: "Enabled" },
          ...(key === undefined ? {} : { encryptionConfiguration: { replicaKmsKeyId: key.arn } }),
        },
      })),
    },
    // Both buckets have versions then.
    { dependsOn: [bucket, copy] },
  );
  const uncopied = copiedPrefixes.map((prefix) => ({
    namespace: "AWS/S3",
    metricName: "OperationsFailedReplication",
    dimensions: {
      SourceBucket: replication.bucket,
      DestinationBucket: copy.name,
      RuleId: prefix.replace("/", ""),
    },
  }));
  return { bucket: copy, uncopied };
}

/** The role by which S3 reads versions of the bucket and writes them into its copy. */
function copierOf(copy: sst.aws.Bucket) {
  const objects = (of: sst.aws.Bucket) => copiedPrefixes.map((prefix) => $interpolate`${of.arn}/${prefix}*`);
  return new aws.iam.Role("ReplicaRole", {
    assumeRolePolicy: $jsonStringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "s3.amazonaws.com" }, Action: "sts:AssumeRole" }],
    }),
    inlinePolicies: [
      {
        name: "copy",
        policy: $jsonStringify({
          Version: "2012-10-17",
          Statement: [
            { Effect: "Allow", Action: ["s3:GetReplicationConfiguration", "s3:ListBucket"], Resource: [bucket.arn] },
            {
              Effect: "Allow",
              Action: ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"],
              Resource: objects(bucket),
            },
            {
              Effect: "Allow",
              Action: ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"],
              Resource: objects(copy),
            },
          ],
        }),
      },
    ],
  });
}
