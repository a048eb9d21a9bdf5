/// <reference path="../.sst/platform/config.d.ts" />
import { stage } from "./stage.ts";

const { partition, dnsSuffix } = aws.getPartitionOutput();
const { accountId } = aws.getCallerIdentityOutput();
const { region } = aws.getRegionOutput();

/**
 * The KMS key of table and bucket, if the stage asks for one. Callers that may use these may use the key through them,
 * and no one may use it directly. AWS's own keys work the same way, so functions need no additional permission.
 */
export const dataKey = stage.hasOwnKey ? keyOfData() : undefined;

function keyOfData() {
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
        Sid: "UseThroughTableAndBucket",
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
            "kms:ViaService": ["dynamodb", "s3"].map((service) => $interpolate`${service}.${region}.${dnsSuffix}`),
          },
        },
      },
    ],
  });
  return new aws.kms.Key(
    "DataKey",
    {
      description: `Gatepost ${$app.stage}: events and pictures`,
      enableKeyRotation: true,
      deletionWindowInDays: 30,
      policy,
    },
    // Table and bucket may outlive their stage, and cannot be read without the key.
    { retainOnDelete: stage.isProtected },
  );
}
