/** IAM statements of functions, word for word. */

const table = "arn:aws:dynamodb:eu-west-1:123456789012:table/gatepost-test-EventsTable";
const bucket = "arn:aws:s3:::gatepost-test-storebucket";

const allow = (Action: string[], Resource: string[]) => ({ Effect: "Allow", Action, Resource });

/** Nobody but the API writes rows of keys and of the audit log. */
export const noKeys = {
  Effect: "Deny",
  Action: ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"],
  Resource: [table],
  Condition: { "ForAnyValue:StringLike": { "dynamodb:LeadingKeys": ["key_*", "audit*"] } },
};

const announcing = [
  allow(["events:PutEvents"], ["arn:aws:events:eu-west-1:123456789012:event-bus/gatepost-test-BusBus"]),
];

const receiving = [
  allow(["dynamodb:BatchGetItem", "dynamodb:UpdateItem", "dynamodb:PutItem"], [table]),
  allow(["s3:PutObject"], [`${bucket}/pictures/*`, `${bucket}/registered/*`]),
  allow(["s3:GetObject"], [`${bucket}/registered/*`]),
  allow(["s3:PutObject", "s3:DeleteObject"], [`${bucket}/quarantine/*`]),
  allow(["dynamodb:Query"], [`${table}/index/byBox`]),
  allow(["dynamodb:UpdateItem", "dynamodb:DeleteItem"], [table]),
];

export const ofReceivers = [...receiving, ...announcing];

export const ofActionSweep = [
  allow(["dynamodb:Query"], [`${table}/index/actions1001`, `${table}/index/actions1002`]),
  allow(["dynamodb:BatchGetItem", "dynamodb:UpdateItem"], [table]),
  ...announcing,
  allow(["s3:GetObject", "s3:PutObject"], [`${bucket}/pictures/*`]),
];

export const ofCheckHeard = [allow(["dynamodb:GetItem", "dynamodb:UpdateItem"], [table])];

export const ofBoxSweep = [
  allow(["dynamodb:Query"], [`${table}/index/byTime`]),
  allow(["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:UpdateItem"], [table]),
  ...announcing,
];

export const ofErasureSweep = [
  allow(
    ["dynamodb:Query"],
    ["byTime", "byPerson", "showing_face", "showing_scene", "showing_registered", "showing_infrared"].map(
      (index) => `${table}/index/${index}`,
    ),
  ),
  allow(["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"], [table]),
  allow(["s3:DeleteObject"], [`${bucket}/pictures/*`, `${bucket}/registered/*`, `${bucket}/quarantine/*`]),
  allow(["s3:GetObject"], [`${bucket}/pictures/*`, `${bucket}/registered/*`]),
];

const jobs = "arn:aws:sqs:eu-west-1:123456789012:gatepost-test-JobsQueue";

const startingJobs = [allow(["sqs:SendMessage"], [jobs])];

const keepingExports = [
  allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"], [`${bucket}/exports/*`]),
];

const reading = [
  allow(
    ["dynamodb:Query"],
    ["byTime", "byBox", "byPerson", "changes", "actions1001", "actions1002", "ordered1001", "ordered1002"].map(
      (index) => `${table}/index/${index}`,
    ),
  ),
  allow(["dynamodb:GetItem", "dynamodb:BatchGetItem"], [table]),
  allow(["s3:GetObject"], [`${bucket}/pictures/*`, `${bucket}/registered/*`, `${bucket}/quarantine/*`]),
  allow(["s3:ListBucket"], [bucket]),
];

export const ofTheApi = [...reading, ...receiving, ...announcing, ...keepingExports, ...startingJobs];

export const ofJob = [
  ...reading,
  ...receiving,
  ...announcing,
  ...ofErasureSweep,
  ...keepingExports,
  ...startingJobs,
  allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], [jobs]),
];

export const ofJobSweep = [
  allow(["dynamodb:Query"], [`${table}/index/byTime`]),
  allow(["dynamodb:BatchGetItem", "dynamodb:UpdateItem"], [table]),
  ...startingJobs,
];

export const ofLiveConnect = [
  allow(["dynamodb:Query"], [`${table}/index/byBox`]),
  allow(["dynamodb:BatchGetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"], [table]),
];

export const ofLiveDisconnect = [allow(["dynamodb:DeleteItem"], [table])];

const live = "arn:aws:execute-api:eu-west-1:123456789012:gatepost-test-LiveApi/live";

const sending = [
  allow(["s3:GetObject"], [`${bucket}/pictures/*`, `${bucket}/registered/*`]),
  allow(["s3:ListBucket"], [bucket]),
  allow(["execute-api:ManageConnections"], [`${live}/POST/@connections/*`, `${live}/DELETE/@connections/*`]),
];

/** Indexes that counts and the boxes of a site are read by. */
const counting = ["byTime", "byBox", "actions1001", "actions1002"].map((index) => `${table}/index/${index}`);

export const ofLiveMessage = [
  allow(["dynamodb:Query"], [`${table}/index/changes`, ...counting]),
  allow(["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"], [table]),
  ...sending,
];

export const ofLivePush = [
  allow(["dynamodb:Query"], counting),
  allow(["dynamodb:BatchGetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"], [table]),
  allow(
    ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"],
    [`${table}/stream/1`],
  ),
  allow(["sqs:SendMessage"], ["arn:aws:sqs:eu-west-1:123456789012:gatepost-test-LiveUntoldQueue"]),
  ...sending,
];

export const ofTally = [
  {
    ...allow(["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], [table]),
    Condition: {
      "ForAllValues:StringLike": {
        "dynamodb:LeadingKeys": ["counts *", "counted *", "box *", "pauses *", "reception", "pulse heard"],
      },
    },
  },
  allow(
    ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"],
    [`${table}/stream/1`],
  ),
  allow(["sqs:SendMessage"], ["arn:aws:sqs:eu-west-1:123456789012:gatepost-test-UncountedQueue"]),
];

export const ofLiveReset = [
  allow(
    ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
    ["arn:aws:sqs:eu-west-1:123456789012:gatepost-test-LiveUntoldQueue"],
  ),
  allow(["dynamodb:Query"], [`${table}/index/byTime`]),
  allow(["dynamodb:UpdateItem", "dynamodb:DeleteItem"], [table]),
  allow(["execute-api:ManageConnections"], [`${live}/DELETE/@connections/*`]),
];
