/// <reference path="../.sst/platform/config.d.ts" />
import { addressed, alertQueues, bus, jobs, notifications, uncounted } from "./bus.ts";
import { stage } from "./stage.ts";
import { bucket, table } from "./storage.ts";

/*
 * The rights of functions, a list of permissions for each purpose. To link the table or the bucket itself would grant
 * everything on it. Instead, a function may use only the kinds of rows that it needs; the key of a row begins with its
 * kind.
 */

/** What a function may do. */
export type Rights = readonly Parameters<typeof sst.aws.permission>[0][];

const onObjects = (actions: string[], ...prefixes: string[]) => ({
  actions: actions.map((action) => `s3:${action}`),
  resources: prefixes.map((prefix) => $interpolate`${bucket.arn}/${prefix}/*`),
});

/** Lists objects of a folder. */
const listing = (folder: string, ...others: string[]) => ({
  actions: ["ListBucket", ...others].map((action) => `s3:${action}`),
  resources: [bucket.arn],
  conditions: [{ test: "StringLike", variable: "s3:prefix", values: [`${folder}/*`] }],
});

/** Lists rows by indexes. */
const onIndexes = (...names: string[]) => ({
  actions: ["dynamodb:Query"],
  resources: names.map((name) => $interpolate`${table.arn}/index/${name}`),
});

const onRows = (actions: string[], ...kinds: string[]) => ({
  actions: actions.map((action) => `dynamodb:${action}`),
  resources: [table.arn],
  conditions: [{ test: "ForAllValues:StringLike", variable: "dynamodb:LeadingKeys", values: kinds }],
});

const takingFrom = (queue: sst.aws.Queue) => ({
  actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
  resources: [queue.arn],
});

const sendingTo = (queue: sst.aws.Queue) => ({ actions: ["sqs:SendMessage"], resources: [queue.arn] });

/** Reads the stream of the table. */
const readingStream = {
  actions: ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"],
  resources: [table.nodes.table.streamArn],
};

/** Without this permission S3 answers 403 for an object that is gone, and not 404. */
const tellingWhatIsGone = { actions: ["s3:ListBucket"], resources: [bucket.arn] };

/** The rows of accounts, of the ways to find them, of sessions and first links, and of the roles of groups. */
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

/**
 * Denies writing rows of keys, of accounts and of the audit log, for every function except the API, which makes and
 * revokes keys. A function that could do it could make a key or an account for everything, or hide that in the log.
 */
export const writingKeys = {
  effect: "deny" as const,
  actions: ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"],
  resources: [table.arn],
  conditions: [
    {
      test: "ForAnyValue:StringLike",
      variable: "dynamodb:LeadingKeys",
      values: ["key_*", "terminal *", "audit*", ...accounts],
    },
  ],
};

/**
 * Denies writing orders for actions, for every function except the API, which takes the decisions of persons, and jobs,
 * which carry out many of them. An order is in the row of its event, which other functions write, too; bridges let people
 * in by it.
 */
export const givingOrders = {
  effect: "deny" as const,
  actions: ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"],
  resources: [table.arn],
  conditions: [
    {
      test: "ForAnyValue:StringLike",
      variable: "dynamodb:Attributes",
      values: ["o_1001", "o_1002", "v_1001", "v_1002"],
    },
  ],
};

/** Everything that the API stores: keys and the audit log, tickets, orders, jobs, boxes, and imported events. */
export const recordKeeper = [
  {
    actions: [
      "dynamodb:GetItem",
      "dynamodb:BatchGetItem",
      "dynamodb:PutItem",
      "dynamodb:UpdateItem",
      "dynamodb:DeleteItem",
    ],
    resources: [table.arn],
  },
];

/**
 * Finds the key of a box, notes its use, writes the event of a report, and notes its device, which it removes again if
 * the box has named too many. Notes terminals whose serial no key lists, and when reports without a time were received.
 */
export const reportWriter = [
  onRows(
    ["BatchGetItem"],
    "key_*",
    "terminal *",
    "used *",
    // Mappings, the time zone of a box or its site, and the names of people at its terminals.
    "map_*",
    "box *",
    "site *",
    "pin *",
    "evt_*",
    "erasure-seal",
    "leaving *",
    "secret suppression",
    "device *",
    "devices *",
    "unknown-terminals",
  ),
  onRows(
    ["UpdateItem"],
    "receipt *",
    "used *",
    "evt_*",
    "besides *",
    "device *",
    "notice *",
    "pin *",
    "erasure evt_*",
    "unknown-terminals",
    "feed head",
  ),
  onRows(["PutItem"], "evt_*", "devices *", "notice *", "pin *", "unknown-terminals", "receipt *"),
  onRows(["DeleteItem"], "device *"),
];

export const pictureWriter = [
  onObjects(["PutObject"], "pictures", "registered"),
  // Scenes that end before their events have a tag.
  onObjects(["PutObjectTagging"], "pictures"),
  // Whether a registered picture exists is asked by HeadObject, which needs this permission.
  onObjects(["GetObject"], "registered"),
];

/** Keeps reports that were not understood, and drops records of a box that fills up. */
export const quarantineWriter = [
  onObjects(["PutObject", "DeleteObject"], "quarantine"),
  onIndexes("byBox"),
  onRows(["UpdateItem"], "qrt_*", "quarantine *", "batch *"),
  onRows(["DeleteItem"], "qrt_*"),
];

export const announcer = [{ actions: ["events:PutEvents"], resources: [bus.arn] }];

/** Takes actions that were left pending, and events that were not announced. */
export const actionSweeper = [
  onIndexes("actions1001", "actions1002", "awaited"),
  onRows(["BatchGetItem", "UpdateItem"], "evt_*", "feed head"),
];

/** Answers as the subscriber of checks. */
export const checkHearer = [onRows(["GetItem", "UpdateItem"], "evt_*", "feed head")];

/** The rows of the feed of changes. */
const fed = ["evt_*", "nws_*", "feed head"];

/**
 * Looks at the boxes that are due, at whether the stream of the table is read, at whether the index of changes lags, and
 * at passings of the blacklist that no person has acknowledged, and of visitors.
 */
export const boxSweeper = [
  onIndexes("byTime", "byBox", "changes"),
  onRows(["GetItem", "BatchGetItem"], "box *", "pauses *", "reception", "pulse heard"),
  onRows(["GetItem", "BatchGetItem"], "boxes moved", "alarm *", "alarms", "alarm-watch", "seen *", "site *", ...fed),
  onRows(["GetItem", "BatchGetItem"], "visit *", "visit-watch", "people settings", "notice *"),
  onRows(["UpdateItem"], "box *", "boxes moved", "pauses *", "reception", "pulse", "beat *", "alarm *", "alarm-watch"),
  onRows(["UpdateItem"], "visit *", "visit-watch"),
  onRows(["PutItem"], "box *", "pauses *", "alarm *", "alarm-watch", "visit-watch"),
  onRows(["DeleteItem"], "alarm-watch"),
];

/** The rows about people beside events: profiles, corrections, last days, rosters, closed months, evacuation lists, and visits. */
const ofPeople = ["visit *", "person *", "left_*", "cor_*", "last-day *", "roster *", "closed-days *", "roll-person *"];

/**
 * Erases the rows of events and people, quarantine records, and statuses of boxes, and notes the pictures to remove. Needed
 * to begin an erasure and to finish one.
 */
const erasingRows = [
  onIndexes("byTime", "byPerson", "byPicture", "byBox"),
  onRows(["GetItem", "BatchGetItem"], "evt_*", "leaving *", "notice *", "qrt_*", ...ofPeople),
  onRows(
    ["UpdateItem"],
    "erasure evt_*",
    "erasure person *",
    "erasure-seal",
    "leaving *",
    "qrt_*",
    "quarantine *",
    // Whoever has read the roster of an erased person reads it again.
    "roster-month *",
    // Readers of the feed are told.
    "nws_*",
    "feed head",
  ),
  onRows(["DeleteItem"], "evt_*", "seen *", "notes *", "notice *", "pin *", "qrt_*", "batch *", ...ofPeople),
  onObjects(["DeleteObject"], "quarantine"),
];

/** Begins erasures, and notes them, so that erased events do not return. */
export const eraser = [...erasingRows, onRows(["GetItem", "UpdateItem"], "secret suppression", "suppressed *")];

/** Finishes erasures: rows that were not in the indexes yet, and pictures that no event shows any more. */
export const erasureFinisher = [
  ...erasingRows,
  onRows(["GetItem"], "erasure *"),
  onRows(["DeleteItem"], "erasure *", "besides *"),
  onObjects(["DeleteObject"], "pictures", "registered"),
  // By HeadObject and by lists it finds which are there.
  onObjects(["GetObject"], "registered"),
  listing("pictures"),
];

/** Finds the jobs without a worker, and removes old ones that cannot be read. */
export const jobSweeper = [
  onIndexes("byTime"),
  onRows(["BatchGetItem", "UpdateItem", "PutItem", "DeleteItem"], "job *"),
];

/**
 * Notes the progress of a job, records that mappings have read, events that it marks as seen, and persons to remove from
 * boxes. Removes a mapping that it undoes. Exports name boxes.
 */
export const jobWriter = [
  onRows(["GetItem", "BatchGetItem", "UpdateItem"], "job *", "removal *", "seen *", "replayed *"),
  // Exports of hours: sites, schedules, closed months, and names of accounts. The eraser has corrections and people.
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

/** Has jobs done. */
export const jobStarter = [sendingTo(jobs)];

export const jobTaker = [takingFrom(jobs)];

/** Writes the results of exports, gives links to them, and finds and removes them. */
export const exportKeeper = [
  listing("exports", "ListBucketMultipartUploads"),
  onObjects(["GetObject", "PutObject", "DeleteObject", "AbortMultipartUpload"], "exports"),
];

/** Lists and shows events, pictures, actions and quarantine records. */
export const reader = [
  onIndexes("byTime", "byBox", "byPerson", "changes", "actions1001", "actions1002", "ordered1001", "ordered1002"),
  onRows(["GetItem", "BatchGetItem"], ...fed, "qrt_*", "quarantine *", "suppressed *"),
  onObjects(["GetObject"], "pictures", "registered", "quarantine"),
  tellingWhatIsGone,
];

/**
 * Reads the stream of the table and writes counts, the records of boxes, and profiles of people, for which it looks for
 * their newest events. Failed batches go into a queue.
 */
export const tallier = [
  onRows(
    ["GetItem", "BatchGetItem", "PutItem", "UpdateItem"],
    "counts *",
    "counted *",
    "box *",
    "boxes moved",
    "pauses *",
    "reception",
    "pulse heard",
  ),
  onIndexes("byPerson"),
  onRows(["BatchGetItem"], "evt_*"),
  onRows(["GetItem", "PutItem", "UpdateItem", "DeleteItem"], "person *"),
  onRows(["GetItem"], "people settings"),
  readingStream,
  sendingTo(uncounted),
];

/** Has browsers notified of passings that the bus does not get. */
export const passingTeller =
  stage.announceEvents === "1"
    ? []
    : [onIndexes("byTime"), onRows(["BatchGetItem"], "sub_*"), sendingTo(notifications.queue)];

/**
 * Takes entries of which browsers are notified, reads events and what accounts see, and notes which browser was notified.
 * The subscription of a browser ends when its push service or its account does.
 */
export const notifier = [
  takingFrom(notifications.queue),
  // The subscriptions, and the boxes of sites.
  onIndexes("byTime", "byBox"),
  onRows(
    ["GetItem", "BatchGetItem"],
    ...["sub_*", "push-keys", "push-contact", "acc_*", "evt_*", "seen *", "rol_*", "box *", "notice *"],
  ),
  onRows(["UpdateItem", "DeleteItem"], "sub_*"),
];

/** Takes entries that people are alerted of, reads their events and pictures, and remembers the alerts. */
export const alertTeller = alertQueues && [
  takingFrom(alertQueues.queue),
  onRows(["GetItem", "BatchGetItem"], "evt_*", "alert *"),
  onRows(["UpdateItem", "PutItem"], "alert *"),
  onObjects(["GetObject"], "pictures"),
  tellingWhatIsGone,
];

/** Reads the hours of sites, and notes which mails of them, and of resets, were sent; undefined if no rule sends e-mail. */
export const hoursMailer = stage.mailLanguage && [
  onIndexes("byTime", "byBox"),
  onRows(
    ["GetItem", "BatchGetItem"],
    "evt_*",
    "person *",
    "box *",
    "boxes moved",
    "notice *",
    // Boxes that only have a key, and the names of those who corrected hours.
    "key_*",
    "acc_*",
    "site *",
    "schedule *",
    "cor_*",
    "last-day *",
    "roster *",
    "closed-month *",
    "closed-days *",
    "people settings",
    "hours-mail *",
    "reset-mail *",
  ),
  onRows(["UpdateItem"], "hours-mail *", "reset-mail *"),
  onRows(["DeleteItem"], "reset-mail *"),
];

/** Looks whether a topic of alarms has a confirmed subscription; nothing if no topic has an address. */
export const topicReader =
  addressed.length === 0
    ? []
    : [{ actions: ["sns:ListSubscriptionsByTopic"], resources: addressed.map(({ arn }) => arn) }];

/** Shows the pictures of events. */
export const pictureReader = [onObjects(["GetObject"], "pictures", "registered"), tellingWhatIsGone];
