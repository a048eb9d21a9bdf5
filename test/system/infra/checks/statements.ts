/** IAM statements of functions, word for word. */

const table = "arn:aws:dynamodb:eu-west-1:123456789012:table/gatepost-test-EventsTable";
const bucket = "arn:aws:s3:::gatepost-test-storebucket";

const allow = (Action: string[], Resource: string[]) => ({ Effect: "Allow", Action, Resource });

/** Rows of some kinds alone, by how their keys begin. */
export const onRows = (actions: string[], ...kinds: string[]) => ({
  ...allow(
    actions.map((action) => `dynamodb:${action}`),
    [table],
  ),
  Condition: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": kinds } },
});

/** The rows of accounts, of the ways to find them, of their sessions, and of the roles of groups. */
const accounts = [
  "acc_*",
  "account-*",
  "administrators",
  "invitation *",
  "setup *",
  "ses_*",
  "factors *",
  "half *",
  "challenge *",
  "company",
];

/** Only the API writes rows of keys, of accounts and of the audit log. */
export const noKeys = {
  Effect: "Deny",
  Action: ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"],
  Resource: [table],
  Condition: { "ForAnyValue:StringLike": { "dynamodb:LeadingKeys": ["key_*", "terminal *", "audit*", ...accounts] } },
};

/** Only the API, and jobs for many of them, write the orders about actions. */
export const noOrders = {
  Effect: "Deny",
  Action: ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"],
  Resource: [table],
  Condition: { "ForAnyValue:StringLike": { "dynamodb:Attributes": ["o_1001", "o_1002", "v_1001", "v_1002"] } },
};

const announcing = [
  allow(["events:PutEvents"], ["arn:aws:events:eu-west-1:123456789012:event-bus/gatepost-test-BusBus"]),
];

const reporting = [
  onRows(
    ["BatchGetItem"],
    ...["key_*", "terminal *", "used *", "map_*", "box *", "site *", "pin *", "evt_*", "erasure-seal", "leaving *"],
    ...["secret suppression", "device *", "devices *", "unknown-terminals"],
  ),
  onRows(
    ["UpdateItem"],
    ...[
      "receipt *",
      "used *",
      "evt_*",
      "besides *",
      "device *",
      "notice *",
      "pin *",
      "erasure evt_*",
      "unknown-terminals",
    ],
    "feed head",
  ),
  onRows(["PutItem"], "evt_*", "devices *", "notice *", "pin *", "unknown-terminals", "receipt *"),
  onRows(["DeleteItem"], "device *"),
];

const storing = [
  allow(["s3:PutObject"], [`${bucket}/pictures/*`, `${bucket}/registered/*`]),
  allow(["s3:PutObjectTagging"], [`${bucket}/pictures/*`]),
  allow(["s3:GetObject"], [`${bucket}/registered/*`]),
  allow(["s3:PutObject", "s3:DeleteObject"], [`${bucket}/quarantine/*`]),
  allow(["dynamodb:Query"], [`${table}/index/byBox`]),
  onRows(["UpdateItem"], "qrt_*", "quarantine *", "batch *"),
  onRows(["DeleteItem"], "qrt_*"),
];

const receiving = [...reporting, ...storing];

export const ofReceivers = [...receiving, ...announcing];

export const ofActionSweep = [
  allow(
    ["dynamodb:Query"],
    ["actions1001", "actions1002", "awaited"].map((index) => `${table}/index/${index}`),
  ),
  onRows(["BatchGetItem", "UpdateItem"], "evt_*", "feed head"),
  ...announcing,
];

export const ofCheckHeard = [onRows(["GetItem", "UpdateItem"], "evt_*", "feed head")];

const fed = ["evt_*", "nws_*", "feed head"];

export const ofBoxSweep = [
  allow(
    ["dynamodb:Query"],
    ["byTime", "byBox", "changes"].map((index) => `${table}/index/${index}`),
  ),
  onRows(["GetItem", "BatchGetItem"], "box *", "pauses *", "reception", "pulse heard"),
  onRows(["GetItem", "BatchGetItem"], "boxes moved", "alarm *", "alarms", "alarm-watch", "seen *", "site *", ...fed),
  onRows(["GetItem", "BatchGetItem"], "visit *", "visit-watch", "people settings", "notice *"),
  onRows(["UpdateItem"], "box *", "boxes moved", "pauses *", "reception", "pulse", "beat *", "alarm *", "alarm-watch"),
  onRows(["UpdateItem"], "visit *", "visit-watch"),
  onRows(["PutItem"], "box *", "pauses *", "alarm *", "alarm-watch", "visit-watch"),
  onRows(["DeleteItem"], "alarm-watch"),
  ...announcing,
];

const ofPeople = ["visit *", "person *", "left_*", "cor_*", "last-day *", "roster *", "closed-days *", "roll-person *"];

const erasingRows = [
  allow(
    ["dynamodb:Query"],
    ["byTime", "byPerson", "byPicture", "byBox"].map((index) => `${table}/index/${index}`),
  ),
  onRows(["GetItem", "BatchGetItem"], "evt_*", "leaving *", "notice *", "qrt_*", ...ofPeople),
  onRows(
    ["UpdateItem"],
    ...["erasure evt_*", "erasure person *", "erasure-seal", "leaving *", "qrt_*", "quarantine *"],
    ...["roster-month *", "nws_*", "feed head"],
  ),
  onRows(["DeleteItem"], "evt_*", "seen *", "notes *", "notice *", "pin *", "qrt_*", "batch *", ...ofPeople),
  allow(["s3:DeleteObject"], [`${bucket}/quarantine/*`]),
];

/** It may note further steps of an erasure, but no person or event that must not return. */
export const ofErasureSweep = [
  ...erasingRows,
  onRows(["GetItem"], "erasure *"),
  onRows(["DeleteItem"], "erasure *", "besides *"),
  allow(["s3:DeleteObject"], [`${bucket}/pictures/*`, `${bucket}/registered/*`]),
  allow(["s3:GetObject"], [`${bucket}/registered/*`]),
  { ...allow(["s3:ListBucket"], [bucket]), Condition: { StringLike: { "s3:prefix": ["pictures/*"] } } },
];

/** It may remove no picture, and take back no erasure. */
const erasing = [...erasingRows, onRows(["GetItem", "UpdateItem"], "secret suppression", "suppressed *")];

const jobs = "arn:aws:sqs:eu-west-1:123456789012:gatepost-test-JobsQueue";

const startingJobs = [allow(["sqs:SendMessage"], [jobs])];

const keepingExports = [
  {
    ...allow(["s3:ListBucket", "s3:ListBucketMultipartUploads"], [bucket]),
    Condition: { StringLike: { "s3:prefix": ["exports/*"] } },
  },
  allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"], [`${bucket}/exports/*`]),
];

const reading = [
  allow(
    ["dynamodb:Query"],
    ["byTime", "byBox", "byPerson", "changes", "actions1001", "actions1002", "ordered1001", "ordered1002"].map(
      (index) => `${table}/index/${index}`,
    ),
  ),
  onRows(["GetItem", "BatchGetItem"], ...fed, "qrt_*", "quarantine *", "suppressed *"),
  allow(["s3:GetObject"], [`${bucket}/pictures/*`, `${bucket}/registered/*`, `${bucket}/quarantine/*`]),
  allow(["s3:ListBucket"], [bucket]),
];

const anyRow = ["GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem"].map((name) => `dynamodb:${name}`);

export const ofTheApi = [
  ...reading,
  allow(anyRow, [table]),
  ...storing,
  ...announcing,
  ...keepingExports,
  ...startingJobs,
];

export const ofJob = [
  ...reading,
  ...receiving,
  ...announcing,
  ...erasing,
  ...keepingExports,
  ...startingJobs,
  allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], [jobs]),
  onRows(["GetItem", "BatchGetItem", "UpdateItem"], "job *", "removal *", "seen *", "replayed *"),
  onRows(
    ["GetItem", "BatchGetItem"],
    "boxes moved",
    "site *",
    "schedule *",
    "closed-month *",
    "acc_*",
    "people settings",
  ),
  onRows(["PutItem"], "removal *", "seen *"),
  onRows(["DeleteItem"], "map_*"),
];

const notifications = "arn:aws:sqs:eu-west-1:123456789012:gatepost-test-NotificationsQueue";

export const ofAlert = [
  allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], [notifications]),
  allow(["dynamodb:Query"], [`${table}/index/byTime`, `${table}/index/byBox`]),
  onRows(
    ["GetItem", "BatchGetItem"],
    ...["sub_*", "push-keys", "push-contact", "acc_*", "evt_*", "seen *", "rol_*", "box *", "notice *"],
  ),
  onRows(["UpdateItem", "DeleteItem"], "sub_*"),
];

export const ofJobSweep = [
  allow(["dynamodb:Query"], [`${table}/index/byTime`]),
  onRows(["BatchGetItem", "UpdateItem", "PutItem", "DeleteItem"], "job *"),
  ...startingJobs,
];

export const ofTally = [
  onRows(
    ["GetItem", "BatchGetItem", "PutItem", "UpdateItem"],
    ...["counts *", "counted *", "box *", "boxes moved", "pauses *", "reception", "pulse heard"],
  ),
  allow(["dynamodb:Query"], [`${table}/index/byPerson`]),
  onRows(["BatchGetItem"], "evt_*"),
  onRows(["GetItem", "PutItem", "UpdateItem", "DeleteItem"], "person *"),
  onRows(["GetItem"], "people settings"),
  allow(
    ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"],
    [`${table}/stream/1`],
  ),
  allow(["sqs:SendMessage"], ["arn:aws:sqs:eu-west-1:123456789012:gatepost-test-UncountedQueue"]),
  allow(["dynamodb:Query"], [`${table}/index/byTime`]),
  onRows(["BatchGetItem"], "sub_*"),
  allow(["sqs:SendMessage"], [notifications]),
];
