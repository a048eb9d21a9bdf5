/// <reference path="../.sst/platform/config.d.ts" />
import { replica } from "./replica.ts";
import { stage } from "./stage.ts";
import { bucket } from "./storage.ts";

/** Days that CloudTrail's notes are kept: as long as the counts of passings. */
const keptDays = 400;

if (stage.hasDataEvents) noteAccess();

/** Notes in CloudTrail every read and write of an object of the bucket and of its copy, with its caller. */
function noteAccess() {
  const name = `gatepost-${$app.stage}-pictures`;
  const { partition } = aws.getPartitionOutput();
  const { region } = aws.getRegionOutput();
  const { accountId } = aws.getCallerIdentityOutput();
  const arn = $interpolate`arn:${partition}:cloudtrail:${region}:${accountId}:trail/${name}`;
  const noted = replica === undefined ? [bucket] : [bucket, replica.bucket];
  const ofTrail = {
    principals: [{ type: "service" as const, identifiers: ["cloudtrail.amazonaws.com"] }],
    conditions: [{ test: "StringEquals", variable: "aws:SourceArn", values: [arn] }],
  };
  const notes = new sst.aws.Bucket("Trail", {
    enforceHttps: true,
    cors: false,
    lifecycle: [{ id: "notes", expiresIn: `${keptDays} days` }],
    policy: [
      { actions: ["s3:GetBucketAcl"], ...ofTrail },
      { actions: ["s3:PutObject"], paths: ["AWSLogs/*"], ...ofTrail },
    ],
    transform: {
      bucket: (args) => {
        args.forceDestroy = !stage.isProtected;
      },
    },
  });
  new aws.cloudtrail.Trail(
    "PictureTrail",
    {
      name,
      s3BucketName: notes.name,
      includeGlobalServiceEvents: false,
      // A trail of one region notes nothing of the copy in another one.
      isMultiRegionTrail: replica !== undefined,
      enableLogFileValidation: true,
      advancedEventSelectors: [
        {
          name: "Reads and writes of pictures",
          fieldSelectors: [
            { field: "eventCategory", equals: ["Data"] },
            { field: "resources.type", equals: ["AWS::S3::Object"] },
            { field: "resources.ARN", startsWiths: noted.map(({ arn }) => $interpolate`${arn}/`) },
          ],
        },
      ],
    },
    // AWS refuses a trail that its bucket does not allow.
    { dependsOn: [notes] },
  );
}
