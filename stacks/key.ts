/// <reference path="../.sst/platform/config.d.ts" />
import { stage } from "./stage.ts";

const { partition, dnsSuffix } = aws.getPartitionOutput();
const { accountId } = aws.getCallerIdentityOutput();
const here = aws.getRegionOutput().region;

/** The KMS key of table and bucket, if the stage asks for one. */
export const dataKey = stage.hasOwnKey
  ? keyThrough("DataKey", { description: "events and pictures", services: ["dynamodb", "s3"] })
  : undefined;

interface KeyArgs {
  description: string;
  services: string[];
  /** Another region than the deployment's. */
  region?: string;
}

/**
 * A KMS key of data. Callers that may use its services' resources may use the key through them, and no one may use it
 * directly. AWS's own keys work the same way, so functions need no additional permission.
 */
export function keyThrough(name: string, { description, services, region }: KeyArgs) {
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
